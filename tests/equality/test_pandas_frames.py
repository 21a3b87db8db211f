"""pandas: frames, series, indexes and arrays of every dtype."""

import numpy as np
import pandas as pd
import pytest

from jupyter_perf.equality import difference, fingerprint


def frame():
    return pd.DataFrame(
        {
            "delay": [1.0, np.nan, 3.0],
            "carrier": ["AA", None, "UA"],
            "kind": pd.Categorical(["x", "y", None]),
            "count": pd.array([1, None, 3], dtype="Int64"),
            "ratio": pd.array([0.5, None, 1.5], dtype="Float64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "at": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "zoned": pd.to_datetime(["2020-01-01", None, "2020-01-03"]).tz_localize("UTC"),
            "for": pd.to_timedelta([1, 2, None], unit="s"),
            "month": pd.period_range("2020-01", periods=3, freq="M"),
            "between": pd.interval_range(0, 3),
            "sparse": pd.arrays.SparseArray([5, 0, 1]),
            "arrow": pd.array([1.5, None, 2.5], dtype="float64[pyarrow]"),
            "text": pd.array(["a", None, "b"], dtype="string"),
            "lists": [[1], {"a": np.arange(2)}, None],
        }
    )


COLUMNS = list(frame().columns)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_made_twice_is_the_same(column):
    before, after = frame()[column], frame()[column]
    for mode in ("exact", "unordered", "close"):
        assert difference(before, after, mode) is None
        assert difference(before.array, after.array, mode) is None
    assert fingerprint(before) == fingerprint(before)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_planted_value_is_found_at_its_place(column):
    before = frame()
    after = before.take([0, 1, 0]).set_axis(before.index)
    for mode in ("exact", "close"):
        assert difference(before[[column]], after[[column]], mode).startswith(f"row 2, column `{column}`")
        assert difference(before[column], after[column], mode).startswith("row 2")


@pytest.mark.parametrize("column", COLUMNS)
def test_rows_in_any_order(column):
    before, after = frame()[[column]], frame()[[column]].iloc[::-1]
    assert difference(before, after, "unordered") is None
    assert difference(before, after.reset_index(drop=True), "unordered") is None
    other = after.iloc[[0, 1, 1]].reset_index(drop=True)
    assert " of before: (" in difference(before, other, "unordered")
    assert " of before: (" in difference(other, before, "unordered")


def test_all_columns_in_any_order():
    assert difference(frame(), frame().sample(frac=1, random_state=1)[COLUMNS[::-1]], "unordered") is None


def test_the_sentence_of_a_cell():
    before, after = frame(), frame()
    after.loc[2, "delay"] = 9
    assert difference(before, after) == "row 2, column `delay`: 3.0 and 9.0"
    named = before.set_index("carrier"), after.set_index("carrier")
    assert difference(*named) == "row 2 (label 'UA'), column `delay`: 3.0 and 9.0"
    assert difference({"a": [before]}, {"a": [after]}) == (
        "key 'a', item 0, row 2, column `delay`: 3.0 and 9.0"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: f.rename(columns={"delay": "late"}), "column `delay`: only before has it"),
        (lambda f: f.assign(more=1), "column `more`: only after has it"),
        (lambda f: f[["carrier", "delay"]], "label of column 0: 'delay' and 'carrier'"),
        (lambda f: f.iloc[:2], "3 rows and 2 rows"),
        (lambda f: f.set_axis([0, 1, 5]), "index, label 2: 2 and 5"),
        (lambda f: f.rename_axis("row"), "index, names, item 0: None and 'row'"),
        (lambda f: f.rename_axis(columns="c"), "names of the columns, item 0: None and 'c'"),
        (lambda f: f.fillna({"delay": 0}).astype({"delay": int}), "column `delay`: dtype float64 and int64"),
        (lambda f: f.delay, "a value of type DataFrame and one of type Series"),
        (lambda f: f.set_axis([0.0, 1.0, 2.0]), "index: dtype int64 and float64"),
    ],
)
def test_differences_of_shape_labels_and_types(change, sentence):
    before = frame()[["delay", "carrier"]]
    assert difference(before, change(before)) == sentence


