"""Dataclasses, attrs classes, named tuples and exceptions: field by field, so that NaN equals NaN."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.objects import compare_states, state
from jupyter_perf.equality.wording import full_name, lineage, vars_of

_ABSENT = object()


class Records(Kind):
    """A class whose == was generated from its fields; those left out of == are left out here."""

    def covers(self, ancestor: type) -> bool:
        """Whether a class has fields and an == made from them."""
        own = vars_of(ancestor)
        described = "__dataclass_fields__" in own or "__attrs_attrs__" in own
        return described and "__eq__" in own and _is_generated(own["__eq__"])

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Field by field."""
        yield from compare_states(_fields(before), _fields(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Names and values of the fields."""
        yield full_name(type(value)).encode(errors="replace")
        for name, part in _fields(value).items():
            yield name.encode(errors="replace")
            yield Item(part)


class NamedTuples(Kind):
    """A tuple whose places have names."""

    def covers(self, ancestor: type) -> bool:
        """Whether a class gives names to the places of a tuple."""
        return isinstance(vars_of(ancestor).get("_fields"), tuple) and tuple in lineage(ancestor)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Names of the fields, then field by field."""
        first, second = type(before)._fields, type(after)._fields
        if first != second:
            yield Pair("names of the fields", first, second)
            return
        for name, one, another in zip(first, tuple.__iter__(before), tuple.__iter__(after), strict=True):
            yield Pair(f"field `{name}`", one, another)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Names and values of the fields."""
        yield f"{full_name(type(value))} {type(value)._fields}".encode(errors="replace")
        for item in tuple.__iter__(value):
            yield Item(item)

    def plain(self, value: Any) -> tuple[Any, ...]:
        """The class, by its name, the names of the fields and their values."""
        return full_name(type(value)), type(value)._fields, tuple(tuple.__iter__(value))


class Exceptions(Kind):
    """An exception by its arguments and attributes; its traceback is not part of it."""

    types = ("builtins.BaseException",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Arguments, then attributes."""
        yield Pair("arguments", before.args, after.args)
        yield from compare_states(_own(before), _own(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type and arguments."""
        yield full_name(type(value)).encode(errors="replace")
        yield Item(value.args)


def _fields(value: Any) -> dict[str, Any]:
    """The values of the fields that count for ==, from where the instance holds them."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.compare]
    else:
        names = [field.name for field in type(value).__attrs_attrs__ if field.eq]
    held = state(value)
    # A default that was never assigned is the class's.
    found = {name: held.get(name, getattr(type(value), name, _ABSENT)) for name in names}
    return {name: part for name, part in found.items() if part is not _ABSENT}


def _is_generated(function: Any) -> bool:
    """Whether `__eq__` was made by dataclasses or attrs; these name their code so."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith(("<string>", "<attrs generated"))


def _own(value: Any) -> dict[str, Any]:
    """The attributes that code of Python's has set; those held in C are mostly about the traceback."""
    attributes = BaseException.__dict__["__dict__"].__get__(value)
    return {str(name): part for name, part in attributes.items() if name != "__notes__"}
