"""The report as plain text."""

from dataclasses import replace

import pytest

from jupyter_perf.renderers import budget, wording
from jupyter_perf.renderers.excerpt import width
from jupyter_perf.renderers.text import COLUMNS, TextRenderer
from tests.renderers import comparison_samples, hostile_sample
from tests.renderers import report_samples as samples

ALL = [
    samples.flights,
    samples.with_finding,
    samples.with_options,
    samples.empty,
    samples.brief,
    samples.stopped,
    hostile_sample.hostile,
    *comparison_samples.ALL,
]


def text(report, top=20):
    return TextRenderer().render(report, top=top)


@pytest.mark.parametrize("sample", ALL)
def test_no_line_is_wider_than_a_terminal(sample):
    assert max(width(line) for line in text(sample()).splitlines()) <= COLUMNS


@pytest.mark.parametrize("sample", ALL)
def test_nothing_is_said_of_what_was_not_measured(sample):
    words = text(sample()).split()
    assert not {"None", "nan", "<NA>"} & set(words)


def test_parts_come_in_the_order_of_the_design():
    shown = text(samples.with_finding())
    order = [
        "The cell took",
        "n-plus-one-query",
        "Where the time went",
        "Hottest lines",
        "Hottest functions",
        "SQL statements",
        "Awaits",
        "Memory",
        "Threads",
        "Stacks sampled by",
    ]
    places = [shown.index(part) for part in order]
    assert places == sorted(places)


def test_a_run_without_tables_is_one_sentence():
    assert text(samples.empty()) == "The code took 500 ms."


def test_a_brief_cell_has_a_short_report():
    shown = text(samples.brief())
    assert "nothing to gain" in shown and "Hottest" not in shown and "py-spy" in shown


def test_an_early_end_is_said_first():
    assert text(samples.stopped("interrupt")).startswith("Interrupted: ")


def test_the_bar_of_the_categories_fills_the_line_once():
    rows = [line for line in text(samples.flights()).splitlines() if "█" in line and "%  " in line]
    bars = [row[row.rindex("%") + 3 :] for row in rows[:7]]
    ends = [len(bar) for bar in bars]
    starts = [len(bar) - len(bar.lstrip()) for bar in bars]
    assert starts[0] == 0 and starts[1:] == ends[:-1]


def test_columns_are_aligned():
    shown = text(samples.flights()).splitlines()
    first = next(i for i, line in enumerate(shown) if line.startswith("Hottest lines"))
    at = shown[first + 1].index("Source")
    assert [line[at:].split()[0] for line in shown[first + 2 : first + 7]] == [
        "flights",
        "late",
        "await",
        'connection.execute("SELECT',
        "for",
    ]


def test_waiting_is_shaded_and_running_is_solid():
    shown = text(samples.flights()).splitlines()
    row = next(line for line in shown if "await asyncio.sleep" in line)
    assert "░" in row and "█" not in row


def test_a_table_without_times_has_no_bars():
    row = {"fingerprint": "SELECT 1", "calls": 300, "file": samples.CELL, "line": 2}
    run = replace(samples.FLIGHTS, tables={"statements": samples.table("statements", row)})
    shown = text(replace(samples.flights(), run=run)).splitlines()
    head = next(i for i, line in enumerate(shown) if line.startswith("SQL statements"))
    assert shown[head + 1 : head + 3] == ["  Called at  Calls  Statement", "  In[4]:2      300  SELECT 1"]


def test_rows_beyond_top_are_counted():
    shown = text(samples.flights(), top=2)
    assert "and 3 more in report.run.lines" in shown
    assert "for carrier in carriers" not in shown


def test_options_bring_their_tables():
    shown = text(samples.with_options())
    assert "4,096/16" in shown
    assert "def late_share(group):" in shown
    assert "+243 MB" in shown


def test_hostile_names_cannot_move_the_cursor():
    shown = text(hostile_sample.hostile())
    assert all(character == "\n" or character.isprintable() for character in shown)
    assert shown.encode("utf-8")


@pytest.mark.parametrize("top", [20, 1000])
def test_it_stays_within_its_part_of_the_bundle(top):
    assert budget.weight(text(hostile_sample.hostile(), top)) <= budget.TEXT_BYTES


def test_wide_characters_do_not_shift_the_columns():
    row = samples.line(2, 1.0, 0.0, 1.0) | {"file": "飛行機.py"}
    other = samples.line(3, 0.5, 0.0, 1.0)
    run = replace(samples.FLIGHTS, tables={"lines": samples.table("lines", row, other)})
    shown = text(replace(samples.flights(), run=run)).splitlines()
    ends = [width(line[: line.index("%")]) for line in shown if "█" in line]
    assert len(ends) == 2 and len(set(ends)) == 1


def test_the_headline_is_the_one_of_every_form():
    assert wording.headline(samples.brief()) in text(samples.brief())
