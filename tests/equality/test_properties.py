"""Whatever the value: equal to its copy, the same answer both ways, and a planted difference is found."""

import copy
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck
from hypothesis.extra import numpy as nps
from hypothesis.extra import pandas as pds

from jupyter_perf.equality import IncomparableError, difference, fingerprint
from tests.properties import given, settings, st

MODES = st.sampled_from(["exact", "unordered", "close"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.timedeltas(),
    st.sampled_from([np.int32(1), np.float32(0.1), np.True_, np.datetime64("2020-01-01"), pd.NA, pd.NaT]),
)
# A signalling NaN has no hash.
KEYS = SCALARS.filter(lambda value: not (isinstance(value, Decimal) and value.is_snan()))
HASHABLE = st.recursive(KEYS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner), max_leaves=5)
ARRAYS = nps.arrays(
    st.one_of(nps.scalar_dtypes(), nps.complex_number_dtypes(), nps.unicode_string_dtypes()),
    nps.array_shapes(max_dims=3, max_side=4),
)
FRAMES = pds.data_frames(
    [
        pds.column("a", elements=st.floats(max_value=1e200), dtype=float),
        pds.column("b", elements=st.integers(-(10**9), 10**9), dtype=int),
        pds.column("c", elements=st.none() | st.text(max_size=3), dtype=object),
    ],
    index=pds.range_indexes(max_size=6),
)
VALUES = st.recursive(
    SCALARS | ARRAYS | FRAMES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(inner, inner),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
    ),
    max_leaves=12,
)
# Large values take a while to be drawn on a slow machine.
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def answer(before, after, mode):
    try:
        return difference(before, after, mode)
    except IncomparableError as error:
        return f"cannot be told: {error}"


@UNHURRIED
@given(VALUES, MODES)
def test_a_copy_is_the_same_and_has_the_same_fingerprint(value, mode):
    again = copy.deepcopy(value)
    assert difference(value, again, mode) is None
    assert fingerprint([value]) == fingerprint([value]) is not None


@UNHURRIED
@given(VALUES, VALUES, MODES)
def test_the_answer_is_the_same_both_ways(one, other, mode):
    assert (answer(one, other, mode) is None) == (answer(other, one, mode) is None)


@UNHURRIED
@given(st.lists(SCALARS, max_size=6), st.lists(SCALARS, max_size=6), MODES)
def test_short_lists_both_ways(one, other, mode):
    assert (answer(one, other, mode) is None) == (answer(other, one, mode) is None)


@UNHURRIED
@given(VALUES, st.lists(st.sampled_from(["list", "dict", "tuple"]), max_size=4), MODES)
def test_a_planted_difference_is_found_at_any_depth(value, wraps, mode):
    class Planted:
        pass

    def wrapped(leaf):
        for wrap in wraps:
            leaf = {"list": [1, leaf], "dict": {"key": leaf, "b": 2}, "tuple": (leaf, value)}[wrap]
        return leaf

    before, after = wrapped([value, 1]), wrapped([copy.deepcopy(value), Planted()])
    assert difference(before, after, mode)
    assert difference(after, before, mode)


@UNHURRIED
@given(st.lists(VALUES, max_size=6), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_the_same_in_any_order(items, random):
    shuffled = [copy.deepcopy(item) for item in items]
    random.shuffle(shuffled)
    assert difference(items, shuffled, "unordered") is None
    assert difference([*items, None], [*shuffled, 0.5], "unordered")


@UNHURRIED
@given(FRAMES, st.randoms(use_true_random=False))
def test_shuffled_rows_are_the_same_in_any_order(frame, random):
    order = random.sample(range(len(frame)), len(frame))
    after = frame.iloc[order].reset_index(drop=True)
    assert difference(frame, after, "unordered") is None
    assert difference(frame, frame.iloc[order], "unordered") is None


@UNHURRIED
@given(FRAMES.filter(len), st.data())
def test_a_cell_that_was_changed_is_found_where_it_is(frame, data):
    row = data.draw(st.integers(0, len(frame) - 1))
    place, planted = data.draw(st.sampled_from([(0, 1e300), (1, 10**15), (2, "planted")]))
    after = frame.copy()
    after.iat[row, place] = planted
    for mode in ("exact", "close"):
        assert difference(frame, after, mode).startswith(f"row {row}, column `{'abc'[place]}`: ")
    assert difference(frame, after, "unordered")
    assert fingerprint(frame) != fingerprint(after)


@UNHURRIED
@given(ARRAYS, st.data())
def test_an_element_that_was_changed_is_found(array, data):
    flat = data.draw(st.integers(0, array.size - 1))
    after = array.copy()
    after.reshape(-1)[flat] = data.draw(nps.from_dtype(array.dtype))
    if difference(array.reshape(-1)[flat], after.reshape(-1)[flat]):
        where = ", ".join(map(str, np.unravel_index(flat, array.shape)))
        assert difference(array, after).startswith(f"element [{where}]: ")


@UNHURRIED
@given(st.floats(-1e300, 1e300), st.floats(-1e-10, 1e-10))
def test_close_reaches_a_billionth(number, share):
    assert difference(number, number * (1 + share), "close") is None
    assert difference(np.array([number]), np.array([number * (1 + share)]), "close") is None


@UNHURRIED
@given(
    st.lists(st.floats() | st.integers(-(10**6), 10**6), min_size=2, max_size=2),
    st.sampled_from(["f4", "f8"]),
)
def test_numbers_and_arrays_agree_on_what_is_close(pair, dtype):
    with np.errstate(all="ignore"):
        one, other = np.array(pair[:1], dtype), np.array(pair[1:], dtype)
    alone = difference(one[0], other[0], "close") is None
    assert (difference(one, other, "close") is None) == alone


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, np.arange(3), pd.Series([1])])
def test_off_never_differs(value):
    assert difference(value, object(), "off") is None
