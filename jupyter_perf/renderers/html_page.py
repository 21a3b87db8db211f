"""The report as a page of its own, for `--dump PATH.html`: the fragment in a minimal document."""

from __future__ import annotations

from jupyter_perf.model import Report
from jupyter_perf.renderers import Renderer
from jupyter_perf.renderers.excerpt import clean
from jupyter_perf.renderers.html_fragment import fragment
from jupyter_perf.renderers.html_parts import tag

# A file may be larger than a notebook's output; this much a browser still opens at once.
BUDGET = 2_000_000
# The page beside the report, in the report's own back colours.
_PAGE_STYLE = "body{margin:0}@media(prefers-color-scheme:dark){body{background:#16191d}}"


class HtmlPageRenderer(Renderer):
    """A self-contained document that any browser opens."""

    ending = ".html"

    def render(self, report: Report, *, top: int = 20) -> str:
        """The report as an HTML document."""
        title = tag("title", f"Performance report {clean(report.run.label or '', 80)}".strip())
        return (
            "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width'>"
            f"<style>{_PAGE_STYLE}</style>"
            f"<meta name='color-scheme' content='light dark'>{title}</head>"
            f"<body>\n{fragment(report, top, BUDGET)}\n</body></html>\n"
        )
