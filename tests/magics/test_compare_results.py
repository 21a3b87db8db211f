"""What `%%compare` reports: results first, what changed, databases, output and progress."""

from __future__ import annotations

import pytest

from tests.kernel import REPORT, Kernel
from tests.magics.compare_cells import cell, compare, compared, refusal, report, value

pytestmark = pytest.mark.kernel

DATABASE = """import sqlite3
db = sqlite3.connect(':memory:')
db.execute('CREATE TABLE t (a)')
db.executemany('INSERT INTO t VALUES (?)', [(i,) for i in range(10)])
db.commit()"""
ROWS = "db.in_transaction, db.execute('SELECT count(*) FROM t').fetchone()[0]"


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf\nimport time")
    return kernel


def said(found: dict[str, object], *words: str) -> bool:
    """Whether one of the notes has all of these words."""
    notes = found["notes"]
    assert isinstance(notes, list)
    return any(all(word in note for word in words) for note in notes)


def test_the_report_says_the_verdict_the_result_and_the_pairs(shell: Kernel) -> None:
    parts = ("time.sleep(0.02)\n[1, 2]", "time.sleep(0.01)\n[1, 2]")
    outcome = shell.execute(cell(*parts, options="--budget 3"))
    assert outcome.kinds[-1] == "display"
    found = compared(outcome)
    assert (found["name"], found["baseline"], found["same_result"]) == ("after", "before", True)
    assert len(found["before_s"]) == len(found["after_s"]) > 0
    assert min(found["before_s"]) >= 0.019
    assert min(found["after_s"]) >= 0.009
    text = outcome.reports[0]["text/plain"]
    assert found["verdict"] in text.lower()
    assert f"{len(found['before_s'])} pairs" in text
    assert "<svg" in outcome.reports[0]["text/html"]


@pytest.mark.parametrize(
    ("before", "after", "equal", "difference"),
    [
        ("3.0", "3", "exact", "3.0 and 3"),
        ("[1, 2, 4]", "[1, 2, 3]", "exact", "4 and 3"),
        ("[1, 2]", "[2, 1]", "exact", "1 and 2"),
        ("0.1 + 0.2", "0.4", "close", "0.4"),
        ("{1: 'a'}", "{1: 'b'}", "unordered", "'a' and 'b'"),
    ],
)
def test_where_results_differ_nothing_is_said_of_speed(
    shell: Kernel, before: str, after: str, equal: str, difference: str
) -> None:
    outcome = shell.execute(
        cell(f"time.sleep(0.05)\n{before}", after, options=f"--equal {equal} --budget 20"), timeout_s=15
    )
    assert outcome.status == "ok"
    found = compared(outcome)
    assert (found["verdict"], found["same_result"]) == ("results differ", False)
    assert difference in found["differences"][0]
    assert (found["ratio"], found["low"], found["before_s"]) == (None, None, [])
    text = outcome.reports[0]["text/plain"]
    assert text.splitlines()[0].startswith("≠ Results differ: ")
    assert "faster" not in text


@pytest.mark.parametrize(
    ("before", "after", "equal"),
    [
        ("float('nan')", "float('nan')", "exact"),
        ("[1, 2]", "[2, 1]", "unordered"),
        ("0.1 + 0.2", "0.3", "close"),
    ],
)
def test_results_are_the_same_by_the_mode_that_was_asked_for(
    shell: Kernel, before: str, after: str, equal: str
) -> None:
    assert compare(shell, before, after, options=f"--equal {equal}")["same_result"] is True


def test_results_are_not_compared_where_that_is_switched_off(shell: Kernel) -> None:
    found = compare(shell, "1", "2", options="--equal off")
    assert found["same_result"] is None
    assert found["verdict"] != "results differ"
    assert said(found, "results were not compared (--equal off)")


def test_frames_differ_at_a_row_and_column(shell: Kernel) -> None:
    shell.execute("import pandas as pd\nframe = pd.DataFrame({'a': [1, 2], 'delay': [3.0, 4.0]})")
    found = compare(shell, "frame", "frame.assign(delay=[3.0, 5.0])")
    assert found["verdict"] == "results differ"
    assert all(word in found["differences"][0] for word in ("row 1", "delay", "4.0", "5.0"))


@pytest.mark.parametrize(
    ("part", "advice"),
    [("(i for i in range(3))", "list("), ("map(str, [1])", "list("), ("iter([1])", "list(")],
)
def test_what_can_be_read_once_is_refused_with_advice(shell: Kernel, part: str, advice: str) -> None:
    sentence = refusal(shell.execute(cell(part, "[0, 1, 2]")))
    assert sentence.startswith("the result of before cannot be compared: ")
    assert advice in sentence


