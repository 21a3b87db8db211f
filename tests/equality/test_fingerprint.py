"""The fingerprint of an input, before and after somebody changed it, or only read it."""

import sqlite3
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from jupyter_perf.equality import fingerprint


@dataclass
class Settings:
    values: list


def set_cell(frame):
    frame.loc[1, "x"] = 9.0


CHANGES = {
    "list append": ([1, 2], lambda v: v.append(3)),
    "list sort": ([2, 1], lambda v: v.sort()),
    "inner list": ([[1], {"a": [2]}], lambda v: v[1]["a"].append(3)),
    "-1 and -2 have one hash": ([-1], lambda v: v.__setitem__(0, -2)),
    "dict": ({"a": 1}, lambda v: v.update(a=2)),
    "dict key": ({"a": 1}, lambda v: v.update(b=2)),
    "set": ({1}, lambda v: v.add(2)),
    "bytearray": (bytearray(b"ab"), lambda v: v.reverse()),
    "dataclass": (Settings([1]), lambda v: v.values.append(2)),
    "array": (np.arange(5), lambda v: v.__setitem__(4, 9)),
    "strided array": (np.arange(10)[::2], lambda v: v.__setitem__(4, 9)),
    "array shape": (np.zeros(4), lambda v: v.resize(2, 2, refcheck=False)),
    "object array": (np.array([[1], "x"], object), lambda v: v[0].append(2)),
    "record array": (np.zeros(2, [("a", "i4")]), lambda v: v["a"].__setitem__(0, 1)),
    "frame cell": (pd.DataFrame({"x": [1.0, 2.0]}), set_cell),
    "frame column": (pd.DataFrame({"x": [1.0]}), lambda v: v.insert(0, "y", 1)),
    "frame label": (pd.DataFrame({"x": [1.0]}), lambda v: setattr(v, "columns", ["y"])),
    "frame index": (
        pd.DataFrame({"x": [1.0, 2.0]}),
        lambda v: setattr(v, "index", [1, 0]),
    ),
    "text": (pd.Series(["a", "b"]), lambda v: v.__setitem__(0, "c")),
    "missing": (pd.Series([1, 2], dtype="Int64"), lambda v: v.__setitem__(0, None)),
    "categories": (pd.Series(["a", "b"], dtype="category"), lambda v: v.__setitem__(0, "b")),
    "list of frames": ([pd.DataFrame({"x": [1.0, 2.0]})], lambda v: set_cell(v[0])),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_in_place_is_seen_and_reading_is_none(name):
    value, change = CHANGES[name]
    before = fingerprint(value)
    repr(value)
    assert fingerprint(value) == before
    assert not before.sampled
    change(value)
    assert fingerprint(value) != before


@pytest.mark.parametrize(
    "make", [object, lambda: sqlite3.connect(":memory:"), lambda: test_off, lambda: iter([1])]
)
def test_it_is_not_told_of_what_has_no_content(make):
    value = make()
    assert fingerprint(value) is None
    assert fingerprint([value]) == fingerprint([value])
    if isinstance(value, sqlite3.Connection):
        value.close()


def test_off():
    """A function of the module, whose fingerprint is asked for above."""
    assert callable(test_off)


def test_an_object_within_a_container_counts_as_the_object_it_is():
    one = [object()]
    before = fingerprint(one)
    one[0] = object()
    assert fingerprint(one) != before


def test_what_is_large_is_sampled_and_says_so(monkeypatch):
    monkeypatch.setattr("jupyter_perf.equality.digests.BYTES", 1000)
    monkeypatch.setattr("jupyter_perf.equality.digests.ITEMS", 100)
    large = (
        np.zeros(2_000_000),
        list(range(10_000)),
        [[1]] * 10_000,
        "x" * 10_000,
        np.zeros((2000, 2000))[:, ::2],
    )
    for value in large:
        before = fingerprint(value)
        assert before.sampled
        assert fingerprint(value) == before
    before = fingerprint(large[0])
    large[0][:] = 1
    assert fingerprint(large[0]) != before


def test_circles_and_depth_end():
    circle = [1]
    circle.append(circle)
    before = fingerprint(circle)
    assert fingerprint(circle) == before
    circle[0] = 2
    assert fingerprint(circle) != before
    deep = [1]
    for _ in range(10_000):
        deep = [deep]
    assert fingerprint(deep) == fingerprint(deep)
