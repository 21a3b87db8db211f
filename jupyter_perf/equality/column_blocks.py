"""One column of numpy's or pandas', block by block: where two differ, and digests for matching rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from jupyter_perf.equality.array_blocks import BLOCK, NUMBERS, array_bytes, normal, spans, unequal
from jupyter_perf.equality.base import Item, Reading, Rules
from jupyter_perf.equality.digests import matching_digest
from jupyter_perf.equality.kinds import Kinds
from jupyter_perf.equality.row_order import Column
from jupyter_perf.equality.sequences import sampled_items, simply_same

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a value of an extension array or of a list is taken to weigh, for the bound on reading it.
CELL_BYTES = 64


class ArrayColumn(Column):
    """A numpy array of one dimension, or an extension array of pandas'."""

    def digests(self, start: int, stop: int) -> NDArray[Any]:
        """pandas' hashes, or digests of the values where those do not serve."""
        block = self.values[start:stop]
        found = _hashes(block)
        if found is None:
            import numpy as np

            kinds = Kinds()
            return np.array([_number(item, kinds) for item in block], dtype=np.uint64)
        return found

    def same(self, order: NDArray[Any], other: Self, other_order: NDArray[Any]) -> bool:
        """By numpy or by the array itself; objects only where that is plain to see."""
        import numpy as np

        before, after = self.values.take(order), other.values.take(other_order)
        if not isinstance(before, np.ndarray):
            return bool(before.equals(after))
        if before.dtype.kind in "OVT":
            pairs = zip(before.tolist(), after.tolist(), strict=True)
            return all(one is another or simply_same(one, another) for one, another in pairs)
        with np.errstate(all="ignore"):
            return not unequal(before, after, close=False).any()

    def items(self, positions: Iterable[int]) -> list[Any]:
        """As the array gives them."""
        return [self.values[position] for position in positions]


def values_of(column: Any) -> Any:
    """The array behind a Series or an Index, without a copy: numpy's where it is one, else pandas'."""
    import numpy as np

    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def unequal_cells(before: Any, after: Any, rules: Rules) -> Iterator[tuple[int, Any, Any]]:
    """Positions and values of the cells that may differ, in two arrays or indexes of one length."""
    for start in range(0, len(before), BLOCK):
        cut = slice(start, start + BLOCK)
        one, another = before[cut], after[cut]
        if hasattr(one, "to_flat_index"):
            one, another = values_of(one), values_of(another)
        for position, first, second in _unequal_in_block(one, another, rules):
            yield start + position, first, second


def _unequal_in_block(before: Any, after: Any, rules: Rules) -> Iterator[tuple[int, Any, Any]]:
    import numpy as np

    first, second = (_as_numpy(block) for block in (before, after)) if rules.close else (before, after)
    if all(isinstance(block, np.ndarray) and block.dtype.kind not in "OVT" for block in (first, second)):
        kinds = first.dtype.kind, second.dtype.kind
        if kinds[0] == kinds[1] or all(kind in NUMBERS for kind in kinds):
            with np.errstate(all="ignore"):
                found = np.flatnonzero(unequal(first, second, rules.close))
            yield from ((int(at), before[at], after[at]) for at in found)
            return
    elif before.dtype == after.dtype and not isinstance(before, np.ndarray) and before.equals(after):
        return
    for position, (one, another) in enumerate(zip(before, after, strict=True)):
        alike = one is another or simply_same(one, another)
        if not alike and not (rules.close and _is_missing(one) and _is_missing(another)):
            yield position, one, another


def _as_numpy(block: Any) -> Any:
    """Extension arrays of numbers as numpy's, missing values as NaN; integers only where none is missing."""
    import numpy as np
    import pandas as pd

    if isinstance(block, np.ndarray) or not pd.api.types.is_numeric_dtype(block.dtype):
        return block
    if isinstance(block.dtype, pd.CategoricalDtype | pd.SparseDtype):
        return block
    if pd.api.types.is_float_dtype(block.dtype):
        return block.to_numpy(dtype="float64", na_value=np.nan)
    return block if pd.isna(block).any() else np.asarray(block.to_numpy())


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _hashes(block: Any) -> NDArray[Any] | None:
    """pandas' hash of each value of a block, where values that are the same have the same."""
    import numpy as np
    import pandas as pd

    if isinstance(block, np.ndarray):
        if block.dtype.kind in "VT" or (block.dtype.kind == "O" and not _are_texts(block)):
            return None
        block = np.ascontiguousarray(normal(block))
        block = block.astype(object) if block.dtype.kind in "SU" else block
    elif pd.api.types.is_float_dtype(block.dtype):
        block = normal(block.to_numpy(dtype="float64", na_value=np.nan))
    elif not _is_hashable(block.dtype):
        return None
    hashed: NDArray[Any] = pd.util.hash_array(block, categorize=False)
    return hashed


def _are_texts(block: NDArray[Any]) -> bool:
    import pandas as pd

    return pd.api.types.infer_dtype(block, skipna=True) == "string"


def _is_hashable(dtype: Any) -> bool:
    import pandas as pd

    plain = pd.StringDtype, pd.DatetimeTZDtype, pd.PeriodDtype
    checks = pd.api.types.is_integer_dtype, pd.api.types.is_bool_dtype, pd.api.types.is_string_dtype
    return isinstance(dtype, plain) or any(check(dtype) for check in checks)


def _number(item: Any, kinds: Kinds) -> int:
    return int.from_bytes(matching_digest(item, kinds)[:8], "little")


def column_content(values: Any, reading: Reading) -> Iterator[bytes | Item]:
    """The content of one column; hashes of its values where it has no plain bytes."""
    import numpy as np

    yield f"{values.dtype} {len(values)}".encode(errors="replace")
    if isinstance(values, np.ndarray) and not values.dtype.hasobject:
        yield from array_bytes(values, reading)
        return
    if len(values) and _hashes(values[:1]) is None:
        yield from sampled_items(iter(values), len(values), reading)
        return
    for start, stop in spans(len(values), CELL_BYTES, reading):
        block = values[start:stop]
        found = _hashes(block)
        if found is None:
            yield from sampled_items(iter(block), len(block), reading)
        else:
            yield found.tobytes()
