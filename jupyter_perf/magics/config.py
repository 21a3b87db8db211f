"""Defaults of the options, as `%config JupyterPerf` shows and sets them."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Float, Int, Unicode
from traitlets.config import Configurable


class JupyterPerf(Configurable):
    """Defaults of `%%perf` and `%%compare`."""

    top = Int(20, help="Rows of each table.").tag(config=True)
    exact = Bool(False, help="Count calls with cProfile.").tag(config=True)
    snakeviz = Bool(False, help="Show snakeviz's view below the report.").tag(config=True)
    memory = Bool(False, help="Measure memory by line.").tag(config=True)
    native = Bool(False, help="Show C, C++ and Cython frames.").tag(config=True)
    subprocesses = Bool(False, help="Sample child processes too.").tag(config=True)
    engine = Unicode(None, allow_none=True, help="The sampler: py-spy, signal or thread.").tag(config=True)
    sql = Bool(True, help="Record SQL statements.").tag(config=True)
    params = Bool(False, help="Show parameters of SQL statements.").tag(config=True)
    quiet = Bool(False, help="Show no report.").tag(config=True)
    budget = Float(10.0, help="Seconds that %%compare may take.").tag(config=True)
    equal = Unicode("exact", help="When results are the same: exact, unordered, close or off.").tag(
        config=True
    )
    history = Bool(True, help="Keep runs in the history.").tag(config=True)
    progress_after_s = Float(10.0, help="Seconds after which a running cell shows its progress.").tag(
        config=True
    )

    def defaults(self) -> dict[str, Any]:
        """The defaults as fields of Options."""
        names = ("top", "exact", "snakeviz", "memory", "native", "subprocesses", "engine", "sql", "params",
                 "quiet")  # fmt: skip
        return {name: getattr(self, name) for name in names}
