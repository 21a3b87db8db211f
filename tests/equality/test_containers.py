"""Lists, tuples, dicts and sets, one in another, and in circles."""

from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest

from jupyter_perf.equality import IncomparableError, difference

NAN = float("nan")


def other_nan():
    return float("nan")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1, [2, NAN]], [1, [2, other_nan()]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({NAN: 1}, {other_nan(): 1}),
        ({1, NAN}, {other_nan(), 1}),
        ({(1, NAN)}, {(1, other_nan())}),
        (frozenset([1]), frozenset([1])),
        (deque([1, 2]), deque([1, 2], maxlen=5)),
        (Counter("aab"), Counter("aba")),
        ({1: "x"}.values(), {2: "x"}.values()),
        (range(3), range(3)),
    ],
)
def test_the_same(before, after):
    assert difference(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ([1, [2, 3]], [1, [2, 4]], "item 1, item 1: 3 and 4"),
        ([1], [1, 2], "1 item and 2 items"),
        ([1], (1,), "a value of type list and one of type tuple"),
        ({"a": [1]}, {"a": [2]}, "key 'a', item 0: 1 and 2"),
        ({"a": 1}, {}, "key 'a': only before has it"),
        ({}, {"a": 1}, "key 'a': only after has it"),
        ({1: "x"}, {1.0: "x"}, "key 1: 1 and 1.0"),
        ({1: "x"}, {True: "x"}, "key 1: 1 and True"),
        ({1}, {2}, "element 1: only before has it"),
        ({1}, {1, 2}, "element 2: only after has it (1 element and 2 elements)"),
        ({1}, {1.0}, "element 1: 1 and 1.0"),
        ({(1,)}, {(1.0,)}, "element (1,), item 0: 1 and 1.0"),
        ([1], None, "a value of type list and one of type NoneType"),
        ({"a": 1}, defaultdict(int, a=1), "a value of type dict and one of type defaultdict"),
        ([[NAN]], [[None]], "item 0, item 0: nan and None"),
    ],
)
def test_differences(before, after, sentence):
    assert difference(before, after) == sentence


def test_the_order_of_keys_counts_between_two_ordered_dicts_alone():
    one, other = OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)
    assert difference(one, other) == "key 0: 'a' and 'b'"
    assert difference(one, other, "unordered") is None


def test_close_takes_a_list_for_a_tuple_and_numbers_within_the_tolerance():
    assert difference([1, 0.1 + 0.2], (1.0, 0.3), "close") is None
    assert difference({0.1 + 0.2}, {0.3}, "close") is None
    assert difference([1, 2], (1.0, 2.1), "close") == "item 1: 2 and 2.1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([3, 1, 2], [1, 2, 3]),
        ([{"a": [1]}, {"b": 2}], [{"b": 2}, {"a": [1]}]),
        ([NAN, 1], [1, other_nan()]),
        ([np.arange(3), [1]], [[1], np.arange(3)]),
        ({"rows": [1, 2]}, {"rows": [2, 1]}),
        (([1, 2], 3), ([2, 1], 3)),
        ([3, np.int64(4)], [4, np.int64(3)]),
    ],
)
def test_a_list_in_any_order(before, after):
    assert difference(before, after, "unordered") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1, 1, 2], [1, 2, 2]),
        ([1], [1.0]),
        ([[1, 2]], [[2, 1]]),
        ((1, 2), (2, 1)),
        ([1, True], [1, 1]),
        ([("Row", 1)], [("Row", 2)]),
        ([1, 2], [1]),
        ([], [[]]),
    ],
)
def test_what_differs_in_any_order(before, after):
    assert difference(before, after, "unordered")
    assert difference(after, before, "unordered")


def test_the_lacking_item_is_named():
    sentence = difference([1, {"a": 1}, 3], [3, 1, {"a": 2}], "unordered")
    assert sentence == "item 1 of before: {'a': 1} has no counterpart in after"


def test_many_items_without_a_hash_are_matched_or_given_up_with_advice(monkeypatch):
    class Opaque:
        __hash__ = None

        def __init__(self, x):
            self.x = x

        def __eq__(self, other):
            return self.x == other.x

    few = [Opaque(x) for x in range(50)]
    assert difference(few, [Opaque(x) for x in reversed(range(50))], "unordered") is None
    monkeypatch.setattr("jupyter_perf.equality.matching.TRIALS", 1000)
    many = [[Opaque(x) for x in numbers] for numbers in (range(200), reversed(range(200)))]
    with pytest.raises(IncomparableError, match="sort both"):
        difference(*many, "unordered")


def nested(depth, leaf):
    value = leaf
    for _ in range(depth):
        value = [value]
    return value


def test_ten_thousand_levels_are_walked():
    assert difference(nested(10_000, 1), nested(10_000, 1)) is None
    sentence = difference(nested(10_000, 1), nested(10_000, 2))
    assert sentence.endswith("1 and 2")
    assert "(9,994 levels)" in sentence
    assert len(sentence) < 200


def test_ten_thousand_levels_are_matched():
    one, other = ({"x": nested(10_000, leaf)} for leaf in (1, 1))
    assert difference([one, 2], [2, other], "unordered") is None


def circle(leaf):
    value = [leaf]
    value.append({"again": value})
    return value


@pytest.mark.parametrize("mode", ["exact", "unordered", "close"])
def test_circles_end(mode):
    assert difference(circle(1), circle(1), mode) is None
    assert difference(circle(1), circle(2), mode)


def test_what_is_shared_a_thousand_times_over_is_compared_once():
    def shared(leaf):
        value = [leaf]
        for _ in range(200):
            value = [value, value]
        return value

    assert difference(shared(1), shared(1)) is None
    assert difference(shared(1), shared(2))


def test_a_subclass_is_read_by_the_methods_of_its_base_and_by_its_attributes():
    class Named(list):
        def __len__(self):
            return -1

        def __iter__(self):
            while True:
                yield 1

    one, other = Named([1, 2]), Named([1, 2])
    assert difference(one, other) is None
    other.name = "x"
    assert difference(one, other) == "attribute `name`: only after has it"