def test_objects_whose_equality_fails_do_not_end_the_comparison(shell: Kernel) -> None:
    shell.execute("class Odd:\n    def __eq__(self, other): raise RuntimeError('no')\nodd = Odd()")
    outcome = shell.execute(cell("[odd]", "[odd]"))
    assert outcome.status == "ok" or refusal(outcome)


def test_mutated_inputs_are_said(shell: Kernel) -> None:
    shell.execute("data = [3, 1, 2]")
    found = compare(shell, "data.sort()\ndata[0]", "sorted(data)[0]")
    assert said(found, "before changes data", "make a copy in #%% setup-each")
    copied = compare(shell, "own.sort()\nown[0]", "sorted(own)[0]", each="own = list(data)")
    assert copied["same_result"] is True
    assert not said(copied, "after changes")


def test_inputs_that_setup_each_restores_in_place_are_no_trouble(shell: Kernel) -> None:
    shell.execute("data = [3, 1, 2]")
    found = compare(shell, "data.sort()\ndata[0]", "min(data)", each="data[:] = [3, 1, 2]")
    assert found["same_result"] is True
    assert not said(found, "changes data")


def test_results_that_are_one_object_are_not_called_the_same(shell: Kernel) -> None:
    shell.execute("data = {}")
    sentence = "the result of before was changed by what ran after it, so that it cannot be compared"
    assert refusal(shell.execute(cell("data['a'] = 1\ndata", "data['a'] = 2\ndata"))).startswith(sentence)
    found = compare(shell, "data['a'] = 1\ndict(data)", "data['a'] = 2\ndict(data)")
    assert found["verdict"] == "results differ"


def test_a_result_that_is_another_each_time_is_said(shell: Kernel) -> None:
    found = compare(shell, "import random\nrandom.random()", "1")
    assert found["verdict"] == "results differ"
    assert said(found, "before gives another result each time it runs", "seed")


def test_statements_and_rows_are_counted_and_the_changes_are_shown(shell: Kernel) -> None:
    shell.execute(DATABASE)
    outcome = shell.execute(
        cell(
            "sum(db.execute('SELECT a FROM t WHERE a = ?', (i,)).fetchone()[0] for i in range(10))",
            "sum(a for a, in db.execute('SELECT a FROM t'))",
        )
    )
    found = compared(outcome)
    assert (found["same_result"], found["statements_change"], found["rows_change"]) == (True, -9, 0)
    assert "statements" in outcome.reports[0]["text/plain"]
    shell.execute("import jupyter_perf\nchanges = jupyter_perf.last_report().comparison.changes")
    totals = "changes.query('what == \"statements\"')[['before', 'after', 'change']].values.tolist()"
    assert value(shell, f"[[int(each) for each in row] for row in {totals}]") == "[[10, 1, -9]]"


def test_writes_to_a_database_are_named_with_advice(shell: Kernel) -> None:
    shell.execute(DATABASE)
    found = compare(shell, "\ndb.execute('UPDATE t SET a = a')\n1", "db.execute('SELECT a FROM t')\n1")
    assert said(found, "before writes to a database", "UPDATE (line 4)", "--rollback CONNECTION")
    assert not said(found, "after writes")
    shell.execute("db.rollback()")


def test_rollback_leaves_the_table_as_it_was(shell: Kernel) -> None:
    shell.execute(DATABASE)
    part = "db.execute('DELETE FROM t WHERE a < 5')\ndb.execute('SELECT count(*) FROM t').fetchone()[0]"
    found = compare(shell, part, part, options="--rollback db")
    assert found["same_result"] is True
    assert not said(found, "writes to a database")
    assert not said(found, "another result each time")
    assert value(shell, ROWS) == "(False, 10)"


def test_rollback_after_an_error_or_a_refusal(shell: Kernel) -> None:
    shell.execute(DATABASE)
    write = "db.execute('DELETE FROM t')"
    assert shell.execute(cell(f"{write}\n1/0", options="--rollback db")).status == "error"
    assert value(shell, ROWS) == "(False, 10)"
    refusal(shell.execute(cell(f"{write}\niter([])", options="--rollback db")))
    assert value(shell, ROWS) == "(False, 10)"


def test_a_part_that_commits_under_rollback_is_refused(shell: Kernel) -> None:
    shell.execute(DATABASE)
    outcome = shell.execute(cell("db.execute('UPDATE t SET a = 1')\ndb.commit()\n1", options="--rollback db"))
    assert refusal(outcome).startswith("a part ended the transaction on db itself")


