"""snakeviz's own view of the exact counts: inside the output, or in a browser from a terminal.

Inside the output it is a sandboxed frame whose page is snakeviz's template with its scripts, styles,
images and web worker inlined. It asks no server for anything, so that it works through JupyterHub, offline,
and in a saved notebook. The data are inserted as JSON that cannot end a script, whatever names it holds.
"""

from __future__ import annotations

import base64
import html
import json
import pstats
import re
import subprocess
import sys
import tempfile
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jupyter_perf.model import Report
from jupyter_perf.renderers.prof import Prof, Stats, pstats_form
from jupyter_perf.renderers.snakeviz_notices import NOTICES

_HEIGHT_PX = 900
# As long as snakeviz's own magic leaves its server to a browser that loads the page.
_SERVER_S = 3.0

_SCRIPT = re.compile(r"""<script src=["']/static/([^"']+)["']></script>""")
_STYLE = re.compile(r"""<link href=["']/static/([^"']+)["'] rel=["']stylesheet["']>""")
_IMAGE = re.compile(r"""url\(["']?\.\./([^"')]+)["']?\)""")

# The worker is made from the text of the page's #hierarchy-worker. It would load two libraries from the
# network: here they stand in front of its text, and importScripts does nothing.
_WORKER = '<script id="hierarchy-worker"'
# The template has the call graph twice, for the page and for the worker; `self` names either one.
_DATA = "self.jupyter_perf_callees"
_WORKER_LIBRARIES = ("vendor/immutable.min.js", "vendor/lodash.min.js")
_WORKER_SETUP = """
(function () {
  var worker = document.getElementById("hierarchy-worker");
  var libraries = document.querySelectorAll("script[data-for-worker]");
  var parts = ["self.importScripts = function () {};"];
  libraries.forEach(function (library) { parts.push(library.textContent); });
  worker.textContent = parts.concat(worker.textContent).join("\\n;\\n");
})();
"""


def snakeviz_html(report: Report) -> str:
    """An `<iframe>` with snakeviz's page.

    Raises ValueError, in one sentence, where calls were not counted or snakeviz is not to be had.
    """
    page = html.escape(snakeviz_page(report), quote=False).replace("'", "&#x27;")
    return (
        '<iframe title="snakeviz" sandbox="allow-scripts" '
        f'style="width: 100%; height: {_HEIGHT_PX}px; border: 0; background: white" '
        f"srcdoc='{page}'></iframe>"
    )


def snakeviz_page(report: Report) -> str:
    """snakeviz's page, complete in itself; raises ValueError as `snakeviz_html` does."""
    if not len(report.run.table("exact_functions")):
        raise ValueError("calls were not counted in this run; --snakeviz and --exact count them")
    stats = pstats_form(report)
    try:
        from snakeviz.stats import json_stats, table_rows
        from tornado.template import Loader
    except ImportError as error:
        raise ValueError("--snakeviz needs the packages snakeviz and tornado: install them") from error
    package = resources.files("snakeviz")
    with resources.as_file(package / "templates") as folder:
        template = Loader(str(folder)).load("viz.html")
    page = template.generate(
        profile_name=report.run.label or "cell",
        table_rows=_script_json(table_rows(_Profile.stats_of(stats))),
        callees=_DATA,
    )
    callees = _script_json(json_stats(_Profile.stats_of(stats)))
    return _inlined(page.decode("utf-8"), package / "static", callees)


def open_in_browser(report: Report) -> None:
    """Show the counts from a terminal as snakeviz's own magic does: a server, and a browser that reads it.

    Returns after three seconds, when the browser has its page; the server and its file are gone then.
    Raises ValueError where calls were not counted, RuntimeError with snakeviz's reason where it fails.
    """
    content = Prof().render(report)
    with tempfile.TemporaryDirectory(prefix="jupyter_perf-") as folder:
        path = Path(folder, "cell.prof")
        path.write_bytes(content)
        server = subprocess.Popen(
            [sys.executable, "-m", "snakeviz", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with server:
            try:
                _, complaint = server.communicate(timeout=_SERVER_S)
            except subprocess.TimeoutExpired:
                return
            finally:
                server.terminate()
    reasons = [line for line in complaint.splitlines() if "error:" in line] or complaint.splitlines()[-1:]
    raise RuntimeError(f"snakeviz could not show the profile: {''.join(reasons) or 'it ended at once'}")


class _Profile:
    """A profile for `pstats.Stats`, which takes any object that can make its statistics."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats

    def create_stats(self) -> None:
        """Nothing to do: they are made."""

    @classmethod
    def stats_of(cls, stats: Stats) -> pstats.Stats:
        made: Any = cls(stats)
        return pstats.Stats(made)


def _script_json(value: object) -> str:
    """JSON that is also JavaScript, and in which no text can end the script or begin a comment."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _inlined(page: str, static: Traversable, callees: str) -> str:
    page = _STYLE.sub(lambda match: f"<style>\n{_style(static, match[1])}\n</style>", page)
    page = _SCRIPT.sub(lambda match: _script(static, match[1]), page)
    begin = page.find(_WORKER)
    end = page.find("</script>", begin) + len("</script>")
    data = f"<script data-for-worker>{_DATA} = {callees};</script>\n"
    page = f"{page[:begin]}{data}{page[begin:end]}\n<script>{_WORKER_SETUP}</script>{page[end:]}"
    left = re.search(r"""(?:src|href)=["']/static/""", page)
    if begin < 0 or left:
        raise ValueError("this version of snakeviz has a page that jupyter_perf cannot put into an output")
    notices = _licence().replace("--", "- -") + "\n" + NOTICES
    return page.replace("<html>", f"<html>\n<!--\n{notices}\n-->", 1)


def _style(static: Traversable, name: str) -> str:
    def image(match: re.Match[str]) -> str:
        file = static / match[1]
        if not file.is_file():
            return "none"
        return f"url(data:image/png;base64,{base64.b64encode(file.read_bytes()).decode('ascii')})"

    return _IMAGE.sub(image, (static / name).read_text("utf-8"))


def _script(static: Traversable, name: str) -> str:
    text = (static / name).read_text("utf-8")
    text = re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE).replace("<!--", r"<\!--")
    mark = " data-for-worker" if name in _WORKER_LIBRARIES else ""
    return f"<script{mark}>\n{text}\n</script>"


@cache
def _licence() -> str:
    """snakeviz's licence, as its distribution has it."""
    distribution = metadata.distribution("snakeviz")
    for file in distribution.files or ():
        if file.name.upper().startswith("LICENSE"):
            text = Path(str(distribution.locate_file(file))).read_text(encoding="utf-8")
            return f"snakeviz {distribution.version}\n\n{text}"
    raise ValueError("snakeviz's licence is not with its package, and its page may not go without it")
