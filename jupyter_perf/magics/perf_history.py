"""`%perf_history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, magics_class

from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.store import history

if TYPE_CHECKING:
    import pandas as pd


@magics_class
class HistoryMagics(HostedMagics):
    """The saved runs."""

    @line_magic
    def perf_history(self, line: str) -> pd.DataFrame:
        """Saved runs as a pandas frame, newest first."""
        return history()
