"""What is said of a Run: findings, fixes, proofs, and the Report that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_perf.model.columns import FINDING_COLUMNS
from jupyter_perf.model.comparison import Comparison
from jupyter_perf.model.frames import to_frame
from jupyter_perf.model.run import Run
from jupyter_perf.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["info", "warning", "error"]
FixKind = Literal["code", "sql", "index"]


@dataclass(frozen=True)
class Proof:
    """Whether a fix gives the same result, and how much faster it is; `reason` where that is not known."""

    same_result: bool | None
    reason: str | None = None
    comparison: Comparison | None = None


@dataclass(frozen=True)
class Fix:
    """A rewrite: the text before and after, and why it helps."""

    kind: FixKind
    before: str
    after: str
    explanation: str
    proof: Proof | None = None


@dataclass(frozen=True)
class Finding:
    """A fault at a line. `cost_s` and `cost_bytes` are what would be saved, not a score."""

    rule: str
    severity: Severity
    message: str
    file: str | None = None
    line: int | None = None
    cost_s: float | None = None
    cost_bytes: int | None = None
    evidence: tuple[str, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True)
class Previous:
    """The same cell's run before this one; `started_at` is Unix time in seconds."""

    run_id: str
    started_at: float
    wall_s: float
    same_source: bool


@dataclass(frozen=True)
class Report:
    """A run and what is said of it. Renderers, the store and the browser receive this.

    With `comparisons` it is a report of these, and `run` is the recorded run of what they compare with.
    """

    run: Run
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    previous: Previous | None = None

    @property
    def comparison(self) -> Comparison | None:
        """The first comparison."""
        return self.comparisons[0] if self.comparisons else None

    @property
    def findings_frame(self) -> pd.DataFrame:
        """The findings, largest saving first."""
        by_saving = sorted(self.findings, key=lambda finding: finding.cost_s or 0.0, reverse=True)
        rows = [_finding_row(finding) for finding in by_saving]
        return to_frame(Table.of_rows(list(FINDING_COLUMNS), rows), FINDING_COLUMNS)


def _finding_row(finding: Finding) -> tuple[object, ...]:
    fix = finding.fix
    proof = fix.proof if fix is not None else None
    comparison = proof.comparison if proof is not None else None
    return (
        finding.rule,
        finding.severity,
        finding.message,
        finding.file,
        finding.line,
        finding.cost_s,
        finding.cost_bytes,
        fix.after if fix is not None else None,
        proof.same_result if proof is not None else None,
        comparison.ratio if comparison is not None else None,
    )
