"""Objects that misbehave: nothing but IncomparableError comes out, and no endless loop."""

import itertools
import re

import numpy as np
import pytest

from jupyter_perf.equality import IncomparableError, difference, fingerprint


class RaisesWhenCompared:
    def __eq__(self, other):
        raise RuntimeError("no comparison here")

    __hash__ = object.__hash__


class RaisesWithState(RaisesWhenCompared):
    def __init__(self, x):
        self.x = x


class GivesAnArray(RaisesWhenCompared):
    def __eq__(self, other):
        return np.array([True, False])


class GivesArrayWithState(GivesAnArray):
    def __init__(self, x):
        self.x = x


class NoRepr:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return False

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no repr")


class LongRepr(NoRepr):
    def __repr__(self):
        return "x\n" * 1_000_000


class Liar:
    @property
    def __class__(self):
        return dict

    def __len__(self):
        return -1

    def __iter__(self):
        while True:
            yield self

    def __getattr__(self, name):
        raise RuntimeError(name)


class HostileMeta(type):
    def __getattribute__(cls, name):
        raise RuntimeError(name)

    def __eq__(cls, other):
        raise RuntimeError

    __hash__ = None


def hostile_class():
    """An instance of a class that answers no question; pytest would ask it, were it a name of the module."""
    return HostileMeta("HostileClass", (), {})()


class HostileKey:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise RuntimeError("never equal")


class EqualOneWay:
    def __init__(self, answer):
        self.answer = answer

    def __eq__(self, other):
        return self.answer

    __hash__ = None


class FalseList(list):
    def __repr__(self):
        raise RuntimeError


FalseList.__name__ = FalseList.__qualname__ = "list"

ODD = [
    RaisesWhenCompared,
    GivesAnArray,
    lambda: NoRepr(1),
    lambda: LongRepr(1),
    Liar,
    hostile_class,
    HostileKey,
    lambda: {HostileKey(): 1},
    lambda: {HostileKey()},
    lambda: [Liar(), hostile_class()],
    lambda: FalseList([1]),
    lambda: (x for x in "ab"),
    lambda: np.array([RaisesWhenCompared(), NoRepr(1)], dtype=object),
]


@pytest.mark.parametrize("first", range(len(ODD)))
def test_never_anything_but_an_answer_or_one_sentence(first):
    for second, mode in itertools.product(range(len(ODD)), ("exact", "unordered", "close")):
        try:
            sentence = difference(ODD[first](), ODD[second](), mode)
        except IncomparableError as error:
            sentence = str(error)
        assert sentence is None or (0 < len(sentence) < 500 and "\n" not in sentence)


@pytest.mark.parametrize("odd", ODD)
def test_a_fingerprint_is_taken_or_not_and_raises_nothing(odd):
    value = odd()
    assert fingerprint(value) == fingerprint(value)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (RaisesWhenCompared, "raises RuntimeError: no comparison here: compare what matters"),
        (GivesAnArray, "gives array([ True, False]), neither True nor False: compare what matters"),
    ],
)
def test_an_equality_that_says_nothing_is_named(make, reason):
    with pytest.raises(IncomparableError, match=re.escape(reason)):
        difference([make()], [make()])


@pytest.mark.parametrize("make", [RaisesWithState, GivesArrayWithState])
def test_attributes_are_compared_where_equality_says_nothing(make):
    assert difference(make([1]), make([1])) is None
    assert difference(make([1]), make([2])) == "attribute `x`, item 0: 1 and 2"


def test_where_equality_says_no_the_differing_attribute_is_shown():
    assert difference(NoRepr(1), NoRepr(2)) == "attribute `x`: 1 and 2"
    assert "NoRepr" in difference(NoRepr(1), NoRepr(1))


def test_one_direction_of_equality_is_not_enough():
    one, other = EqualOneWay(True), EqualOneWay(False)
    assert difference(one, other)
    assert difference(other, one)


def test_an_interrupt_passes():
    class Interrupts:
        def __eq__(self, other):
            raise KeyboardInterrupt

        __hash__ = None

    with pytest.raises(KeyboardInterrupt):
        difference(Interrupts(), Interrupts())
