"""Comparison reports: the sentences, and that every form holds to them."""

import json
import re
from dataclasses import replace

import pytest

from jupyter_perf.model import Comparison, Report, from_json
from jupyter_perf.renderers import budget, comparison_grids, units, verdicts
from jupyter_perf.renderers.bundle import bundle
from jupyter_perf.renderers.folder import Folder, own_files
from jupyter_perf.renderers.html_fragment import HtmlRenderer
from jupyter_perf.renderers.markdown import MarkdownRenderer
from jupyter_perf.renderers.report_json import JsonRenderer
from jupyter_perf.renderers.text import TextRenderer
from tests.renderers import comparison_samples as samples
from tests.renderers import hostile_sample, report_samples
from tests.renderers.test_html import Reader

TIMED = {"before_s": (1.0,) * 31, "after_s": (1.0,) * 31, "loops_before": 1, "loops_after": 1}


def sentence(verdict, name="after", named=False, **fields):
    said = verdicts.verdict(Comparison(name, verdict, **{**TIMED, **fields}), named=named).sentence
    return said.replace(units.TIMES, "x").replace(units.DASH, "-")


def text(report, top=20):
    return TextRenderer().render(report, top=top)


def html(report, top=20):
    return HtmlRenderer().render(report, top=top)


def markdown(report, top=20):
    return MarkdownRenderer().render(report, top=top)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "said"),
    [
        (412, 398, 431, "after is 412x faster (95 % interval 398-431)"),
        (2.0, 1.9, 2.1, "after is 2.00x faster (95 % interval 1.90-2.10)"),
        # 1 / 1.0549 = 0.948: 5.2 % of the time before is saved.
        (1.0549, 1.0428, 1.0672, "after is faster: 5.2 % less time (95 % interval 4.1-6.3 %)"),
        (1.6, 1.4, 1.9, "after is faster: 38 % less time (95 % interval 29-47 %)"),
        (1.0101, 1.0096, 1.0106, "after is faster: 1.00 % less time (95 % interval 0.95-1.05 %)"),
    ],
)
def test_faster(ratio, low, high, said):
    got = sentence("faster", ratio=ratio, low=low, high=high, same_result=True)
    assert got == f"{said}, same result, 31 pairs."


@pytest.mark.parametrize(
    ("ratio", "low", "high", "said"),
    [
        # 1 / 0.763 = 1.31.
        (0.763, 0.75, 0.776, "after is slower: 31.1 % more time (95 % interval 28.9-33.3 %)"),
        (0.25, 0.2, 0.4, "after is 4.00x slower (95 % interval 2.50-5.00)"),
    ],
)
def test_slower_says_how_much_longer_it_takes(ratio, low, high, said):
    got = sentence("slower", ratio=ratio, low=low, high=high, same_result=True)
    assert got == f"{said}, same result, 31 pairs."


def test_no_difference_is_bounded():
    assert sentence("no difference shown", ratio=1.002, low=0.991, high=1.013, same_result=True) == (
        "No difference shown: at most 1.3 % either way, same result, 31 pairs."
    )
    # 1 / 0.8 = 1.25: the before could be so much faster.
    assert "at most 25 % either way" in sentence("no difference shown", ratio=0.9, low=0.8, high=1.1)
    given = sentence(
        "no difference shown", low=0.9, high=1.1, reason="at most 12 % either way; the floor is 9 %"
    )
    assert (
        given
        == "No difference shown: at most 12 % either way; the floor is 9 %, results not compared, 31 pairs."
    )


def test_inconclusive_gives_its_reason():
    assert sentence("inconclusive", reason="3 pairs in 5 s, 3.1 s and 2.9 s") == (
        "Inconclusive: 3 pairs in 5 s, 3.1 s and 2.9 s."
    )
    assert sentence("inconclusive") == "Inconclusive: 31 pairs, 1.00 s and 1.00 s."


