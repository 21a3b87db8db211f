"""Profile a notebook cell: where time, memory, SQL and waiting went.

    %load_ext jupyter_perf

and `%%perf` above a cell. From Python: `with jupyter_perf.record() as recording: ...`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_perf.comparing import compare
    from jupyter_perf.model import Comparison, Finding, Fix, Proof, Report, Run
    from jupyter_perf.plots import plot
    from jupyter_perf.session import last_report, record
    from jupyter_perf.store import history

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "model",
    "Finding": "model",
    "Fix": "model",
    "Proof": "model",
    "Report": "model",
    "Run": "model",
    "compare": "comparing",
    "history": "store",
    "last_report": "session",
    "plot": "plots",
    "record": "session",
}

__all__ = [
    "Comparison",
    "Finding",
    "Fix",
    "Proof",
    "Report",
    "Run",
    "__version__",
    "compare",
    "history",
    "last_report",
    "load_ipython_extension",
    "plot",
    "record",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"jupyter_perf.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext jupyter_perf` calls."""
    from jupyter_perf.magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext jupyter_perf` calls."""
    from jupyter_perf.magics import unload

    unload(shell)