def test_connections_that_cannot_be_rolled_back_are_refused(shell: Kernel) -> None:
    shell.execute(
        DATABASE + "\ndb.execute('UPDATE t SET a = 1')\nclosed = sqlite3.connect(':memory:')\nclosed.close()"
    )
    sentences = {
        "db": "db has a transaction open, which would be rolled back with the first sample",
        "time": "--rollback takes a connection, and time is of type module, which has no rollback()",
        "closed": "--rollback closed: Cannot operate on a closed database",
    }
    for name, sentence in sentences.items():
        assert refusal(shell.execute(cell(options=f"--rollback {name}"))).startswith(sentence)
    assert value(shell, "db.in_transaction") == "True"


def test_output_of_parts_is_shown_once(shell: Kernel) -> None:
    outcome = shell.execute(
        cell(
            "print('printed')\n1",
            "import os, sys\nprint('warned', file=sys.stderr)\ndisplay('displayed')\n"
            "os.system('echo by a child')\n1",
        )
    )
    assert compared(outcome)["same_result"] is True
    assert outcome.text().count("printed") == 1
    assert outcome.text("stderr").count("warned") == 1
    assert outcome.text().count("by a child") <= 1
    texts = [bundle["text/plain"] for bundle in outcome.displays[:-1]]
    assert [text for text in texts if not text.startswith("comparing: ")] == ["'displayed'"]
    assert outcome.displays[-1] == outcome.reports[0]
    assert "still" in shell.execute("print('still')").text()
    assert "children" in shell.execute("!echo children").text()


def test_progress_is_shown_from_one_second_on_and_emptied(shell: Kernel) -> None:
    part = "time.sleep(0.1)\n1"
    outcome = shell.execute(cell(part, part, options="--budget 2"))
    first = outcome.displays[0]["text/plain"]
    assert first.startswith("comparing: ")
    assert "pairs" in first
    assert "of 2 s" in first
    updates = [output.data["text/plain"] for output in outcome.outputs if output.kind == "update"]
    assert updates[-1] == ""
    assert outcome.kinds[-1] == "display"
    assert REPORT in outcome.displays[-1]


def test_several_rewrites_are_each_compared_with_before(shell: Kernel) -> None:
    shell.execute("import jupyter_perf")
    text = cell("time.sleep(0.005)\n1", "time.sleep(0.001)\n1", options="-l three").replace(
        "after", "after: nap"
    )
    outcome = shell.execute(f"{text}\n#%% after: wrong\n2\n#%% after: last\n1")
    comparisons = report(outcome)["comparisons"]
    assert [each["name"] for each in comparisons] == ["nap", "wrong", "last"]
    assert {each["baseline"] for each in comparisons} == {"before"}
    assert [each["same_result"] for each in comparisons] == [True, False, True]
    assert comparisons[0]["before_s"] == comparisons[2]["before_s"]
    lines = outcome.reports[0]["text/plain"].splitlines()
    assert lines[1].startswith("≠ wrong: results differ: 1 and 2")
    assert value(
        shell, "len(jupyter_perf.last_report().comparisons), jupyter_perf.last_report().run.label"
    ) == ("(3, 'three')")


def test_what_was_not_profiled_first_is_said_and_what_was_is_not(shell: Kernel) -> None:
    part = "time.sleep(0.05)"
    assert said(compare(shell, f"{part}\n1"), "before was not profiled first", "%%perf above the cell")
    shell.execute(f"%%perf\nx = 1\n{part}\n1")
    assert not said(compare(shell, f"{part}\n1"), "profiled")


def test_what_is_no_part_of_its_cells_time_gains_it_nothing(shell: Kernel) -> None:
    shell.execute("%%perf\nsmall = 1 + 1\ntime.sleep(0.3)")
    found = compare(shell, "small = 1 + 1\nsmall", "2")
    assert said(found, "not profiled"), "a line of it is not in that cell"
    found = compare(shell, "small = 1 + 1", "small = 2", options="--result small")
    assert said(found, "Amdahl's law", "the last run of its cell")


def test_a_recording_around_it_leaves_out_what_changed(shell: Kernel) -> None:
    outcome = shell.execute(f"%%perf\n{cell()}")
    assert outcome.status == "ok"
    first = outcome.reports[0][REPORT]["comparisons"][0]
    assert said(first, "what else changed was not measured, because a recording is under way")
    assert len(outcome.reports) == 2