def test_results_that_differ_say_where_and_nothing_of_speed():
    got = sentence(
        "results differ", ratio=4.0, low=3.0, high=5.0, differences=("row 17, column `delay`: 3.0 and 3",)
    )
    assert got == "Results differ: row 17, column `delay`: 3.0 and 3."


def test_parts_are_named_where_that_is_not_clear():
    few = {"reason": "3 pairs"}
    assert sentence("inconclusive", "join", **few) == "join: inconclusive: 3 pairs."
    assert sentence("inconclusive", named=True, **few) == "after: inconclusive: 3 pairs."
    assert sentence("faster", "two passes", ratio=3.0, baseline="main").startswith(
        "“two passes” is 3.00x faster than main, results not compared"
    )


def test_runs_that_are_no_pairs_are_counted_as_runs():
    got = sentence(
        "faster", ratio=3.0, low=2.5, high=3.5, before_s=(3.0,) * 7, loops_before=None, after_s=(1.0,) * 6
    )
    assert got.endswith("results not compared, 7 and 6 runs.")
    one = verdicts.verdicts(samples.saved())[0].sentence
    assert one.startswith("before took 2.84 s and after 1.90 s, inconclusive: one run each proves nothing")


@pytest.mark.parametrize("sample", samples.ALL)
def test_every_form_leads_with_the_same_sentences(sample):
    report = sample()
    first = verdicts.verdicts(report)[0]
    for shown in (text(report), Reader(html(report)).said()):
        assert "".join(shown.split()).startswith("".join(f"{first.sign}{first.sentence}".split()))
    assert markdown(report).startswith(first.sign)


@pytest.mark.parametrize("render", [text, html, markdown])
def test_where_results_differ_there_is_no_ratio_no_time_and_no_picture(render):
    shown = render(samples.differing())
    assert "row 17" in shown and "Row 18" in shown
    assert not re.search(r"\d ?m?s\b|÷|interval|Times|Time of one", re.sub(r"<style>.*?</style>", "", shown))
    assert "<svg" not in shown
    assert "statements" in shown


@pytest.mark.parametrize("render", [text, html, markdown])
def test_a_comparison_report_does_not_repeat_the_profile(render):
    report = replace(samples.much_faster(), findings=(report_samples.N_PLUS_ONE,))
    shown = render(report)
    assert "Hottest" not in shown and "Call stacks" not in shown and "n-plus-one" not in shown


@pytest.mark.parametrize("render", [text, html, markdown])
def test_several_parts_share_one_table_and_name_each(render):
    shown = render(samples.several())
    assert shown.count("Median time") == 1
    for name in ("join", "cache", "sort first", "two passes", "guess"):
        assert name in shown
    assert "intervals of 4 comparisons are widened so that all hold together" in re.sub(
        r"\s|&nbsp;", " ", shown
    )


def test_the_table_of_parts_has_the_first_run_apart():
    grid = comparison_grids.parts(samples.several(), 20)
    titles = [heading.title for heading in grid.headings]
    assert titles == [
        "Part",
        "Verdict",
        "Median time",
        "First run",
        "Before ÷ after",
        "95 % interval",
        "Pairs",
    ]
    assert [row[0] for row in grid.rows] == ["before", "join", "cache", "sort first", "two passes", "guess"]
    assert set(grid.rows[-1][2:]) == {""}


def test_totals_leave_out_what_one_run_cannot_show_and_name_what_stayed():
    grid = comparison_grids.totals(samples.much_faster(), 20)
    assert grid.rows[0] == ("statements", "3,323", "2", f"{units.MINUS}3,321")
    shown = [row[0] for row in grid.rows]
    # 10 ms of 2.84 s is nothing; the wall time is what the pairs tell better.
    assert "garbage collection" not in shown and "wall time" not in shown
    assert grid.lead.endswith("vary from run to run. The same in both: 1 await.")
    assert "wall time" in [row[0] for row in comparison_grids.totals(samples.saved(), 20).rows]


