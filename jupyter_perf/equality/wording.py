"""The user's values in sentences of ours: short, on one line, and whatever their `repr` does."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

LONGEST = 60
PLACES = 6
SORTED_AT_MOST = 1000


def full_name(cls: type) -> str:
    """Module and qualified name of a class, whatever its metaclass answers."""
    module = type.__dict__["__module__"].__get__(cls)
    return f"{module}.{type_name(cls)}" if isinstance(module, str) else type_name(cls)


def type_name(cls: type) -> str:
    """The qualified name of a class, without `<locals>`."""
    name = type.__dict__["__qualname__"].__get__(cls)
    return shortened(name.rpartition("<locals>.")[2])


def vars_of(cls: type) -> Any:
    """What a class defines itself, as a mapping."""
    return type.__dict__["__dict__"].__get__(cls)


def lineage(cls: type) -> tuple[type, ...]:
    """The method resolution order of a class."""
    order: tuple[type, ...] = type.__dict__["__mro__"].__get__(cls)
    return order


def shown(value: Any) -> str:
    """A value's `repr`, at most 60 characters on one line; its type where it has none.

    A number of numpy's is shown like one of Python's.
    """
    try:
        is_numpy = type(value).__module__ == "numpy" and type(value).__name__ != "ndarray"
        text = _repr.repr(value.item() if is_numpy and value.dtype.kind in "biufcSU" else value)
    except Exception:
        return f"a value of type {type_name(type(value))}"
    return shortened(" ".join(text.split()))


def both(before: Any, after: Any) -> str:
    """Two values beside each other, with their types where they look alike."""
    first, second = shown(before), shown(after)
    if first != second:
        return f"{first} and {second}"
    one, other = type_name(type(before)), type_name(type(after))
    if one != other:
        return f"{first} ({one}) and {second} ({other})"
    return f"two values that look alike, {first}"


def shortened(text: str) -> str:
    """A text cut in its middle to 60 characters."""
    if len(text) <= LONGEST:
        return text
    half = (LONGEST - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def path(places: Sequence[str]) -> str:
    """Where a part is, outermost first; the middle of a long way is left out."""
    steps = [place for place in places if place]
    if len(steps) > PLACES:
        left_out = f"... ({len(steps) - PLACES:,} levels)"
        steps = [*steps[: PLACES // 2], left_out, *steps[-PLACES // 2 :]]
    return ", ".join(steps)


def sentence(places: Sequence[str], text: str) -> str:
    """`row 17, column delay: 3.0 and 3`."""
    where = path(places)
    return f"{where}: {text}" if where else text


class _Repr(reprlib.Repr):
    """Short for containers of every size; a class's name never chooses the method."""

    def repr1(self, x: Any, level: int) -> str:
        if type(x) in _TEXTS and len(x) > LONGEST:
            return repr(x[:LONGEST] + x[-LONGEST:])
        if type(x) in _SORTED and len(x) > SORTED_AT_MOST:
            return f"a {type_name(type(x))} of {counted(len(x), 'item')}"
        if type(x) in _PLAIN:
            return super().repr1(x, level)
        return repr(x)


_TEXTS = (str, bytes, bytearray)
_SORTED = (dict, set, frozenset)  # reprlib sorts these first
_PLAIN = (*_SORTED, list, tuple, int)
_repr = _Repr()
_repr.maxlevel = 2
