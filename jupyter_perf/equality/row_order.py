"""Rows of a table matched without regard to their order.

Each side gets a 64-bit digest a row, made column by column, and an order by it: 16 bytes a row whatever the
columns, no copy of them. Rows of equal digests are then compared column by column, block by block.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from jupyter_perf.equality.array_blocks import BLOCK
from jupyter_perf.equality.base import Difference, IncomparableError
from jupyter_perf.equality.matching import Matching
from jupyter_perf.equality.wording import counted, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows whose cells are arbitrary objects are matched one by one where their digests do not tell them apart.
OBJECT_ROWS = 100_000
# Columns of the row that is shown.
SHOWN = 6


class Column(ABC):
    """One column of a table, by position."""

    def __init__(self, name: str, values: Any) -> None:
        self.name = name
        self.values = values

    @abstractmethod
    def digests(self, start: int, stop: int) -> NDArray[Any]:
        """64 bits for each value of a block, the same for what is the same."""

    @abstractmethod
    def same(self, order: NDArray[Any], other: Self, other_order: NDArray[Any]) -> bool:
        """Whether the values at these positions are the same as the other's; False also where unsure."""

    @abstractmethod
    def items(self, positions: Iterable[int]) -> list[Any]:
        """The values at these positions."""


def unmatched_rows(
    before: Sequence[Column], after: Sequence[Column], rows: int, others: int
) -> Iterator[Difference]:
    """The first row, in words, that has no like in the other table; the columns stand in one order."""
    import numpy as np

    digests, orders = [], []
    for columns, length in ((before, rows), (after, others)):
        digest = _row_digests(columns, length)
        order = np.argsort(digest, kind="stable")
        digests.append(digest[order])
        orders.append(order)
    lengths = "" if rows == others else f" ({counted(rows, 'row')} and {counted(others, 'row')})"
    for here, columns in enumerate((before, after)):
        found = _surplus(digests[here], digests[1 - here], orders[here])
        if found is not None:
            yield _lacking(columns, found, here, lengths)
            return
    if not all(_same_rows(*pair, *orders) for pair in zip(before, after, strict=True)):
        yield from _matched_one_by_one(before, after, rows)


def _row_digests(columns: Sequence[Column], rows: int) -> NDArray[Any]:
    """A digest a row, that of each column mixed in."""
    import numpy as np

    total = np.zeros(rows, dtype=np.uint64)
    for start in range(0, rows, BLOCK):
        part = total[start : start + BLOCK]
        for column in columns:
            digest = column.digests(start, start + len(part))
            # As a polynomial in an odd constant (that of Knuth's 64-bit generator), modulo 2 to the 64.
            part *= np.uint64(6364136223846793005)
            part += digest
    return total


def _surplus(own: NDArray[Any], other: NDArray[Any], order: NDArray[Any]) -> int | None:
    """The first row, by position, whose digest stands here more often than there."""
    import numpy as np

    found = None
    for start in range(0, len(own), BLOCK):
        block = own[start : start + BLOCK]
        here = np.searchsorted(own, block, "right") - np.searchsorted(own, block, "left")
        there = np.searchsorted(other, block, "right") - np.searchsorted(other, block, "left")
        positions = order[start : start + BLOCK][here > there]
        if len(positions):
            first = int(positions.min())
            found = first if found is None else min(found, first)
    return found


def _same_rows(before: Column, after: Column, order_before: NDArray[Any], order_after: NDArray[Any]) -> bool:
    """Whether a column is the same in both, each taken in its own order."""
    return all(
        before.same(order_before[start : start + BLOCK], after, order_after[start : start + BLOCK])
        for start in range(0, len(order_before), BLOCK)
    )


def _matched_one_by_one(before: Sequence[Column], after: Sequence[Column], rows: int) -> Iterator[Difference]:
    if rows > OBJECT_ROWS:
        raise IncomparableError(
            f"{rows:,} rows with cells of arbitrary objects are too many to be matched in any order: "
            "sort both, or compare fewer columns"
        )
    ones, others = _tuples(before, rows), _tuples(after, rows)
    matching = Matching(ones, others)
    for position in matching.surplus_before():
        yield _lacking(before, position, 0, "")
    for position in matching.surplus_after():
        yield _lacking(after, position, 1, "")


def _tuples(columns: Sequence[Column], rows: int) -> list[tuple[Any, ...]]:
    return list(zip(*(column.items(range(rows)) for column in columns), strict=True))


def _lacking(columns: Sequence[Column], position: int, side: int, lengths: str) -> Difference:
    here, there = ("before", "after") if side == 0 else ("after", "before")
    cells = [
        f"{column.name}={shown(value)}" if column.name else shown(value)
        for column in columns[:SHOWN]
        for value in column.items([position])
    ]
    row = ", ".join(cells) + (", ..." if len(columns) > SHOWN else "")
    return Difference(f"row {position} of {here}", f"({row}) has no counterpart in {there}{lengths}")
