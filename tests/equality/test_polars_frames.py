"""polars: frames and series."""

import pytest

from jupyter_perf.equality import IncomparableError, difference, fingerprint

pl = pytest.importorskip("polars")


def frame():
    return pl.DataFrame(
        {
            "x": [1.0, float("nan"), None],
            "s": ["a", "b", None],
            "n": [1, 2, 3],
            "l": [[1], [2, 3], None],
            "r": [{"a": 1}, {"a": 2}, None],
            "c": pl.Series(["u", "v", "u"], dtype=pl.Categorical),
        }
    )


@pytest.mark.parametrize("mode", ["exact", "unordered", "close"])
def test_made_twice_is_the_same(mode):
    assert difference(frame(), frame(), mode) is None
    assert difference(frame()["x"], frame()["x"], mode) is None
    assert fingerprint(frame()) == fingerprint(frame())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (pl.col("x").fill_nan(7.0), "row 1, column `x`: nan and 7.0"),
        (pl.col("n").cast(pl.Float64), "column `n`: dtype Int64 and Float64"),
        (pl.col("l").list.reverse(), "row 1, column `l`, item 0: 2 and 3"),
        (pl.col("s").alias("t"), "names of the columns: 6 items and 7 items"),
    ],
)
def test_differences(change, sentence):
    assert difference(frame(), frame().with_columns(change)) == sentence


def test_numbers_of_rows():
    assert difference(frame(), frame().head(2)) == "3 rows and 2 rows"


def test_rows_and_columns_in_any_order():
    after = frame().reverse().select("s", "x", "n", "c", "l", "r")
    assert difference(frame(), after)
    assert difference(frame(), after, "unordered") is None
    sentence = difference(frame(), after.with_columns(n=pl.lit(1, pl.Int64)), "unordered")
    assert sentence.startswith("row 1 of before: (x=nan, s='b', n=2, l=[2, 3], r={'a': 2}, c='v')")


def test_close():
    after = frame().with_columns(pl.col("n").cast(pl.Float32), pl.col("x").cast(pl.Float32))
    assert difference(frame(), after, "close") is None
    after = after.with_columns(pl.col("n") + 1e-3)
    assert difference(frame(), after, "close").startswith("row 0, column `n`: 1 and 1.001")


def test_a_lazy_frame_is_refused_with_advice():
    with pytest.raises(IncomparableError, match=r"\.collect\(\)"):
        difference(frame().lazy(), frame().lazy())


def test_a_change_in_place_is_seen():
    one = frame()
    before = fingerprint(one)
    one[0, "n"] = 99
    assert fingerprint(one) != before
