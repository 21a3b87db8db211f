"""Names given to `--lines`: what they stand for, and why some are refused."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders.line_profile import LineRecorder, find_function, unknown_function


def f(n: int) -> int:
    return n


def traced(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


@traced
def half(n: int) -> float:
    return n / 2


@functools.lru_cache
def cached(n: int) -> int:
    return n


class Box:
    @classmethod
    def of(cls) -> Box:
        return cls()

    @property
    def loud(self) -> int:
        raise AssertionError("the property was asked")


NAMES: dict[str, Any] = {
    "f": f,
    "half": half,
    "cached": cached,
    "part": functools.partial(f, 3),
    "Box": Box,
    "box": Box(),
    "functools": functools,
    "number": 3,
}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing", "there is no function"),
        ("Box.missing", "there is no function"),
        ("Box", "is a class; name one of its methods, as Box.method"),
        ("len", "not written in Python"),
        ("functools", "is a module"),
        ("number", "a value of type int"),
        ("f(", "there is no function"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_sentence(name, sentence):
    problem = unknown_function(name, NAMES)
    assert problem is not None
    assert repr(name) in problem
    assert sentence in problem
    with pytest.raises(ValueError, match=re.escape(problem)):
        LineRecorder(Context(options=Options(lines=(name,)), namespace=NAMES)).start()


def test_known_functions_are_not_refused_and_no_property_is_asked():
    for name in ("f", "half", "cached", "Box.of", "box.of", "box.loud", "part"):
        assert unknown_function(name, NAMES) is None
    assert find_function("half", NAMES).__code__.co_name == "half"
    assert find_function("part", NAMES) is f
    assert find_function("cached", NAMES) is cached.__wrapped__
    assert find_function("missing", NAMES) is None
