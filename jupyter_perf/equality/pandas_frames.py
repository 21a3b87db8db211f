"""pandas: columns, index, dtypes, then cell by cell, each column block by block.

Exact: labels and their order, names of index and columns, dtypes, values; a missing value equals one of its
own kind. A RangeIndex is the index of integers that it stands for. Close: dtypes may differ, numbers within
the tolerance, missing is missing. Unordered: rows in any order with their labels, or without them where
both indexes only number the rows; columns in any order, by their names. A row is told by its position, from
0, and by its label where that is another.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.column_blocks import ArrayColumn, column_content, unequal_cells, values_of
from jupyter_perf.equality.row_order import unmatched_rows
from jupyter_perf.equality.wording import counted, full_name, shortened, shown


class Frames(Kind):
    """DataFrame, and its subclasses by the same parts."""

    types = ("pandas.DataFrame",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Columns, dtypes, index, then cell by cell."""
        order = yield from _matching_columns(before.columns, after.columns, rules)
        columns = [
            (f"column `{shortened(str(label))}`", before.iloc[:, here], after.iloc[:, there])
            for here, (label, there) in enumerate(zip(before.columns, order, strict=True))
        ]
        for place, one, another in columns:
            yield from _dtypes_differ(place, one, another, rules)
        if rules.any_order:
            yield from _compare_rows(before.index, after.index, columns)
            return
        yield from _lengths_differ(before, after)
        yield Pair("index", before.index, after.index)
        for place, one, another in columns:
            yield from _cells(one, another, rules, row_of(before.index), place)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Index, labels, and each column."""
        yield full_name(type(value)).encode(errors="replace")
        yield Item(value.index)
        yield Item(value.columns)
        for position in range(value.shape[1]):
            yield from column_content(values_of(value.iloc[:, position]), reading)


class ColumnsAlone(Kind):
    """Series."""

    types = ("pandas.Series",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Name, dtype, index, then cell by cell."""
        yield Pair("name", before.name, after.name)
        yield from _dtypes_differ("", before, after, rules)
        if rules.any_order:
            yield from _compare_rows(before.index, after.index, [("", before, after)])
            return
        yield from _lengths_differ(before, after)
        yield Pair("index", before.index, after.index)
        yield from _cells(before, after, rules, row_of(before.index), "")

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Name, index, values."""
        yield full_name(type(value)).encode(errors="replace")
        yield Item(value.name)
        yield Item(value.index)
        yield from column_content(values_of(value), reading)


class Indexes(Kind):
    """An index of any class: its labels, their dtype and its names."""

    types = ("pandas.Index",)

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """The classes may differ, the number of levels may not."""
        if before.nlevels != after.nlevels:
            return f"{counted(before.nlevels, 'level')} and {counted(after.nlevels, 'level')}"
        return None

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Names, dtypes, then label by label."""
        yield Pair("names", tuple(before.names), tuple(after.names))
        levels = [(_level(before, number), _level(after, number)) for number in range(before.nlevels)]
        for one, another in levels:
            yield from _dtypes_differ("", one(slice(0)), another(slice(0)), rules)
        if rules.any_order:
            yield from _unordered_labels(before, after)
            return
        yield from _lengths_differ(before, after, "label")
        if all(hasattr(index, "step") for index in (before, after)) and before.equals(after):
            return
        for one, another in levels:
            label = _Sliced(one, len(before)), _Sliced(another, len(after))
            for position, first, second in unequal_cells(*label, rules):
                yield Pair(f"label {position}", first, second)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Names and labels; a RangeIndex by its bounds."""
        yield Item(tuple(value.names))
        if hasattr(value, "step"):
            numbers = (
                f"{value.start} {value.stop} {value.step}" if not reading.for_matching else str(len(value))
            )
            yield numbers.encode()
            return
        for number in range(value.nlevels):
            yield from column_content(values_of(value.get_level_values(number)), reading)


class ExtensionArrays(Kind):
    """Categorical and the other arrays of pandas' own."""

    types = ("pandas.api.extensions.ExtensionArray",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Dtype, then element by element."""
        yield from _dtypes_differ("", before, after, rules)
        if rules.any_order:
            ones, others = [ArrayColumn("", before)], [ArrayColumn("", after)]
            yield from unmatched_rows(ones, others, len(before), len(after))
            return
        yield from _lengths_differ(before, after, "element")
        for position, first, second in unequal_cells(before, after, rules):
            yield Pair(f"element {position}", first, second)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Dtype and elements."""
        yield from column_content(value, reading)


class _Sliced:
    """A level of an index of which only blocks are made."""

    def __init__(self, level: Callable[[slice], Any], length: int) -> None:
        self._level = level
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, cut: slice) -> Any:
        return self._level(cut)


