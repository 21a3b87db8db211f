"""The second notebook: what its text says of comparisons is true of the run."""

from __future__ import annotations

import re

import nbformat
import pytest

from jupyter_perf.model import Comparison
from tests.notebooks.executed import FOLDER, Executed, executed

PROVE_IT = FOLDER / "02_prove_it.ipynb"
README = FOLDER.parent / "README.md"
NEW_YEARS_FLIGHTS, AIRLINES = 842, 16
NOT_PROFILED = "was not profiled first"

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def prove_it(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """The notebook, run once."""
    return executed(PROVE_IT, tmp_path_factory.mktemp("notebook"))


def plain(notebook: Executed, cell_id: str) -> str:
    """The report below a cell as text, its lines joined."""
    return " ".join(notebook.report(cell_id)["text/plain"].split())


def compared(notebook: Executed, cell_id: str) -> Comparison:
    """The first comparison of a cell's report."""
    comparison = notebook.loaded(cell_id).comparison
    assert comparison is not None
    return comparison


def test_the_column_gives_the_same_as_the_rows(prove_it: Executed) -> None:
    comparison = compared(prove_it, "compare")
    assert comparison.same_result is True
    assert comparison.verdict == "faster" and comparison.ratio is not None and comparison.ratio > 2


def test_the_hottest_line_is_the_one_that_is_compared(prove_it: Executed) -> None:
    """`before` is a line of the profiled cell, so that nothing is said of its not having been profiled."""
    assert prove_it.text("hottest").startswith("Line 3, `is_late = flights.apply(")
    assert NOT_PROFILED not in plain(prove_it, "compare")
    assert NOT_PROFILED in plain(prove_it, "notations")


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
    assert cache.ratio is not None and join.ratio is not None
    quickest = cache if cache.ratio > join.ratio else join
    assert f"the quickest is `{quickest.name}`" in said
    assert (cache.same_result, join.same_result) == (True, True)
    assert join.statements_change == -NEW_YEARS_FLIGHTS
    assert cache.statements_change is not None
    assert -NEW_YEARS_FLIGHTS < cache.statements_change <= AIRLINES - NEW_YEARS_FLIGHTS


def test_what_the_small_loop_costs_is_taken_from_the_profile(prove_it: Executed) -> None:
    run = prove_it.loaded("profile").run
    (lookups,) = (row for row in run.table("statements").rows() if "airlines" in row["fingerprint"])
    took = f"{lookups['calls']} statements took {lookups['total_s'] * 1e3:.1f} ms"
    assert took in prove_it.text("small-said")
    assert lookups["calls"] <= AIRLINES
    assert NOT_PROFILED not in plain(prove_it, "small")


def test_saved_runs_make_no_claim(prove_it: Executed) -> None:
    comparison = compared(prove_it, "saved")
    assert (comparison.baseline, comparison.name) == ("row by row", "whole column")
    assert comparison.verdict == "inconclusive"
    assert "one run each proves nothing about small differences" in plain(prove_it, "saved")


def test_samples_are_pairs_each_of_the_two_first_by_turns(prove_it: Executed) -> None:
    shown = prove_it.text("samples")
    assert re.findall(r"(before|cache) first", shown) == ["before", "cache"] * 2 + ["before"]


def test_a_test_that_asks_for_too_much_shows_its_evidence(prove_it: Executed) -> None:
    (output,) = prove_it.cells["fails"].outputs
    assert "is not shown to be 10000 times as fast as" in output.text
    assert "same result: yes" in output.text


def test_readme_quotes_the_run_that_is_stored() -> None:
    """README shows a cell of the notebook and what its stored report says, line for line."""
    stored = Executed(nbformat.read(PROVE_IT, as_version=4))
    section = README.read_text(encoding="utf-8").partition("## Prove it\n")[2].partition("\n## ")[0]
    code, shown = re.findall(r"^```\n(.*?)\n```$", section, re.DOTALL | re.MULTILINE)
    assert code == stored.cells["board"].source
    report = stored.report("board")["text/plain"].splitlines()
    assert [line for line in shown.splitlines() if line not in report] == []
    assert len(shown.splitlines()) > 4
    quoted = re.findall(r"“((?:no difference shown|results differ): [^”]+)”", section)
    said = plain(stored, "notations") + plain(stored, "differ").replace("Results", "results")
    assert len(quoted) == 2
    assert [text for text in quoted if text not in said] == []
