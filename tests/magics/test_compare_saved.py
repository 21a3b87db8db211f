"""`%compare BEFORE AFTER`: runs that were saved under two labels."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel
from tests.magics.compare_cells import cell, compared, refusal, report, value

pytestmark = pytest.mark.kernel

DATABASE = (
    "import sqlite3, time, jupyter_perf\ndb = sqlite3.connect(':memory:')\ndb.execute('CREATE TABLE t (a)')"
)


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute(DATABASE)
    return kernel


def save(kernel: Kernel, label: str, statements: int, code: str = "time.sleep(0.02)") -> None:
    body = f"for i in range({statements}): db.execute('SELECT a FROM t').fetchall()\n{code}"
    kernel.execute(f"%%perf -l {label}\n{body}")


def test_two_runs_are_compared_across_a_restart(shell: Kernel) -> None:
    save(shell, "before", 5)
    shell.restart()
    shell.execute("%load_ext jupyter_perf")
    shell.execute(DATABASE)
    save(shell, "after", 2)
    outcome = shell.execute("%compare before after")
    assert outcome.status == "ok", outcome.error
    found = compared(outcome)
    assert (found["name"], found["baseline"], found["statements_change"]) == ("after", "before", -3)
    assert (found["verdict"], found["same_result"], found["ratio"]) == ("inconclusive", None, None)
    text = outcome.reports[0]["text/plain"]
    assert "one run each proves nothing about small differences" in " ".join(text.split())
    assert "select a from t" in text.lower()
    assert report(outcome)["run"]["label"] == "before"
    changes = "jupyter_perf.last_report().comparison.changes"
    assert value(shell, f"{changes}.query('what == \"statements\"').change.tolist()") in ("[-3]", "[-3.0]")


def test_several_runs_of_a_label_are_samples(shell: Kernel) -> None:
    for _ in range(3):
        save(shell, "'one label'", 1, "time.sleep(0.01)")
    save(shell, "other", 1, "time.sleep(0.01)")
    found = compared(shell.execute("%compare 'one label' other"))
    assert (found["baseline"], found["name"]) == ("one label", "other")
    assert (len(found["before_s"]), len(found["after_s"])) == (3, 1)
    assert (found["loops_before"], found["same_result"]) == (None, None)


def test_a_run_that_did_not_come_to_its_end_is_left_out(shell: Kernel) -> None:
    save(shell, "before", 1)
    save(shell, "before", 2, "1/0")
    save(shell, "after", 1)
    found = compared(shell.execute("%compare before after"))
    assert (len(found["before_s"]), found["statements_change"]) == (1, 0)


def test_a_label_that_is_not_there_names_the_nearest(shell: Kernel) -> None:
    assert refusal(shell.execute("%compare old new")) == (
        "the history has no run with the label 'old': `%%perf -l old` records one"
    )
    save(shell, "before", 1)
    save(shell, "after", 1)
    assert refusal(shell.execute("%compare befor after")) == (
        "the history has no run with the label 'befor': the nearest is 'before'"
    )
    assert refusal(shell.execute("%compare before xyz")) == (
        "the history has no run with the label 'xyz': it has 'after', 'before'"
    )


@pytest.mark.parametrize("line", ["%compare", "%compare before", "%compare one two three"])
def test_it_takes_two_labels(shell: Kernel, line: str) -> None:
    assert refusal(shell.execute(line)) == (
        "%compare takes the labels of two saved runs: %compare BEFORE AFTER"
    )


def test_the_history_has_the_comparison_whose_label_is_no_runs(shell: Kernel) -> None:
    assert shell.execute(cell("1", "2", options="-l proof")).status == "ok"
    history = "%perf_history"
    shell.execute(f"runs = get_ipython().run_line_magic({history[1:]!r}, '')")
    assert value(shell, "runs.label.tolist()") == "['proof']"
    save(shell, "after", 1)
    assert refusal(shell.execute("%compare proof after")) == (
        "'proof' is the label of a %%compare, not of a run: `%%perf -l LABEL` saves one"
    )


def test_without_a_history_nothing_is_saved(shell: Kernel) -> None:
    shell.execute("%config JupyterPerf.history = False")
    shell.execute(cell("1", "2", options="-l proof"))
    shell.execute("%config JupyterPerf.history = True")
    assert value(shell, "len(jupyter_perf.history())") == "0"
