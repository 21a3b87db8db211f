"""Tables as pandas frames, made on first use and kept for as long as their Table lives."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyter_perf.model.table import Column, Encoded, Table

if TYPE_CHECKING:
    import pandas as pd

_made: dict[int, pd.DataFrame] = {}


def to_frame(table: Table, dtypes: Mapping[str, str]) -> pd.DataFrame:
    """The table as a frame with exactly the columns of `dtypes`; a column not measured is all <NA>."""
    import pandas as pd

    key = id(table)
    if key not in _made:
        rows = len(table)
        _made[key] = pd.DataFrame(
            {name: _series(table.columns.get(name), dtype, rows) for name, dtype in dtypes.items()}
        )
        weakref.finalize(table, _made.pop, key, None)
    return _made[key].copy()


def _series(column: Column | None, dtype: str, rows: int) -> pd.Series[Any]:
    import pandas as pd

    if column is None:
        return pd.Series([None] * rows, dtype=dtype)
    if isinstance(column, Encoded) and dtype != "object":
        values = pd.Series([*column.values, None], dtype=dtype)
        return values.take(list(column.codes)).reset_index(drop=True)
    return pd.Series(list(column), dtype=dtype)
