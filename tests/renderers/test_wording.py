"""The sentences of a report."""

from dataclasses import replace

import pytest

from jupyter_perf.model import Comparison, Encoded, Finding, Previous, Report, Table
from jupyter_perf.renderers import wording
from tests.renderers import report_samples as samples


def changed(**fields):
    """The example's run with other fields."""
    return replace(samples.FLIGHTS, **fields)


def with_tables(**tables):
    return changed(tables={**samples.FLIGHTS_TABLES, **tables})


def lines_of(shares, file=samples.CELL):
    rows = ({"file": file, "line": i + 1, "self_s": s, "self_share": s} for i, s in enumerate(shares))
    return samples.table("lines", *rows)


def test_headline_says_cost_place_and_last_time():
    assert wording.headline(samples.flights()) == (
        "The cell took 2.84 s, 46 % of it in SQL and 22 % in Python, 1.93 s at line 2; "
        "the last time it took 3.10 s."
    )


def test_headline_of_a_cell_whose_code_changed():
    report = Report(samples.FLIGHTS, previous=Previous("p", 0.0, 3.1, same_source=False))
    assert wording.headline(report).endswith("; the last time, before its code changed, it took 3.10 s.")


def test_headline_names_the_file_of_a_line_outside_the_cell():
    table = lines_of([2.0], file="/srv/flights/delays.py")
    assert "2.00 s at flights/delays.py:1" in wording.headline(Report(with_tables(lines=table)))


def test_headline_without_any_table():
    assert wording.headline(samples.empty()) == "The code took 500 ms."


def test_headline_with_a_label():
    assert wording.headline(Report(changed(label="late flights"))).startswith("“late flights” took 2.84 s")


def test_a_second_category_below_a_fifth_is_not_named():
    table = samples.table(
        "breakdown", {"category": "files", "seconds": 2.5}, {"category": "SQL", "seconds": 0.34}
    )
    headline = wording.headline(Report(with_tables(breakdown=table)))
    assert "88 % of it on files" in headline and "SQL" not in headline


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("exception", "Stopped by an exception: the figures are up to that point."),
        ("interrupt", "Interrupted: the figures are up to that point."),
        (None, None),
    ],
)
def test_a_run_that_ended_early_says_so(reason, sentence):
    assert wording.partial(changed(partial=reason)) == sentence


def test_a_brief_cell_has_nothing_to_gain():
    assert wording.restraint(samples.brief()).startswith("There is nothing to gain here")
    assert wording.restraint(samples.flights()) is None


def test_a_brief_cell_with_a_finding_is_not_waved_through():
    report = replace(samples.brief(), findings=(samples.N_PLUS_ONE,))
    assert not wording.is_short(report) and wording.restraint(report) is None


def test_a_brief_cell_that_failed_is_not_told_that_it_is_fast():
    report = samples.brief()
    assert wording.restraint(replace(report, run=replace(report.run, partial="exception"))) is None


def test_concentration_counts_lines_of_code_only():
    # Five of the cell's eight lines are code: not %%perf, the blank one and the comment.
    assert wording.concentration(samples.FLIGHTS) == "2 of 5 lines take 88 %."


def test_concentration_of_one_line():
    assert wording.concentration(with_tables(lines=lines_of([0.9, 0.05, 0.05]))) == "1 of 5 lines takes 90 %."


def test_concentration_where_the_cost_is_spread():
    spread = wording.concentration(with_tables(lines=lines_of([0.21, 0.2, 0.2, 0.2, 0.19])))
    assert spread == "The cost is spread: none of 5 lines takes more than 21 %."


def test_concentration_over_files_whose_length_is_not_known():
    table = lines_of([0.6, 0.3, 0.1], file="/srv/delays.py")
    assert wording.concentration(with_tables(lines=table)) == "2 of the 3 lines seen take 90 %."


def test_no_concentration_without_lines():
    assert wording.concentration(samples.empty().run) is None


def test_facts_leave_out_what_was_not_measured():
    assert wording.facts(samples.empty().run) == []
    assert dict(wording.facts(samples.FLIGHTS)) == {
        "Processor": "2.35 s",
        "Waiting": "310 ms",
        "SQL": "1.31 s, 3,323 statements",
        "Peak memory": "618 MB (+241 MB)",
    }


def test_saving_is_in_seconds_and_as_a_part_of_the_run():
    finding = Finding("r", "warning", "m", cost_s=0.5, cost_bytes=2_000_000)
    assert wording.finding_saving(finding, 2.0) == "would save 500 ms (25 %) and 2.00 MB"
    assert wording.finding_saving(Finding("r", "info", "m"), 2.0) is None


def test_proof_says_result_first():
    assert wording.proof(samples.N_PLUS_ONE) == (
        "Run and compared: the same result; faster, time before ÷ after 41.3 (95 % interval 38.9 to 44.0), "
        "3,321 statements fewer."
    )
    assert wording.proof(Finding("r", "info", "m")) is None


def test_comparison_without_an_interval():
    text = wording.comparison(Comparison("c", "inconclusive", ratio=1.02, reason="fewer than six pairs"))
    assert text == "inconclusive, time before ÷ after 1.02, fewer than six pairs"


def test_measured_names_sampler_rate_and_cost():
    assert wording.measured(samples.FLIGHTS) == [
        "Stacks sampled by py-spy, 500 times a second.",
        "Measuring took about 21.0 ms (1 % of the run).",
        "Parameter values are masked; --params shows them.",
        "Ran on Python 3.13.1, pandas 3.0.0.",
    ]
    assert wording.measured(samples.empty().run) == []


def test_many_notes_are_counted_instead_of_listed():
    said = wording.measured(changed(notes=tuple(f"note {i}" for i in range(40)), environment={}))
    assert said[-1] == "28 more notes in report.run.notes."


def test_tables_may_hold_encoded_columns():
    breakdown = Table({"category": Encoded([0, 1], ["SQL", "files"]), "seconds": [2.0, 0.84]})
    assert "70 % of it in SQL" in wording.headline(Report(with_tables(breakdown=breakdown)))
