"""pyarrow: names and types, then column by column, block by block. It cannot be changed in place.

Unordered: the rows of a table, or the values of an array, in any order. Metadata of the schema is not data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from jupyter_perf.equality.array_blocks import BLOCK
from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules, identity
from jupyter_perf.equality.digests import matching_digest
from jupyter_perf.equality.kinds import Kinds
from jupyter_perf.equality.row_order import Column, unmatched_rows
from jupyter_perf.equality.sequences import simply_same
from jupyter_perf.equality.wording import counted, full_name

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ArrowTables(Kind):
    """Table and RecordBatch."""

    types = ("pyarrow.Table", "pyarrow.RecordBatch")

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Schema, number of rows, then value by value."""
        yield Pair("names of the columns", tuple(before.schema.names), tuple(after.schema.names))
        columns = [
            (name, before.column(position), after.column(position))
            for position, name in enumerate(before.schema.names)
        ]
        for name, one, another in columns:
            yield from _types_differ(f"column `{name}`", one, another, rules)
        if rules.any_order:
            ones = [ArrowColumn(name, one) for name, one, _ in columns]
            others = [ArrowColumn(name, another) for name, _, another in columns]
            yield from unmatched_rows(ones, others, before.num_rows, after.num_rows)
            return
        if before.num_rows != after.num_rows:
            yield Difference("", f"{counted(before.num_rows, 'row')} and {counted(after.num_rows, 'row')}")
        for name, one, another in columns:
            for position, first, second in _unequal_values(one, another):
                yield Pair(f"row {position}, column `{name}`", first, second)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Which table it is, or its shape: it cannot be changed."""
        if not reading.for_matching:
            yield from identity(value, reading)
        yield f"{full_name(type(value))} {value.num_rows} {value.schema.names}".encode(errors="replace")


class ArrowArrays(Kind):
    """Array and ChunkedArray; how an array is divided into chunks is no difference."""

    types = ("pyarrow.Array", "pyarrow.ChunkedArray")

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """Each type has a class of its own: the type is told instead."""
        return None

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Type, length, then value by value."""
        yield from _types_differ("", before, after, rules)
        if rules.any_order:
            ones, others = [ArrowColumn("", before)], [ArrowColumn("", after)]
            yield from unmatched_rows(ones, others, len(before), len(after))
            return
        if len(before) != len(after):
            yield Difference("", f"{counted(len(before), 'value')} and {counted(len(after), 'value')}")
        for position, first, second in _unequal_values(before, after):
            yield Pair(f"value {position}", first, second)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Which array it is, or its shape: it cannot be changed."""
        if not reading.for_matching:
            yield from identity(value, reading)
        yield f"{full_name(type(value))} {value.type} {len(value)}".encode(errors="replace")


class ArrowColumn(Column):
    """A column of pyarrow's in a table whose rows are matched."""

    def digests(self, start: int, stop: int) -> NDArray[Any]:
        """By the values as Python has them."""
        import numpy as np

        kinds = Kinds()
        items = self.values.slice(start, stop - start).to_pylist()
        numbers = (int.from_bytes(matching_digest(item, kinds)[:8], "little") for item in items)
        return np.fromiter(numbers, dtype=np.uint64, count=len(items))

    def same(self, order: NDArray[Any], other: Self, other_order: NDArray[Any]) -> bool:
        """By pyarrow, and value by value where that says no: to it NaN is not NaN."""
        before, after = self.values.take(_indexes(order)), other.values.take(_indexes(other_order))
        return bool(before.equals(after)) or all(
            simply_same(one, another) or one is another or (one != one and another != another)
            for one, another in zip(before.to_pylist(), after.to_pylist(), strict=True)
        )

    def items(self, positions: Iterable[int]) -> list[Any]:
        """As Python has them."""
        return [self.values[position].as_py() for position in positions]


def _indexes(positions: NDArray[Any]) -> Any:
    import sys

    return sys.modules["pyarrow"].array(positions)


def _types_differ(place: str, before: Any, after: Any, rules: Rules) -> Iterator[Difference]:
    if not rules.close and before.type != after.type:
        yield Difference(place, f"type {before.type} and {after.type}")


def _unequal_values(before: Any, after: Any) -> Iterator[tuple[int, Any, Any]]:
    for start in range(0, len(before), BLOCK):
        one, another = before.slice(start, BLOCK), after.slice(start, BLOCK)
        if one.type == another.type and type(one) is type(another) and one.equals(another):
            continue
        for position, (first, second) in enumerate(zip(one.to_pylist(), another.to_pylist(), strict=True)):
            if not simply_same(first, second):
                yield start + position, first, second
