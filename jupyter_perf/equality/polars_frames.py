"""polars: names and dtypes, then column by column, block by block.

polars itself takes NaN for equal to NaN. Unordered: rows in any order, columns in any order by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from jupyter_perf.equality.array_blocks import BLOCK, NUMBERS, spans, unequal
from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.column_blocks import CELL_BYTES
from jupyter_perf.equality.row_order import Column, unmatched_rows
from jupyter_perf.equality.sequences import simply_same
from jupyter_perf.equality.wording import counted, full_name

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PolarsFrames(Kind):
    """polars.DataFrame."""

    types = ("polars.DataFrame",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Names, dtypes, then cell by cell."""
        if rules.any_order:
            yield Pair("names of the columns", set(before.columns), set(after.columns))
        else:
            yield Pair("names of the columns", tuple(before.columns), tuple(after.columns))
        for name in before.columns:
            yield from _dtypes_differ(f"column `{name}`", before[name], after[name], rules)
        if rules.any_order:
            ones, others = (
                [SeriesColumn(name, frame[name]) for name in before.columns] for frame in (before, after)
            )
            yield from unmatched_rows(ones, others, len(before), len(after))
            return
        if len(before) != len(after):
            yield Difference("", f"{counted(len(before), 'row')} and {counted(len(after), 'row')}")
        for name in before.columns:
            for position, one, another in _unequal_cells(before[name], after[name], rules):
                yield Pair(f"row {position}, column `{name}`", one, another)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Names and values."""
        yield full_name(type(value)).encode(errors="replace")
        for name in value.columns:
            yield name.encode(errors="replace")
            yield from _series_content(value[name], reading)


class PolarsSeries(Kind):
    """polars.Series."""

    types = ("polars.Series",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Name, dtype, then value by value."""
        yield Pair("name", before.name, after.name)
        yield from _dtypes_differ("", before, after, rules)
        if rules.any_order:
            ones, others = [SeriesColumn("", before)], [SeriesColumn("", after)]
            yield from unmatched_rows(ones, others, len(before), len(after))
            return
        if len(before) != len(after):
            yield Difference("", f"{counted(len(before), 'row')} and {counted(len(after), 'row')}")
        for position, one, another in _unequal_cells(before, after, rules):
            yield Pair(f"row {position}", one, another)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Name and values."""
        yield value.name.encode(errors="replace")
        yield from _series_content(value, reading)


class SeriesColumn(Column):
    """A column of polars' in a table whose rows are matched."""

    def digests(self, start: int, stop: int) -> NDArray[Any]:
        """polars' own hashes, in which NaN is NaN and -0.0 is 0.0."""
        hashed: NDArray[Any] = self.values.slice(start, stop - start).hash().to_numpy()
        return hashed

    def same(self, order: NDArray[Any], other: Self, other_order: NDArray[Any]) -> bool:
        """By polars."""
        return bool(self.values.gather(order).equals(other.values.gather(other_order)))

    def items(self, positions: Iterable[int]) -> list[Any]:
        """As Python has them."""
        return [self.values.slice(position, 1).to_list()[0] for position in positions]


def _dtypes_differ(place: str, before: Any, after: Any, rules: Rules) -> Iterator[Difference]:
    if not rules.close and before.dtype != after.dtype:
        yield Difference(place, f"dtype {before.dtype} and {after.dtype}")


def _unequal_cells(before: Any, after: Any, rules: Rules) -> Iterator[tuple[int, Any, Any]]:
    for start in range(0, len(before), BLOCK):
        one, another = before.slice(start, BLOCK), after.slice(start, BLOCK)
        if rules.close and _all_close(one, another):
            continue
        # Series of objects are never equal to polars: they are told item by item.
        if one.dtype == another.dtype and str(one.dtype) != "Object" and one.equals(another):
            continue
        pairs = zip(one.to_list(), another.to_list(), strict=True)
        for position, (first, second) in enumerate(pairs):
            if not simply_same(first, second):
                yield start + position, first, second


def _all_close(before: Any, after: Any) -> bool:
    """Whether two blocks of numbers without nulls are within the tolerance."""
    if (
        not (before.dtype.is_numeric() and after.dtype.is_numeric())
        or before.null_count() + after.null_count()
    ):
        return False
    one, another = before.to_numpy(), after.to_numpy()
    if not (one.dtype.kind in NUMBERS and another.dtype.kind in NUMBERS):
        return False
    return not unequal(one, another, close=True).any()


def _series_content(series: Any, reading: Reading) -> Iterator[bytes | Item]:
    yield f"{series.dtype} {len(series)}".encode(errors="replace")
    if str(series.dtype) == "Object":
        yield Item(series.to_list())
        return
    for start, stop in spans(len(series), CELL_BYTES, reading):
        yield series.slice(start, stop - start).hash().to_numpy().tobytes()
