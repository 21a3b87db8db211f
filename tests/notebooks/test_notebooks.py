"""The notebooks run from the first cell to the last, and what their text says is true of the run."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.executed import FOLDER, REPORT, Executed, executed

FLIGHTS, AIRLINES, AIRPORTS = 336_776, 16, 3

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def first_profile(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """The first notebook, run once."""
    return executed(FOLDER / "01_first_profile.ipynb", tmp_path_factory.mktemp("notebook"))


def test_report_follows_the_cells_own_result(first_profile: Executed) -> None:
    result, report = first_profile.bundles("first-run")[-2:]
    assert "ExpressJet Airlines" in result["text/plain"]
    assert REPORT in report and "text/html" in report and "text/plain" in report


def test_fetching_all_flights_is_the_largest_cost(first_profile: Executed) -> None:
    assert "`flights = pd.read_sql(query, connection)`" in first_profile.text("verdict")
    assert "fetches 19 columns" in first_profile.text("verdict")


def test_statements_are_counted_with_their_rows(first_profile: Executed) -> None:
    for cell in ("first-run", "second-run", "third-run"):
        text = first_profile.report(cell)["text/plain"]
        sent, rows = 1 + AIRLINES, FLIGHTS + AIRLINES
        assert f"SQL statements. {sent} statements, {rows:,} rows" in text


def test_the_same_cell_says_what_it_cost_the_last_time(first_profile: Executed) -> None:
    first, second = first_profile.loaded("first-run"), first_profile.loaded("second-run")
    assert first.previous is None
    assert second.previous is not None
    assert second.previous.same_source and second.previous.wall_s == first.run.wall_s
    assert "the last time it took" in " ".join(first_profile.report("second-run")["text/plain"].split())


def test_three_awaits_one_after_the_other_become_three_at_once(first_profile: Executed) -> None:
    one_by_one = first_profile.report("second-run")["text/plain"]
    assert re.search(rf"\s{AIRPORTS}\s.*await asyncio\.sleep\(0\.3\)", one_by_one)
    assert "waited at once" not in one_by_one
    together = first_profile.report("third-run")["text/plain"]
    assert f"Up to {AIRPORTS} tasks waited at once." in together


def test_sixteen_lookups_are_told_to_be_left_alone(first_profile: Executed) -> None:
    text = first_profile.report("small-run")["text/plain"]
    assert "nothing to gain" in text
    assert first_profile.text("small").startswith("Sixteen queries take ")


def test_dump_and_history_have_the_run(first_profile: Executed) -> None:
    assert first_profile.text("dump") == "['late_flights.html']"
    assert "late flights in SQL" in first_profile.text("history")


def test_whole_notebook_is_ranked(first_profile: Executed) -> None:
    text = first_profile.report("notebook-show")["text/plain"]
    assert re.search(r"In\[\d+\]:1.*pd\.read_sql\(\"SELECT origin", text)
    assert not first_profile.bundles("notebook-one"), "a cell recorded by %perf_notebook shows no report"


def test_computed_sentences_agree_with_the_reports(first_profile: Executed) -> None:
    before, after = (first_profile.loaded(cell).run for cell in ("first-run", "second-run"))
    assert f"in {after.wall_s:.1f} s instead of {before.wall_s:.1f} s" in first_profile.text("prove")
    assert f" of {before.wall_s:.1f} s" in first_profile.text("verdict")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)
def test_committed_notebook_shows_a_whole_run(path: Path) -> None:
    """Readers who run nothing see one run in order, without an error or a path of a machine."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(output.output_type != "error" for cell in code for output in cell.outputs)
    assert any(REPORT in output.get("data", {}) for cell in code for output in cell.outputs)
    assert len(text) < 1_000_000
    assert not re.search(r"site-packages|/(home|root|tmp|Users)/", text)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)
def test_text_has_no_timing_written_by_hand(path: Path) -> None:
    """Numbers of a run are computed in code cells: what stands in the text would be of another run."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d\s?(%|[mµ]?s\b|seconds|[kMG]i?B\b|times (faster|slower))", cell.source)
