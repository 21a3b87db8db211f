"""Any other object: by the == of its class where it has one, by its attributes where it has none.

Two objects of a class without == are never equal to Python; they are taken for the same where their type
and all their attributes are. Where an object keeps part of itself where Python cannot see it (a lock, a
connection, most of what is written in C), that cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import GetSetDescriptorType, MemberDescriptorType
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
from jupyter_perf.equality.walk import described
from jupyter_perf.equality.wording import both, full_name, lineage, shown, type_name, vars_of

POINTER = object.__basicsize__ // 2
_ABSENT = object()


class Objects(Kind):
    """What no other kind claims. Of its content only its identity counts: attributes are also caches."""

    types = ("builtins.object",)
    has_content = False

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By ==, else by attributes."""
        cls = type(before)
        if has_own_equality(cls):
            yield from _compare_by_equality(before, after)
        elif cls is object or hides_state(cls):
            raise IncomparableError(
                f"an object of type {type_name(cls)} has neither == nor visible attributes: "
                "compare what matters of it, such as a number, a list or a frame"
            )
        else:
            yield from compare_states(state(before), state(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Which object it is; for matching what does not contradict ==."""
        cls = type(value)
        hashed = _hash(value) if has_own_equality(cls) else None
        if hashed is not None:
            # What is equal has one hash, and it does not change.
            yield f"{full_name(cls)} {hashed}".encode(errors="replace")
            return
        yield from identity(value, reading)
        if reading.for_matching and not (has_own_equality(cls) or hides_state(cls)):
            for name, part in sorted(state(value).items()):
                yield name.encode(errors="replace")
                yield Item(part)


def has_own_equality(cls: type) -> bool:
    """Whether a class, or one it inherits from, defines ==."""
    return next(one for one in lineage(cls) if "__eq__" in vars_of(one)) is not object


def hides_state(cls: type) -> bool:
    """Whether instances hold more than object, `__dict__`, `__weakref__` and their slots take in memory.

    Compares `__basicsize__` along the base classes; a pointer each for what the class itself added.
    """
    while cls is not object:
        base, own = cls.__base__ or object, vars_of(cls)
        if cls.__itemsize__:
            return True
        slots = own.get("__slots__", ())
        named = {slots} if isinstance(slots, str) else set(slots)
        added = len(named - {"__dict__", "__weakref__"}) + ("__dict__" in own) + ("__weakref__" in own)
        if cls.__basicsize__ - base.__basicsize__ > added * POINTER:
            return True
        cls = base
    return False


def state(value: Any) -> dict[str, Any]:
    """The attributes that an instance holds in its `__dict__` and in slots; none of its code is called."""
    found: dict[str, Any] = {}
    for cls in lineage(type(value)):
        own = vars_of(cls)
        holder = own.get("__dict__")
        if isinstance(holder, GetSetDescriptorType):
            attributes = holder.__get__(value)
            found.update((str(name), part) for name, part in dict.items(attributes or {}))
        for name, descriptor in own.items():
            if isinstance(descriptor, MemberDescriptorType):
                try:
                    found[name] = descriptor.__get__(value)
                except AttributeError:  # a slot without a value
                    continue
    return found


def added_state(before: Any, after: Any) -> Iterator[Pair | Difference]:
    """The attributes that instances of a subclass of a built-in type hold beside its content."""
    if type(before).__module__ != "builtins" and type(after).__module__ != "builtins":
        yield from compare_states(_attributes(before), _attributes(after))


def _attributes(value: Any) -> dict[str, Any]:
    return {
        name: part
        for cls in lineage(type(value))
        if isinstance(holder := vars_of(cls).get("__dict__"), GetSetDescriptorType)
        for name, part in dict.items(holder.__get__(value) or {})
    }


def compare_states(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Pair | Difference]:
    """Attribute by attribute."""
    for name, part in before.items():
        if name not in after:
            yield Difference(f"attribute `{name}`", "only before has it")
        else:
            yield Pair(f"attribute `{name}`", part, after[name])
    for name in after:
        if name not in before:
            yield Difference(f"attribute `{name}`", "only after has it")


def _compare_by_equality(before: Any, after: Any) -> Iterator[Pair | Difference]:
    """Asked both ways, so that the answer does not depend on which part came first."""
    answers = [_equal(before, after), _equal(after, before)]
    wrong = next((answer for answer in answers if isinstance(answer, str)), None)
    if wrong is not None:
        if hides_state(type(before)) or not (state(before) or state(after)):
            raise IncomparableError(
                f"== between two objects of type {type_name(type(before))} {wrong}: "
                "compare what matters of them, such as a number, a list or a frame"
            )
        yield from compare_states(state(before), state(after))
    elif not all(answers):
        if not hides_state(type(before)):
            yield from compare_states(state(before), state(after))
        yield Difference("", both(before, after))


def _equal(before: Any, after: Any) -> bool | str:
    """What == says, or in words why it says nothing."""
    try:
        answer = before == after
    except Exception as error:
        return f"raises {described(error)}"
    if isinstance(answer, bool) or full_name(type(answer)) in {"numpy.bool", "numpy.bool_"}:
        return bool(answer)
    return f"gives {shown(answer)}, neither True nor False"


def _hash(value: Any) -> int | None:
    try:
        return hash(value)
    except Exception:
        return None
