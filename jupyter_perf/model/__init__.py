"""The nouns. Everything imports them; they import nothing of ours but each other."""

from jupyter_perf.model.columns import COLUMNS, COMPARISON_COLUMNS, FINDING_COLUMNS
from jupyter_perf.model.comparison import Comparison, Verdict
from jupyter_perf.model.report import (
    Finding,
    Fix,
    FixKind,
    Previous,
    Proof,
    Report,
    Severity,
)
from jupyter_perf.model.run import Partial, Run
from jupyter_perf.model.serialize import SCHEMA, from_json, to_json, to_json_text
from jupyter_perf.model.table import Column, Encoded, Table

__all__ = [
    "COLUMNS",
    "COMPARISON_COLUMNS",
    "FINDING_COLUMNS",
    "SCHEMA",
    "Column",
    "Comparison",
    "Encoded",
    "Finding",
    "Fix",
    "FixKind",
    "Partial",
    "Previous",
    "Proof",
    "Report",
    "Run",
    "Severity",
    "Table",
    "Verdict",
    "from_json",
    "to_json",
    "to_json_text",
]
