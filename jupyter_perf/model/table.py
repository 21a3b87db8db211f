"""Columns of equal length: how a Run keeps what it measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Encoded:
    """A column in which few values occur often: `values[codes[i]]` is row i, code -1 is missing.

    A million statements with thirty texts cost four bytes a row instead of a string each.
    """

    codes: Sequence[int]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Any:
        code = self.codes[row]
        return None if code < 0 else self.values[code]

    def __iter__(self) -> Iterator[Any]:
        values = self.values
        return (None if code < 0 else values[code] for code in self.codes)


Column = Sequence[Any] | Encoded

# From so many rows on, numpy finds the largest sooner than it takes to import it.
_MANY = 5_000
# So many at a time, so that it takes little memory.
_BLOCK = 100_000


@dataclass(frozen=True)
class Table:
    """Columns by name, all of one length; None is a value that was not measured."""

    columns: Mapping[str, Column]

    @classmethod
    def of_rows(cls, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
        """A table from rows whose items stand in the order of `names`."""
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return cls(dict(zip(names, columns, strict=True)))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary, in order."""
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def head(self, count: int) -> Table:
        """The first `count` rows."""
        if len(self) <= count:
            return self
        return Table({name: [column[i] for i in range(count)] for name, column in self.columns.items()})

    def take(self, order: Sequence[int]) -> Table:
        """The rows at these positions, in this order."""
        return Table({name: [column[i] for i in order] for name, column in self.columns.items()})

    def sorted(self, by: str, *, descending: bool = True) -> Table:
        """The rows ordered by one column; a missing value counts as zero."""
        column = self.columns[by]
        order = sorted(range(len(self)), key=lambda i: column[i] or 0, reverse=descending)
        return self.take(order)

    def largest(self, by: str, count: int) -> Table:
        """The rows with the `count` largest numbers in one column, largest first; missing is smallest."""
        if len(self) <= max(count, _MANY):
            return self.sorted(by).head(count)
        import numpy as np

        column = np.asarray(self.columns[by], dtype=float)
        found = np.empty(0, dtype=np.intp)
        for start in range(0, len(column), _BLOCK):
            found = np.concatenate((found, np.arange(start, min(start + _BLOCK, len(column)))))
            numbers = np.nan_to_num(column[found], nan=-np.inf)
            if len(found) > count:
                kept = np.argpartition(numbers, -count)[-count:]
                found, numbers = found[kept], numbers[kept]
        return self.take(found[np.argsort(-numbers, kind="stable")].tolist())
