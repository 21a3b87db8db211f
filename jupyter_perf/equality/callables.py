"""Functions, classes and modules, and members of an enumeration: they are what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import (
    Difference,
    IncomparableError,
    Item,
    Kind,
    Member,
    Pair,
    Reading,
    Rules,
    identity,
)
from jupyter_perf.equality.wording import both, full_name, type_name


class Callables(Kind):
    """Two functions or classes of different names differ; of the same name, it cannot be told."""

    types = ("types.FunctionType", "builtins.type", "types.ModuleType", "types.BuiltinFunctionType")
    has_content = False

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By the qualified name."""
        if _name(before) != _name(after):
            yield Difference("", f"{_name(before)} and {_name(after)}")
            return
        raise IncomparableError(
            f"two objects of type {type_name(type(before))} and of the name {_name(before)}: "
            "compare what they give when they are called"
        )

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Which object it is."""
        yield from identity(value, reading)


class Enumerations(Kind):
    """Members of an enumeration, by their name."""

    types = ("enum.Enum",)
    is_scalar = True

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By the name of the member."""
        if before.name != after.name:
            yield Difference("", both(before, after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """The name of the member."""
        yield f"{full_name(type(value))} {value.name}".encode(errors="replace")


def _name(value: Any) -> str:
    if isinstance(value, type):
        return full_name(value)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
    return f"{getattr(value, '__module__', None) or ''}.{name}".lstrip(".")
