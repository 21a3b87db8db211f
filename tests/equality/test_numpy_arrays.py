"""numpy's arrays of every dtype, and the standard library's."""

import array

import numpy as np
import pytest

from jupyter_perf.equality import difference, fingerprint

RECORDS = np.array([(1, 2.0), (3, np.nan)], dtype=[("id", "i4"), ("x", "f8")])
MASKED = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])


def arrays():
    return [
        np.array([1.0, np.nan, -0.0]),
        np.array([1, 2], dtype="int8"),
        np.array(["2020-01-01", "NaT"], dtype="M8[ns]"),
        np.array([1 + 2j, complex(np.nan, 1)]),
        np.array(["a", "bb"]),
        np.array([b"a", b"bb"]),
        np.array([True, False]),
        np.array([[1], None, "x"], dtype=object),
        np.arange(24.0).reshape(2, 3, 4).T,
        np.arange(20)[::-2],
        np.array(3.5),
        np.empty((0, 3)),
        np.array([1.5, np.nan], dtype=np.longdouble),
        np.array([1.5, 2.5], dtype=np.float16),
        np.array([b"ab", b"cd"], dtype="V2"),
        RECORDS,
        RECORDS[0],
        MASKED,
        np.ma.masked_array(RECORDS, mask=[True, False]),
        array.array("d", [1.0, float("nan")]),
    ]


@pytest.mark.parametrize("number", range(len(arrays())))
def test_a_copy_is_the_same(number):
    before, after = arrays()[number], arrays()[number]
    if isinstance(before, np.ndarray):
        after = before.copy()
    for mode in ("exact", "unordered", "close"):
        assert difference(before, after, mode) is None
    assert fingerprint(before) == fingerprint(before)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (np.arange(3), np.arange(3.0), "dtype int64 and float64"),
        (np.arange(3), np.arange(3, dtype=">i8"), "dtype int64 and >i8"),
        (np.arange(6), np.arange(6).reshape(2, 3), "shape (6,) and (2, 3)"),
        (np.arange(3), [0, 1, 2], "a value of type ndarray and one of type list"),
        (np.array([1.0, np.nan]), np.array([1.0, 2.0]), "element [1]: nan and 2.0"),
        (np.eye(3), np.eye(3).T + np.diag([0, 0, 1]), "element [2, 2]: 1.0 and 2.0"),
        (np.array([[1], None], object), np.array([[2], None], object), "element [0], item 0: 1 and 2"),
        (np.array(3.5), np.array(4.5), "3.5 and 4.5"),
        (np.array([1 + 2j]), np.array([1 + 3j]), "element [0]: (1+2j) and (1+3j)"),
        (array.array("i", [1]), array.array("i", [2]), "element [0]: 1 and 2"),
        (np.timedelta64(1, "s"), np.timedelta64(1000, "ms"), None),
    ],
)
def test_differences(before, after, sentence):
    found = difference(before, after)
    assert found if sentence is None else found == sentence


def test_a_record_differs_in_a_field():
    other = RECORDS.copy()
    other["x"][0] = 5
    assert difference(RECORDS, other) == "field `x`, element [0]: 2.0 and 5.0"
    assert difference(RECORDS[0], other[0]) == "field `x`: 2.0 and 5.0"


def test_what_is_masked_is_not_compared():
    other = MASKED.copy()
    other.data[1] = 99
    assert difference(MASKED, other) is None
    other.data[2] = 99
    assert difference(MASKED, other) == "element [2]: 3.0 and 99.0"
    assert difference(MASKED, np.ma.masked_array([1.0, 2.0, 3.0], mask=False)) == (
        "mask, element [1]: True and False"
    )


@pytest.mark.parametrize("at", [0, 65_535, 65_536, 199_999])
@pytest.mark.parametrize("mode", ["exact", "close"])
def test_a_difference_in_any_block_is_found_where_it_is(at, mode):
    before = np.arange(200_000.0)
    after = before.copy()
    after[at] = -5
    assert difference(before, after, mode).startswith(f"element [{at}]: ")
    columns = before.reshape(2, -1).T, after.reshape(2, -1).T
    assert difference(*columns, mode).startswith(f"element [{at % 100_000}, {at // 100_000}]: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.arange(3), np.arange(3.0)),
        (np.array([0.1 + 0.2]), np.array([0.3])),
        (np.array([0.1], "float32"), np.array([0.1])),
        (np.array([True, False]), np.array([1, 0])),
        (np.array([1.0, np.inf, np.nan]), np.array([1 + 1e-12, np.inf, np.nan])),
        (np.array([1.0, 2.0]), np.array([1, 2.0], dtype=object)),
        (np.array([60_000], "float16"), np.array([60_001.0])),
    ],
)
def test_close(before, after):
    assert difference(before, after)
    assert difference(before, after, "close") is None
    assert difference(after, before, "close") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.array([2**60]), np.array([2**60 + 1])),
        (np.array([np.inf]), np.array([1e300])),
        (np.array([1.0]), np.array([1.0 + 1e-8])),
        (np.array(["1"]), np.array([1])),
        (np.array([0.0]), np.array([np.nan])),
    ],
)
def test_not_close(before, after):
    assert difference(before, after, "close")
    assert difference(after, before, "close")


def test_rows_in_any_order():
    before = np.array([[1.0, 2.0], [np.nan, 0.0], [1.0, 2.0]])
    after = np.array([[np.nan, -0.0], [1.0, 2.0], [1.0, 2.0]])
    assert difference(before, after)
    assert difference(before, after, "unordered") is None
    assert difference(before, after[[0, 0, 1]], "unordered") == (
        "row 0 of before: (1.0, 2.0) has no counterpart in after"
    )
    assert difference(before, before[:, ::-1], "unordered")


def test_more_rows_than_before_are_told():
    sentence = difference(np.array([1, 2]), np.array([2, 1, 7]), "unordered")
    assert sentence == "row 2 of after: (7) has no counterpart in before (2 rows and 3 rows)"


def test_objects_in_any_order():
    before = np.empty(3, object)
    before[:] = [[1], {"a": 2}, None]
    assert difference(before, before[::-1].copy(), "unordered") is None
    after = before[::-1].copy()
    after[1] = {"a": 3}
    assert difference(before, after, "unordered").startswith("row 1 of before: ({'a': 2})")
