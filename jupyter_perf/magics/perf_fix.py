"""`%perf_fix`."""

from __future__ import annotations

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class

from jupyter_perf import session
from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.model import Finding, Fix

CELL = """\
%%compare
#%% before
{before}
#%% after
{after}"""


@magics_class
class FixMagics(HostedMagics):
    """From a finding to its proof."""

    @line_magic
    def perf_fix(self, line: str) -> None:
        """Put a %%compare cell below for finding N of the last report (default 1), not executed."""
        number, finding = _chosen(line.strip() or "1")
        fix = _code_fix(number, finding)
        cell = CELL.format(before=fix.before.strip("\n"), after=fix.after.strip("\n"))
        self.shell.set_next_input(cell, replace=False)


def _chosen(number: str) -> tuple[int, Finding]:
    report = session.last_report()
    if report is None:
        raise UsageError("there is no report yet: put %%perf above a cell and run it")
    count = len(report.findings)
    if not count:
        raise UsageError("the last report has no findings, so that there is nothing to fix")
    if not number.isdecimal() or not 1 <= int(number) <= count:
        raise UsageError(f"%perf_fix takes the number of a finding, from 1 to {count}, not {number!r}")
    return int(number), report.findings[int(number) - 1]


def _code_fix(number: int, finding: Finding) -> Fix:
    fix = finding.fix
    if fix is None:
        raise UsageError(f"finding {number} ({finding.rule}) comes without a fix: {finding.message}")
    if fix.kind != "code":
        raise UsageError(
            f"finding {number} ({finding.rule}) is not fixed in code, but by {fix.kind}: {fix.after}"
        )
    return fix
