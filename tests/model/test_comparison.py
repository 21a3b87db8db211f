"""The Comparison: its frames, its JSON, and what its assertions say."""

import dataclasses
import math

import pytest

from jupyter_perf.model import (
    COMPARISON_COLUMNS,
    Comparison,
    Report,
    Table,
    from_json,
    to_json,
    to_json_text,
)
from tests.model import examples
from tests.properties import given, st

CHANGES = Table.of_rows(
    list(COMPARISON_COLUMNS["changes"]),
    [
        ("total", "statements", None, 12, 1, -11, "statements"),
        ("line", "x = 1", "In[2]:3", None, 0.5, 0.5, "s"),
    ],
)
FASTER = Comparison(
    name="join",
    verdict="faster",
    before_s=(0.4, 0.42, 0.41),
    after_s=(0.2, 0.21, 0.2),
    ratio=2.0,
    low=1.9,
    high=2.1,
    floor=1.01,
    loops_before=1,
    loops_after=3,
    same_result=True,
    notes=("both became 10 % slower while measuring",),
    tables={"changes": CHANGES},
)


def changed(**fields):
    return dataclasses.replace(FASTER, **fields)


DIFFERING = changed(
    verdict="results differ", same_result=False, differences=tuple(f"row {i}: 1 and 2" for i in range(9))
)


def test_samples_are_a_row_for_each_pair_in_turns():
    frame = FASTER.samples
    assert list(frame.columns) == list(COMPARISON_COLUMNS["samples"])
    assert frame["pair"].tolist() == [1, 2, 3]
    assert frame["order"].tolist() == ["before first", "join first", "before first"]
    assert frame["ratio"].tolist() == pytest.approx([0.4 / 0.2, 0.42 / 0.21, 0.41 / 0.2])


def test_samples_that_are_no_pairs_have_neither_order_nor_ratio():
    frame = changed(loops_before=None, loops_after=None, after_s=(0.2,)).samples
    assert frame["before_s"].tolist() == [0.4, 0.42, 0.41]
    assert frame["after_s"].isna().tolist() == [False, True, True]
    assert frame["order"].isna().all() and frame["ratio"].isna().all()


def test_changes_are_a_frame_in_which_what_is_not_there_is_missing():
    frame = FASTER.changes
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == COMPARISON_COLUMNS["changes"]
    assert frame["change"].tolist() == [-11, 0.5] and frame["before"].isna().tolist() == [False, True]
    assert len(Comparison("x", "inconclusive").changes) == 0


@pytest.mark.parametrize("form", [to_json, to_json_text])
def test_a_comparison_comes_back_on_its_own(form):
    back = from_json(form(FASTER), Comparison)
    assert dataclasses.replace(back, tables={}) == dataclasses.replace(FASTER, tables={})
    assert list(back.table("changes").rows()) == list(CHANGES.rows())
    assert to_json(FASTER)["kind"] == "comparison"


def test_a_comparison_comes_back_inside_a_report():
    report = dataclasses.replace(examples.report(), comparisons=(FASTER, DIFFERING))
    back = from_json(to_json_text(report), Report)
    assert [each.name for each in back.comparisons] == ["join", "join"]
    assert back.comparisons[1].differences == DIFFERING.differences
    assert list(back.comparison.table("changes").rows()) == list(CHANGES.rows())


times = st.lists(st.floats(1e-9, 1e6), max_size=5).map(tuple)
texts = st.lists(st.text(max_size=9), max_size=3).map(tuple)
maybe = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.text(), times, times, maybe, maybe, st.none() | st.booleans(), texts, texts)
def test_any_comparison_comes_back(name, before_s, after_s, ratio, floor, same, differences, notes):
    compared = Comparison(
        name, "inconclusive", before_s, after_s, ratio=ratio, floor=floor, same_result=same,
        differences=differences, notes=notes,
    )  # fmt: skip
    assert from_json(to_json_text(compared), Comparison) == compared
    assert len(compared.samples) == max(len(before_s), len(after_s))


def test_a_report_saved_before_comparisons_had_these_fields_loads():
    data = to_json(dataclasses.replace(examples.report(), comparisons=(FASTER,)))
    known = {"name", "verdict", "before_s", "after_s", "ratio", "low", "high", "reason", "statements_change",
             "rows_change", "bytes_change", "calls_change"}  # fmt: skip
    old = [{name: value for name, value in each.items() if name in known} for each in data["comparisons"]]
    back = from_json({**data, "comparisons": old}, Report).comparison
    assert (back.ratio, back.baseline, back.confidence) == (2.0, "before", 0.95)
    assert back.same_result is None and back.notes == () and len(back.changes) == 0


@pytest.mark.parametrize(
    "changes", [{"before_s": 5}, {"tables": {"changes": {"kind": ["a"], "what": []}}}], ids=str
)
def test_a_damaged_comparison_is_refused(changes):
    with pytest.raises(ValueError, match="this Comparison is damaged"):
        from_json({**to_json(FASTER), **changes}, Comparison)


@pytest.mark.parametrize("by", [1.0, 1.2, 1.9, 0.95])
def test_faster_passes_up_to_the_low_end_of_the_interval(by):
    FASTER.assert_faster(by)


def failure(check, *arguments):
    with pytest.raises(AssertionError) as caught:
        check(*arguments)
    return str(caught.value)


def test_the_ratio_alone_does_not_reach():
    said = failure(FASTER.assert_faster, 1.95)
    assert said.splitlines()[0] == (
        "join is not shown to be 1.95 times as fast as before: the interval begins at 1.9, below 1.95"
    )
    assert "time before ÷ after: 2 (95 % interval 1.9 to 2.1), 3 pairs" in said
    assert "median seconds: before 0.41, join 0.2" in said
    assert "same result: yes" in said


def test_what_is_within_the_noise_is_not_faster():
    noise = changed(verdict="no difference shown", ratio=1.004, low=1.001, high=1.007)
    assert failure(noise.assert_faster).startswith(
        "join is not shown to be faster than before: no difference shown"
    )
    noise.assert_faster(by=0.99)


def test_inconclusive_is_never_faster():
    few = changed(verdict="inconclusive", low=None, high=None, reason="3 pairs, 3.1 s and 2.9 s")
    said = failure(few.assert_faster, 0.5)
    assert "inconclusive" in said and "3 pairs, 3.1 s and 2.9 s" in said


def test_another_result_is_never_faster_and_shows_where():
    said = failure(DIFFERING.assert_faster)
    assert said.startswith("join gives another result than before, so that its speed does not count")
    assert "time before" not in said
    assert said.count("difference: ") == 5 and said.endswith("and 4 more differences")


@pytest.mark.parametrize("by", [0, -1, math.nan, math.inf])
def test_what_is_no_ratio_is_a_value_error(by):
    with pytest.raises(ValueError, match="by is a ratio above 0"):
        FASTER.assert_faster(by)


def test_same_passes_where_results_were_compared_and_equal():
    FASTER.assert_same()
    assert failure(DIFFERING.assert_same).startswith("join gives another result than before")
    unknown = changed(same_result=None)
    assert failure(unknown.assert_same).startswith(
        "whether join gives the same result as before is not known"
    )
