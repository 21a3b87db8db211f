"""A folder: every frame as a file of its own, and the whole report as JSON.

Frames are written as parquet, and as CSV where pyarrow is not installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, ClassVar

from jupyter_perf.model import COLUMNS, COMPARISON_COLUMNS, Report, to_json_text
from jupyter_perf.renderers import Renderer

if TYPE_CHECKING:
    import pandas as pd

REPORT_FILE = "report.json"


class Folder(Renderer):
    """The files of the folder: `lines.parquet`, `queries.parquet` …, `report.json`.

    Those of all comparisons are `samples.parquet` and `changes.parquet`.
    """

    ending: ClassVar[str | None] = "/"

    def render(self, report: Report, *, top: int = 20) -> dict[str, bytes]:
        """What each file holds, by its name; every row, whatever `top` says. Empty frames have no file."""
        frames = {name: getattr(report.run, name) for name in COLUMNS if len(report.run.table(name))}
        if report.findings:
            frames["findings"] = report.findings_frame
        frames |= _compared(report)
        ending, write = (".parquet", _parquet) if _has_pyarrow() else (".csv", _csv)
        files = {f"{name}{ending}": write(frame) for name, frame in frames.items()}
        # A backslash escape is how JSON spells a character that UTF-8 lacks.
        return files | {REPORT_FILE: to_json_text(report).encode("utf-8", "backslashreplace")}


def _compared(report: Report) -> dict[str, pd.DataFrame]:
    """The samples and the changes of all comparisons, each with the name of its comparison first."""
    import pandas as pd

    frames = {}
    for name in COMPARISON_COLUMNS:
        parts = [getattr(each, name).assign(comparison=each.name) for each in report.comparisons]
        whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        if len(whole):
            frames[name] = whole[["comparison", *COMPARISON_COLUMNS[name]]]
    return frames


def own_files() -> set[str]:
    """Every file name that a folder of ours may hold."""
    names = [*COLUMNS, *COMPARISON_COLUMNS, "findings"]
    return {f"{name}{ending}" for name in names for ending in (".parquet", ".csv")} | {REPORT_FILE}


def _has_pyarrow() -> bool:
    try:
        importlib.import_module("pyarrow")
    except ImportError:
        return False
    return True


def _parquet(frame: pd.DataFrame) -> bytes:
    written: bytes = frame.to_parquet(engine="pyarrow", index=False)
    return written


def _csv(frame: pd.DataFrame) -> bytes:
    """UTF-8; a missing value is empty, and a stack is its frames joined by semicolons."""
    if "stack" in frame:
        frame = frame.assign(stack=[";".join(stack) for stack in frame["stack"]])
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8", "backslashreplace")
