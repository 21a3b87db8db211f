"""The pieces of the plain text: wrapped sentences, aligned tables, bars of blocks."""

from __future__ import annotations

import textwrap

from jupyter_perf.renderers import wording
from jupyter_perf.renderers.excerpt import fit, width
from jupyter_perf.renderers.grids import Bar, Grid

COLUMNS = 100
INDENT = "  "
_BAR_COLUMNS = 12
_WIDEST = {"number": 24, "place": 30, "text": 50, "code": COLUMNS}
_ORDER = {"place": 0, "text": 0, "number": 1, "code": 2}
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def wrapped(text: str, indent: str = "") -> str:
    """Lines of at most `COLUMNS`; a word that is longer is broken."""
    return textwrap.fill(text, COLUMNS, initial_indent=indent, subsequent_indent=indent)


def grid_text(grid: Grid) -> str:
    """A title, its sentence and an aligned table: places, numbers and the bar first, long code last."""
    order = sorted(range(len(grid.headings)), key=lambda i: _ORDER[grid.headings[i].kind])
    columns = [_column(grid, i) for i in order]
    code_at = next((at for at, i in enumerate(order) if grid.headings[i].kind == "code"), len(order))
    if grid.bars:
        bars = ["", *(_bar(bar) for bar in grid.bars)]
        columns.insert(code_at, [padded(bar, _BAR_COLUMNS) for bar in bars])
    lines = [wrapped(grid.title if grid.lead is None else f"{grid.title}. {grid.lead}")]
    lines += [fit(INDENT + "  ".join(cells).rstrip(), COLUMNS) for cells in zip(*columns, strict=True)]
    if grid.left_out:
        lines.append(f"{INDENT}{wording.left_out(grid.left_out, grid.address)}")
    return "\n".join(lines)


def _column(grid: Grid, index: int) -> list[str]:
    """A column's cells under its title, all of one width."""
    heading = grid.headings[index]
    texts = [heading.title, *(row[index] for row in grid.rows)]
    widest = min(max(width(text) for text in texts), _WIDEST[heading.kind])
    if heading.kind == "number":
        return [" " * (widest - width(text)) + text for text in texts]
    cut = _fit_end if heading.kind == "place" else fit
    return [padded(cut(text, widest), widest) for text in texts]


def _fit_end(text: str, columns: int) -> str:
    """The end of a place: the line number says more than the first folder."""
    return text if width(text) <= columns else "…" + text[1 - columns :]


def padded(text: str, columns: int) -> str:
    """The text with blanks up to this many terminal columns."""
    return text + " " * (columns - width(text))


def _bar(bar: Bar) -> str:
    """A bar to an eighth of a column; the part that was waiting is shaded instead of solid."""
    eighths = round(bar.share * _BAR_COLUMNS * 8)
    if bar.share > 0 and eighths == 0:
        eighths = 1
    shaded = round(bar.waiting * _BAR_COLUMNS)
    whole, rest = divmod(eighths, 8)
    if shaded == 0:
        return "█" * whole + _EIGHTHS[rest]
    return "█" * max(whole - shaded, 0) + "░" * min(shaded, max(whole, 1))
