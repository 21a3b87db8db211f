"""Dataclasses, named tuples, enumerations, exceptions, functions, and objects of any class."""

import dataclasses
import enum
import re
import threading
from collections import namedtuple
from pathlib import PurePosixPath
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pytest

from jupyter_perf.equality import IncomparableError, difference


@dataclasses.dataclass
class Point:
    x: float
    y: object = None
    note: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    x: object


@dataclasses.dataclass
class Tolerant:
    x: float

    def __eq__(self, other):
        return abs(self.x - other.x) < 1


class Plain:
    def __init__(self, x):
        self.x = x


class WithSlots:
    __slots__ = ("__hidden", "x")

    def __init__(self, x, hidden=0):
        self.x = x
        self.__hidden = hidden


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def same_name(value):
    return namedtuple("Pandas", ["a", "b"])(1, value)


NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Point(NAN), Point(float("nan"))),
        (Point(1, np.arange(3)), Point(1, np.arange(3))),
        (Point(1, note="a"), Point(1, note="b")),
        (Slotted([1]), Slotted([1])),
        (Tolerant(1), Tolerant(1.5)),
        (Plain([1, np.arange(3)]), Plain([1, np.arange(3)])),
        (WithSlots([1]), WithSlots([1])),
        (same_name(1), same_name(1)),
        (Colour.RED, Colour(1)),
        (ValueError("a"), ValueError("a")),
        (SimpleNamespace(a=1), SimpleNamespace(a=1)),
        (UUID(int=1), UUID(int=1)),
        (PurePosixPath("a"), PurePosixPath("a")),
        (re.compile("a"), re.compile("a")),
        (len, len),
        (np, np),
        (Point, Point),
    ],
)
def test_the_same(before, after):
    assert difference(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (Point(1), Point(2), "attribute `x`: 1 and 2"),
        (Slotted([1]), Slotted([2]), "attribute `x`, item 0: 1 and 2"),
        (Plain(1), Plain(2), "attribute `x`: 1 and 2"),
        (WithSlots(1, 2), WithSlots(1, 3), "attribute `_WithSlots__hidden`: 2 and 3"),
        (same_name(1), same_name(2), "field `b`: 1 and 2"),
        (Colour.RED, Colour.BLUE, "<Colour.RED: 1> and <Colour.BLUE: 2>"),
        (ValueError("a"), ValueError("b"), "arguments, item 0: 'a' and 'b'"),
        (ValueError("a"), TypeError("a"), "a value of type ValueError and one of type TypeError"),
        (range(3), range(4), "range(0, 3) and range(0, 4)"),
        (len, print, "builtins.len and builtins.print"),
        (Plain(1), Slotted(1), "a value of type Plain and one of type Slotted"),
    ],
)
def test_differences(before, after, sentence):
    assert difference(before, after) == sentence


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (threading.Lock, "type lock has neither == nor visible attributes"),
        (object, "type object has neither == nor visible attributes"),
        (lambda: lambda: 1, "compare what they give when they are called"),
    ],
)
def test_what_cannot_be_told_is_said(make, advice):
    before, after = make(), make()
    assert difference(before, before) is None
    with pytest.raises(IncomparableError, match=re.escape(advice)):
        difference(before, after)
    with pytest.raises(IncomparableError, match=r"^key 'a', item 1: "):
        difference({"a": [0, before]}, {"a": [0, after]})


def test_two_objects_in_circles():
    one, other = Plain(1), Plain(1)
    one.x, other.x = [one], [other]
    assert difference(one, other) is None


def test_attrs_like_classes_compare_by_their_fields():
    attr = pytest.importorskip("attr")
    cls = attr.make_class("Attrs", ["x"])
    assert difference(cls(NAN), cls(float("nan"))) is None
    assert difference(cls(1), cls(2)) == "attribute `x`: 1 and 2"
