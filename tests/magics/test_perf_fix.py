"""`%perf_fix`: from a finding to the cell that proves its fix."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel, Outcome
from tests.magics.compare_cells import compared, refusal

pytestmark = pytest.mark.kernel

# A report as the rules would leave it behind.
FOUND = """
import dataclasses, jupyter_perf
from jupyter_perf import Finding, Fix, session
def found(*fixes):
    findings = tuple(
        Finding(rule='row-by-row', severity='warning', message='a loop', fix=fix) for fix in fixes
    )
    session.keep(dataclasses.replace(jupyter_perf.last_report(), findings=findings))
loop = 'total = 0\\nfor i in range(10):\\n    total += i\\ntotal\\n'
code = Fix(kind='code', before=loop, after='sum(range(10))\\n', explanation='sum adds up')
index = Fix(kind='index', before='', after='CREATE INDEX i ON t (a)', explanation='it is looked up')
"""


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("%%perf\n1")
    assert kernel.execute(FOUND).status == "ok"
    return kernel


def put(outcome: Outcome) -> dict[str, object]:
    """The one payload of a cell, which puts text below it."""
    assert outcome.status == "ok", outcome.text("stderr")
    (payload,) = outcome.reply["payload"]
    return payload


@pytest.mark.parametrize("line", ["%perf_fix", "%perf_fix 1"])
def test_it_puts_a_cell_below_that_runs_as_it_stands(shell: Kernel, line: str) -> None:
    shell.execute("found(code)")
    outcome = shell.execute(line)
    payload = put(outcome)
    assert (payload["source"], payload["replace"]) == ("set_next_input", False)
    before = "total = 0\nfor i in range(10):\n    total += i\ntotal"
    assert payload["text"] == f"%%compare\n#%% before\n{before}\n#%% after\nsum(range(10))"
    assert outcome.outputs == [], "it is not executed"
    ran = shell.execute(str(payload["text"]).replace("%%compare", "%%compare --budget 0.8"))
    assert compared(ran)["same_result"] is True


def test_it_takes_the_number_of_a_finding(shell: Kernel) -> None:
    shell.execute("found(index, code)")
    assert "sum(range(10))" in str(put(shell.execute("%perf_fix 2"))["text"])


@pytest.mark.parametrize(
    ("fixes", "line", "sentence"),
    [
        ("", "%perf_fix", "the last report has no findings, so that there is nothing to fix"),
        ("code", "%perf_fix 2", "%perf_fix takes the number of a finding, from 1 to 1, not '2'"),
        ("code, code", "%perf_fix 0", "%perf_fix takes the number of a finding, from 1 to 2, not '0'"),
        ("code", "%perf_fix first", "%perf_fix takes the number of a finding, from 1 to 1, not 'first'"),
        ("code", "%perf_fix ²", "%perf_fix takes the number of a finding, from 1 to 1, not '²'"),
        ("None", "%perf_fix", "finding 1 (row-by-row) comes without a fix: a loop"),
        ("index", "%perf_fix", "finding 1 (row-by-row) is not fixed in code, but by index: CREATE INDEX"),
    ],
)
def test_what_it_cannot_put_is_refused_in_one_sentence(
    shell: Kernel, fixes: str, line: str, sentence: str
) -> None:
    shell.execute(f"found({fixes})")
    assert refusal(shell.execute(line)).startswith(sentence)


def test_without_a_report_it_says_what_to_do(kernel: Kernel) -> None:
    kernel.restart()
    kernel.execute("%load_ext jupyter_perf")
    assert (
        refusal(kernel.execute("%perf_fix")) == "there is no report yet: put %%perf above a cell and run it"
    )