def _level(index: Any, number: int) -> Callable[[slice], Any]:
    return lambda cut: index[cut].get_level_values(number)


def row_of(index: Any) -> Callable[[int], str]:
    """How a row is named: by its position, and its label where the index does more than number the rows."""
    if _only_numbers(index):
        return lambda position: f"row {position}"
    return lambda position: f"row {position} (label {shown(index[position])})"


def _only_numbers(index: Any) -> bool:
    """Whether an index is pandas' default one: 0, 1, 2, without a name."""
    return getattr(index, "start", None) == 0 and getattr(index, "step", None) == 1 and index.name is None


def _matching_columns(before: Any, after: Any, rules: Rules) -> Generator[Pair | Difference, None, list[int]]:
    """Yields what differs in the labels; returns the position in `after` of each column of `before`."""
    yield Pair("names of the columns", tuple(before.names), tuple(after.names))
    places = {label: position for position, label in enumerate(after)}
    own = set(before)
    for label in before:
        if label not in places:
            yield Difference(f"column `{shortened(str(label))}`", "only before has it")
    for label in after:
        if label not in own:
            yield Difference(f"column `{shortened(str(label))}`", "only after has it")
    if len(before) != len(after):
        yield Difference("", f"{counted(len(before), 'column')} and {counted(len(after), 'column')}")
    if rules.any_order and before.is_unique and after.is_unique:
        return [places[label] for label in before]
    for position, (one, another) in enumerate(zip(before, after, strict=True)):
        yield Pair(f"label of column {position}", one, another)
    return list(range(len(before)))


def _dtypes_differ(place: str, before: Any, after: Any, rules: Rules) -> Iterator[Difference]:
    if not rules.close and before.dtype != after.dtype:
        yield Difference(place, f"dtype {before.dtype} and {after.dtype}")


def _lengths_differ(before: Any, after: Any, noun: str = "row") -> Iterator[Difference]:
    if len(before) != len(after):
        yield Difference("", f"{counted(len(before), noun)} and {counted(len(after), noun)}")


def _cells(before: Any, after: Any, rules: Rules, row: Callable[[int], str], place: str) -> Iterator[Pair]:
    for position, first, second in unequal_cells(values_of(before), values_of(after), rules):
        yield Pair(f"{row(position)}, {place}" if place else row(position), first, second)


def _compare_rows(
    before: Any, after: Any, columns: list[tuple[str, Any, Any]]
) -> Iterator[Pair | Difference]:
    """Rows in any order; `before` and `after` are the indexes."""
    ones = [ArrayColumn(_bare(place), values_of(one)) for place, one, _ in columns]
    others = [ArrayColumn(_bare(place), values_of(another)) for place, _, another in columns]
    if not (_only_numbers(before) and _only_numbers(after)):
        yield Pair("names of the index", tuple(before.names), tuple(after.names))
        labels, other_labels = _label_columns(before), _label_columns(after)
        for one, another in zip(labels, other_labels, strict=True):
            yield from _dtypes_differ("index", one.values, another.values, Rules("exact"))
        ones, others = [*labels, *ones], [*other_labels, *others]
    yield from unmatched_rows(ones, others, len(before), len(after))


def _unordered_labels(before: Any, after: Any) -> Iterator[Difference]:
    yield from unmatched_rows(_label_columns(before), _label_columns(after), len(before), len(after))


def _label_columns(index: Any) -> list[ArrayColumn]:
    return [
        ArrayColumn(str(name or "label"), values_of(index.get_level_values(number)))
        for number, name in enumerate(index.names)
    ]


def _bare(place: str) -> str:
    return place.removeprefix("column `").removesuffix("`")
