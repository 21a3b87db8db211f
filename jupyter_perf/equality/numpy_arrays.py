"""numpy's arrays: shape, dtype, then element by element, block by block.

Exact: the dtypes are equal, byte order included; NaN and NaT equal themselves. Close: numbers of any dtype
within the tolerance. Unordered: the rows (for one dimension, the elements) of the outermost array.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jupyter_perf.equality.array_blocks import NUMBERS, array_bytes, first_unequal
from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.column_blocks import ArrayColumn
from jupyter_perf.equality.row_order import unmatched_rows
from jupyter_perf.equality.sequences import sampled_items, simply_same
from jupyter_perf.equality.wording import both, full_name

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Arrays(Kind):
    """ndarray and its subclasses, each seen as a plain ndarray."""

    types = ("numpy.ndarray",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Type, shape, elements."""
        yield from compare_arrays(_plain(before), _plain(after), rules)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type, shape, elements."""
        array = _plain(value)
        yield f"{full_name(type(value))} {array.dtype} {array.shape}".encode(errors="replace")
        yield from array_content(array, reading)


class MaskedArrays(Kind):
    """What is masked is equal to what is masked, whatever lies below."""

    types = ("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """The masks, then what they leave visible."""
        import numpy as np

        if rules.any_order or before.dtype.hasobject or after.dtype.hasobject or before.dtype.names:
            yield from _dtypes_differ(before, after, rules)
            yield Pair("", before.tolist(), after.tolist())
            return
        yield from _dtypes_differ(before, after, rules)
        mask = np.ma.getmaskarray(before)
        yield Pair("mask", mask, np.ma.getmaskarray(after))
        data = np.ma.getdata(before), np.ma.getdata(after)
        found = first_unequal(*data, rules.close, mask)
        if found is not None:
            yield Difference(_place(data[0], found), both(data[0].flat[found], data[1].flat[found]))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """The mask and the data; for matching the mask alone."""
        import numpy as np

        yield full_name(type(value)).encode(errors="replace")
        yield Item(np.ma.getmaskarray(value))
        if reading.for_matching:
            yield str(value.shape).encode()
        else:
            yield Item(np.ma.getdata(value))


class Scalars(Kind):
    """numpy's scalars that are neither numbers nor text: dates, durations, records."""

    types = ("numpy.generic", "numpy.timedelta64")  # the latter is a number to numpy
    is_scalar = True

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """As arrays without dimensions."""
        import numpy as np

        one, another = np.asarray(before), np.asarray(after)
        if one.dtype.names is not None:
            yield from compare_arrays(one, another, rules)
        elif (not rules.close and one.dtype != another.dtype) or first_unequal(
            one, another, rules.close
        ) == 0:
            yield Difference("", both(before, after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type and value."""
        import numpy as np

        yield f"{full_name(type(value))} {value.dtype}".encode()
        yield from array_content(np.asarray(value), reading)


class MachineArrays(Kind):
    """The standard library's array.array, through a view of numpy's."""

    types = ("array.array",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """As arrays of numpy, text as lists."""
        import numpy as np

        if before.typecode in "uw" or after.typecode in "uw":
            yield Pair("", before.tolist(), after.tolist())
        else:
            yield Pair("", np.asarray(before), np.asarray(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type code and elements."""
        import numpy as np

        yield value.typecode.encode()
        yield Item(value.tolist() if value.typecode in "uw" else np.asarray(value))


def compare_arrays(before: NDArray[Any], after: NDArray[Any], rules: Rules) -> Iterator[Pair | Difference]:
    """Two plain arrays."""
    yield from _dtypes_differ(before, after, rules)
    if before.dtype.names is not None and before.dtype.names == after.dtype.names and not rules.any_order:
        if before.shape != after.shape:
            yield _shapes_differ(before, after)
        for name in before.dtype.names:
            yield Pair(f"field `{name}`", before[name], after[name])
    elif rules.any_order and before.ndim:
        if before.shape[1:] != after.shape[1:]:
            yield _shapes_differ(before, after)
        else:
            yield from unmatched_rows(_columns(before), _columns(after), len(before), len(after))
    elif before.shape != after.shape:
        yield _shapes_differ(before, after)
    elif "O" in before.dtype.kind + after.dtype.kind:
        items = zip(before.flat, after.flat, strict=True)
        for position, (one, another) in enumerate(items):
            if not simply_same(one, another):
                yield Pair(_place(before, position), one, another)
    else:
        found = first_unequal(before, after, rules.close)
        if found is not None:
            one, another = before.flat[found], after.flat[found]
            yield Difference(_place(before, found), both(one, another))


def array_content(array: NDArray[Any], reading: Reading) -> Iterator[bytes | Item]:
    """The elements of an array of any dtype."""
    if array.dtype.names is not None:
        for name in array.dtype.names:
            yield from array_content(array[name], reading)
    elif array.dtype.hasobject:
        yield from sampled_items(iter(array.flat), array.size, reading)
    else:
        yield from array_bytes(array, reading)


def _dtypes_differ(before: NDArray[Any], after: NDArray[Any], rules: Rules) -> Iterator[Difference]:
    if before.dtype == after.dtype:
        return
    if rules.close:
        kinds = before.dtype.kind, after.dtype.kind
        comparable = kinds[0] == kinds[1] or "O" in kinds or all(kind in NUMBERS for kind in kinds)
        if comparable and before.dtype.names == after.dtype.names:
            return
    yield Difference("", f"dtype {before.dtype} and {after.dtype}")


def _shapes_differ(before: NDArray[Any], after: NDArray[Any]) -> Difference:
    return Difference("", f"shape {before.shape} and {after.shape}")


def _place(array: NDArray[Any], position: int) -> str:
    """Where the element at a position in C order is, by its index."""
    import numpy as np

    index = np.unravel_index(position, array.shape)
    where = ", ".join(str(int(one)) for one in index)
    return f"element [{where}]" if where else ""


def _columns(array: NDArray[Any], name: str = "") -> list[ArrayColumn]:
    """An array's rows, column by column, each as one dimension."""
    if array.dtype.names is not None:
        return [column for field in array.dtype.names for column in _columns(array[field], field)]
    if array.ndim == 1:
        return [ArrayColumn(name, array)]
    flat = array.reshape(len(array), -1) if len(array) else array.reshape(0, 0)
    return [ArrayColumn(name, flat[:, number]) for number in range(flat.shape[1])]


def _plain(value: Any) -> NDArray[Any]:
    import numpy as np

    return np.ndarray.view(value, np.ndarray)
