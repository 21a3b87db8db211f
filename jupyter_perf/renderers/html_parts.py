"""The pieces of the HTML: tags that escape what they hold, tables, bars in tables."""

from __future__ import annotations

import html
import re

from jupyter_perf.renderers import wording
from jupyter_perf.renderers.excerpt import shorten
from jupyter_perf.renderers.grids import Bar, Grid, Heading

_CODE_LIMIT, _WHOLE_LIMIT = 160, 1000
_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|µs|ns|min|h|%|bytes?|[kMGT]B)\b|%)")


class Markup(str):
    """HTML that is already escaped."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """Text as HTML shows it; a string that is Markup already stays as it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(text, quote=True))


def join(parts: list[Markup]) -> Markup:
    """Pieces one after the other."""
    return Markup("".join(parts))


def tag(name: str, *children: str, cls: str | None = None, **attributes: str | None) -> Markup:
    """An element. Children and values are escaped; an attribute that is None is not there.

    `cls` is the class, in words without the prefix: "row wide" becomes `jperf-row jperf-wide`. An
    underscore in an attribute's name stands for a hyphen, as in `aria_label`.
    """
    classes = None if cls is None else " ".join(f"jperf-{word}" for word in cls.split())
    pairs = {
        "class": classes,
        **{key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()},
    }
    inside = "".join(f" {key}='{escape(value)}'" for key, value in pairs.items() if value is not None)
    return Markup(f"<{name}{inside}>{''.join(escape(child) for child in children)}</{name}>")


def prose(text: str) -> Markup:
    """A sentence in which no line breaks between a number and its unit."""
    return Markup(_NUMBER_AND_UNIT.sub("&nbsp;", escape(text)))


def section(title: str, lead: str | None, *content: Markup) -> Markup:
    """A titled part. Not an `h3`: JupyterLab would put that into the notebook's table of contents."""
    heading = tag("div", tag("b", title), cls="title", role="heading", aria_level="3")
    said = tag("div", prose(lead), cls="lead") if lead else Markup("")
    return tag("div", heading, said, *content, cls="section")


def table(grid: Grid, caption: str | None = None) -> Markup:
    """A Grid as a table with a caption for screen readers and scoped headings."""
    code_at = next((i for i, heading in enumerate(grid.headings) if heading.kind == "code"), None)
    bar_at = len(grid.headings) if code_at is None else code_at + 1
    heads = [tag("th", heading.title, cls=heading.kind, scope="col") for heading in grid.headings]
    if grid.bars:
        heads.insert(bar_at, tag("td", cls="barhead", aria_hidden="true"))
    body = [_row(grid, i, bar_at) for i in range(len(grid.rows))]
    kind = "table" if code_at is not None else "table figures"
    said = tag("caption", caption or grid.title, cls="unseen")
    whole = tag("table", said, tag("thead", tag("tr", *heads)), tag("tbody", *body), cls=kind)
    more = (
        tag("div", wording.left_out(grid.left_out, grid.address), cls="more") if grid.left_out else Markup("")
    )
    return tag("div", tag("div", whole, cls="scroll"), more)


def _row(grid: Grid, index: int, bar_at: int) -> Markup:
    cells = [_cell(heading, text) for heading, text in zip(grid.headings, grid.rows[index], strict=True)]
    if grid.bars:
        cells.insert(bar_at, tag("td", _bar(grid.bars[index]), cls="barcell", aria_hidden="true"))
    return tag("tr", *cells)


def _cell(heading: Heading, text: str) -> Markup:
    if heading.kind == "number":
        return tag("td", text, cls="number")
    if heading.kind == "text":
        return tag("td", shorten(text, 120), cls="text")
    if heading.kind == "place":
        return tag("td", tag("code", *_breakable(shorten(text, 120))), cls="place")
    return tag("td", code(text), cls="code")


def _breakable(path: str) -> list[str]:
    """A place that may go on in the next line after a slash, and nowhere else."""
    parts = path.replace(" ", "\N{NO-BREAK SPACE}").split("/")
    return [piece for part in parts[:-1] for piece in (part + "/", Markup("<wbr>"))] + parts[-1:]


def code(text: str) -> Markup:
    """A line of code; a long one is cut, and opens to more of it on a click."""
    if len(text) <= _CODE_LIMIT:
        return tag("code", text)
    summary = tag("summary", tag("code", shorten(text, _CODE_LIMIT)))
    return tag("details", summary, tag("code", shorten(text, _WHOLE_LIMIT)), cls="long")


def _bar(bar: Bar) -> Markup:
    """A bar beside figures that say the same, so screen readers pass over it."""
    running = max(bar.share - bar.waiting, 0.0)
    parts = [
        tag("span", cls=name, style=f"--w:{percent(share)}")
        for name, share in (("run", running), ("wait", bar.waiting))
        if share > 0
    ]
    return tag("span", *parts, cls="bar")


def percent(share: float) -> str:
    """A length in CSS."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"
