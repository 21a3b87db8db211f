"""Tables as they are shown: the same rows and words in text, HTML and Markdown.

A Grid holds finished strings, cleaned and of bounded length but not escaped. A column of which nothing
was measured is not there, and a table without rows is no Grid at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_perf.model import Table
from jupyter_perf.renderers.excerpt import clean, place

Kind = Literal["number", "code", "place", "text"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Heading:
    """A column's title, and what its cells are: numbers stand right, code in a fixed font."""

    title: str
    kind: Kind


@dataclass(frozen=True)
class Bar:
    """The length of a row's bar as a part of one, and how much of it was spent waiting."""

    share: float
    waiting: float = 0.0


@dataclass(frozen=True)
class Grid:
    """A table ready to be shown. All rows are in `frame` of `home`; `left_out` of them are not here."""

    frame: str
    title: str
    lead: str | None
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()
    left_out: int = 0
    home: str = "report.run"

    @property
    def address(self) -> str:
        """Where the user finds all rows."""
        return f"{self.home}.{self.frame}"


@dataclass(frozen=True)
class Spec:
    """A column to be: its heading and how a row of the model gives its text (None: not measured)."""

    title: str
    kind: Kind
    text: Callable[[Row], str | None]


def build(
    frame: str,
    title: str,
    table: Table,
    specs: Sequence[Spec],
    *,
    top: int,
    lead: str | None = None,
    bar: Callable[[Row], Bar] | None = None,
) -> Grid | None:
    """The first `top` rows of a table as a Grid; None where there are none."""
    rows = list(table.head(max(top, 0)).rows())
    if not rows:
        return None
    bars = tuple(bar(row) for row in rows) if bar else ()
    columns = [(spec, [spec.text(row) for row in rows]) for spec in specs]
    shown = [(spec, texts) for spec, texts in columns if any(texts)]
    return Grid(
        frame=frame,
        title=title,
        lead=lead,
        headings=tuple(Heading(spec.title, spec.kind) for spec, _ in shown),
        rows=tuple(zip(*([text or "" for text in texts] for _, texts in shown), strict=True)),
        bars=bars if any(each.share for each in bars) else (),
        left_out=len(table) - len(rows),
    )


def number(title: str, column: str, unit: Callable[[Any], str | None]) -> Spec:
    """A column of measured values in their unit."""
    return Spec(title, "number", lambda row: unit(row.get(column)))


def code(title: str, column: str) -> Spec:
    """A column of source, statements or function names."""

    def text(row: Row) -> str | None:
        value = row.get(column)
        return None if value is None else clean(str(value))

    return Spec(title, "code", text)


def words(title: str, column: str) -> Spec:
    """A column of names."""

    def text(row: Row) -> str | None:
        value = row.get(column)
        return None if value is None else clean(str(value), 200)

    return Spec(title, "text", text)


def spot(title: str = "Line") -> Spec:
    """The column that says in which file and line."""
    return Spec(title, "place", lambda row: place(row.get("file"), row.get("line")))


def bar_of(column: str, whole: float | None, waiting: str | None = None) -> Callable[[Row], Bar]:
    """Bars whose full length is `whole`; `waiting` names the column with the part spent waiting."""

    def make(row: Row) -> Bar:
        value, waited = row.get(column) or 0.0, (row.get(waiting) or 0.0) if waiting else 0.0
        if not whole or whole <= 0:
            return Bar(0.0)
        length = min(max(value / whole, 0.0), 1.0)
        return Bar(length, min(max(waited / whole, 0.0), length))

    return make