def test_a_range_index_is_the_integers_that_it_stands_for():
    before = frame()
    assert difference(before, before.set_axis(pd.Index([0, 1, 2]))) is None
    assert difference(pd.RangeIndex(3), pd.RangeIndex(0, 6, 2)) == "label 1: 1 and 2"


def test_several_columns_of_one_name():
    before = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    after = before.copy()
    assert difference(before, after, "unordered") is None
    after.iloc[1, 1] = 5
    assert difference(before, after) == "row 1, column `a`: 4 and 5"


def test_levels_of_an_index():
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])
    before = pd.DataFrame({"v": range(4)}, index=index)
    assert difference(before, before.copy()) is None
    assert difference(before, before.iloc[::-1], "unordered") is None
    assert difference(before, before.swaplevel()) == "index, names, item 0: 'x' and 'y'"
    assert difference(before, before.reset_index("y")).startswith("column `y`: only after")
    other = before.set_axis(pd.MultiIndex.from_product([["a", "b"], [1, 3]], names=["x", "y"]))
    assert difference(before, other) == "index, label 1: 2 and 3"


def test_labels_count_in_any_order_unless_both_only_number_the_rows():
    before = pd.DataFrame({"v": [1, 2]}, index=["a", "b"])
    after = pd.DataFrame({"v": [2, 1]}, index=["a", "b"])
    assert (
        difference(before, after, "unordered")
        == "row 0 of before: (label='a', v=1) has no counterpart in after"
    )
    assert difference(before.reset_index(drop=True), after.reset_index(drop=True), "unordered") is None


@pytest.mark.parametrize(
    "dtypes",
    [
        {"delay": "Float64"},
        {"delay": "float32"},
        {"carrier": object},
        {"count": "float64"},
        {"count": "int64[pyarrow]"},
        {"flag": object},
        {"ratio": "float64"},
        {"text": object},
        {"kind": object},
    ],
)
def test_close_minds_values_not_dtypes(dtypes):
    before = frame()
    after = before.astype(dtypes)
    # Text is of dtype object already before pandas 3.
    assert difference(before, after) or before.dtypes.equals(after.dtypes)
    assert difference(before, after, "close") is None
    assert difference(after, before, "close") is None


def test_close_minds_large_integers_and_what_is_missing():
    before = pd.DataFrame({"id": pd.array([2**60, None], dtype="Int64")})
    after = pd.DataFrame({"id": pd.array([2**60 + 1, None], dtype="Int64")})
    assert difference(before, after, "close").startswith("row 0, column `id`: ")
    filled = pd.DataFrame({"id": [float(2**60), 0.0]})
    assert difference(before, filled, "close").startswith("row 1, column `id`: ")


def test_frames_of_no_rows_or_columns():
    assert difference(pd.DataFrame(), pd.DataFrame()) is None
    assert difference(pd.DataFrame(), pd.DataFrame(), "unordered") is None
    assert difference(pd.DataFrame({"a": []}), pd.DataFrame({"a": [1.0]}), "unordered").startswith(
        "row 0 of after"
    )


@pytest.mark.parametrize("at", [65_535, 65_536, 150_000])
def test_a_difference_in_any_block(at):
    before = pd.DataFrame({"x": np.arange(200_000), "s": np.arange(200_000).astype(str)})
    after = before.copy()
    after.loc[at, "s"] = "other"
    assert difference(before, after) == f"row {at}, column `s`: '{at}' and 'other'"
    shuffled = after.sample(frac=1, random_state=1)
    assert difference(before, shuffled, "unordered").startswith(f"row {at} of before: ")


def test_a_comparison_changes_neither():
    before, after = frame(), frame()
    prints = fingerprint(before), fingerprint(after)
    for mode in ("exact", "unordered", "close"):
        difference(before, after, mode)
    assert (fingerprint(before), fingerprint(after)) == prints
