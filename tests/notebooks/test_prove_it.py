"""The second notebook: what its text says of comparisons is true of the run."""

from __future__ import annotations

import pytest

from jupyter_perf.model import Comparison
from tests.notebooks.executed import FOLDER, Executed, executed

NEW_YEARS_FLIGHTS, AIRLINES = 842, 16

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def prove_it(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """The notebook, run once."""
    return executed(FOLDER / "02_prove_it.ipynb", tmp_path_factory.mktemp("notebook"))


def compared(notebook: Executed, cell_id: str) -> Comparison:
    """The first comparison of a cell's report."""
    comparison = notebook.loaded(cell_id).comparison
    assert comparison is not None
    return comparison


def test_the_column_gives_the_same_as_the_rows(prove_it: Executed) -> None:
    comparison = compared(prove_it, "compare")
    assert comparison.same_result is True
    assert comparison.verdict == "faster" and comparison.ratio is not None and comparison.ratio > 2


def test_another_question_is_caught_before_any_word_about_speed(prove_it: Executed) -> None:
    comparison = compared(prove_it, "differ")
    assert (comparison.verdict, comparison.same_result) == ("results differ", False)
    assert (comparison.ratio, comparison.before_s) == (None, ())
    assert comparison.differences[0] in prove_it.text("differ-why")
    assert compared(prove_it, "same").same_result is True


def test_rewrites_are_named_and_each_compared_with_before(prove_it: Executed) -> None:
    report = prove_it.loaded("notations")
    assert [each.name for each in report.comparisons] == ["brackets", "query"]
    assert all(each.same_result for each in report.comparisons)
    for each in report.comparisons:
        assert f"*{each.verdict}*" in prove_it.text("notations-said")


def test_statements_of_the_board_are_counted(prove_it: Executed) -> None:
    said = prove_it.text("board-said")
    assert f"The loop sends {1 + NEW_YEARS_FLIGHTS} statements" in said
    assert "the join 1;" in said
    cache, join = prove_it.loaded("board").comparisons
    assert (cache.same_result, join.same_result) == (True, True)
    assert join.statements_change == -NEW_YEARS_FLIGHTS
    assert cache.statements_change is not None
    assert -NEW_YEARS_FLIGHTS < cache.statements_change <= AIRLINES - NEW_YEARS_FLIGHTS


def test_saved_runs_make_no_claim(prove_it: Executed) -> None:
    comparison = compared(prove_it, "saved")
    assert (comparison.baseline, comparison.name) == ("row by row", "whole column")
    assert comparison.verdict == "inconclusive"


def test_a_test_that_asks_for_too_much_shows_its_evidence(prove_it: Executed) -> None:
    (output,) = prove_it.cells["fails"].outputs
    assert "is not shown to be 10000 times as fast as" in output.text
    assert "same result: yes" in output.text