def test_rows_beyond_top_are_counted_with_the_place_of_all():
    assert "more in report.comparisons[0].changes" in text(samples.much_faster(), top=1)


def test_the_picture_has_a_ring_or_disc_for_each_sample_and_the_interval():
    picture = html(samples.a_little_faster())
    before, after = (
        re.search(rf"<g class='jperf-dots jperf-{kind}'>(.*?)</g>", picture).group(1)
        for kind in ("before", "after")
    )
    assert before.count("<circle") == after.count("<circle") == 31
    assert picture.count("jperf-interval") >= 1 and "jperf-floor" in picture
    places = [float(at) for at in re.findall(r"cx='([\d.]+)%'", picture)]
    assert len(places) == 3 * 31 and all(0 <= at <= 100 for at in places)


@pytest.mark.parametrize(("sample", "is_right"), [(samples.much_faster, True), (samples.slower, False)])
def test_faster_lies_right_of_one_in_the_picture(sample, is_right):
    ratios = html(sample()).split("pair by pair")[1]
    one = float(re.search(r"<line class='jperf-one' x1='([\d.]+)%'", ratios).group(1))
    dots = [float(at) for at in re.findall(r"cx='([\d.]+)%'", ratios)]
    assert len(dots) == 31 and all((at > one) is is_right for at in dots)


def test_thousands_of_samples_and_hostile_names_stay_within_the_bundle():
    parts = bundle(samples.hostile(), 20)
    assert budget.weight(parts) < 200_000
    assert budget.weight(parts["text/html"]) <= budget.HTML_BYTES
    reader = Reader(parts["text/html"])
    assert "script" not in reader.tags and "img" not in reader.tags
    assert hostile_sample.SCRIPT in reader.said()
    assert all(c == "\n" or c.isprintable() for c in parts["text/plain"])


def test_json_of_an_ordinary_comparison_is_whole_and_reads_back():
    report = samples.much_faster()
    value = JsonRenderer().render(report)
    compared = from_json(json.dumps({k: v for k, v in value.items() if k != "left_out"}), Report).comparison
    assert compared.before_s == report.comparison.before_s
    assert list(compared.table("changes").rows()) == list(report.comparison.table("changes").rows())
    assert not {"samples", "changes", "comparisons"} & value["left_out"].keys()


def test_json_of_many_samples_is_cut_evenly_and_counted():
    many = replace(samples.much_faster().comparison, before_s=tuple(range(5000)), after_s=tuple(range(5000)))
    value = JsonRenderer().render(Report(samples.BEFORE, comparisons=(many,)))
    sent = value["comparisons"][0]["before_s"]
    assert len(sent) + value["left_out"]["samples"] == 5000
    assert sent[0] == 0 and sent[-1] > 4900 and sent == value["comparisons"][0]["after_s"]
    assert budget.weight(value) <= budget.JSON_BYTES


def test_the_folder_has_the_samples_and_changes_of_all_comparisons():
    files = Folder().render(samples.several())
    frames = {name.split(".")[0] for name in files}
    assert {"samples", "changes"} <= frames and set(files) <= own_files()


def test_notes_shared_by_all_parts_are_said_once():
    common, own = "results were not compared (--equal off)", "writes to a database"
    report = Report(samples.BEFORE, comparisons=(
        samples.timed("join", "faster", 2.0, 0.5, notes=(common,)),
        samples.timed("cache", "faster", 2.0, 0.5, notes=(common, own)),
    ))  # fmt: skip
    assert verdicts.notes(report.comparisons) == [f"R{common[1:]}.", f"cache: {own}."]
    alone = samples.timed("join", "faster", 2.0, 0.5, notes=("before was not profiled first", "both drift"))
    assert verdicts.notes([alone]) == ["before was not profiled first.", "Both drift."]
