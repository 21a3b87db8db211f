"""Whether a piece of code was worth comparing."""

from __future__ import annotations

import pytest

from jupyter_perf.comparing.restraint import note_on
from jupyter_perf.model import Comparison, Report, Run, Table

CODE = "a = f()\n# why\nb = g(a)"


def profiled(share: float, *, source: str = f"%%perf\n{CODE}\nrest()", wall_s: float = 2.0) -> Report:
    """A run in which the lines of CODE took this share of the time, the second of them all of it."""
    rows = [("In[1]", 5, "rest()", wall_s * (1 - share)), ("In[1]", 4, "b = g(a)\n", wall_s * share)]
    rows = [row for row in rows if row[3]]
    tables = {
        "cells": Table.of_rows(
            ("file", "cell_id", "execution_count", "source"), [("In[1]", None, 1, source)]
        ),
        "lines": Table.of_rows(("file", "line", "source", "total_s"), rows),
    }
    return Report(Run("r", None, None, 0.0, wall_s, tables=tables))


def test_code_that_was_not_profiled() -> None:
    other = profiled(0.5, source="%%perf\nb = g(a)")
    for reports in ([], [other]):
        note = note_on("before", CODE, reports)
        assert note is not None
        assert note.startswith("before was not profiled first: %%perf above the cell")


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_code_that_was_profiled_and_is_worth_it(share: float) -> None:
    assert note_on("before", CODE, [profiled(share)]) is None


def test_what_the_whole_could_gain_at_most() -> None:
    note = note_on("before", f"\n{CODE}  ", [profiled(0.004)])
    assert note == (
        "before took 0.4 % of the last run of its cell (8.0 ms of 2.00 s): however fast it becomes, the cell "
        "gains 0.4 % at most (Amdahl's law)"
    )


def test_code_too_quick_to_be_seen_is_not_said_to_take_nothing() -> None:
    note = note_on("before", CODE, [profiled(0.0)])
    assert note is not None
    assert note.startswith("before was too quick to be seen in the last run of its cell (2.00 s)")


def test_the_newest_run_counts() -> None:
    assert note_on("before", CODE, [profiled(0.5), profiled(0.001)]) is None
    assert "0.1 %" in (note_on("before", CODE, [profiled(0.001), profiled(0.5)]) or "")


def test_comparisons_and_runs_cut_short_do_not_count() -> None:
    whole = profiled(0.001)
    comparison = Report(whole.run, comparisons=(Comparison("after", "inconclusive"),))
    cut = profiled(0.001)
    object.__setattr__(cut.run, "partial", "interrupt")
    assert "not profiled" in (note_on("before", CODE, [comparison, cut]) or "")


def test_of_a_run_without_lines_nothing_is_said() -> None:
    report = profiled(0.5)
    tables = {"cells": report.run.tables["cells"]}
    assert note_on("before", CODE, [Report(Run("r", None, None, 0.0, 2.0, tables=tables))]) is None
