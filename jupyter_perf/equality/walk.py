"""The walk through two values side by side, depth first, up to the first difference.

It keeps its own stack, so that depth is bounded by memory alone. A pair that is being compared further out
is taken for the same (as bisimulation does): a circle ends there, and its difference shows elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jupyter_perf.equality.base import Difference, IncomparableError, Pair, Rules, types_differ
from jupyter_perf.equality.kinds import Kinds
from jupyter_perf.equality.wording import both, sentence, shortened, type_name

# Pairs found the same that are remembered, so that what is shared many times is compared once. The pairs
# are kept alive meanwhile: an address must not be taken by another object.
REMEMBERED = 10_000


class _Level(NamedTuple):
    where: str
    pair: tuple[Any, Any]
    parts: Iterator[Pair | Difference]


def first_difference(before: Any, after: Any, rules: Rules, kinds: Kinds | None = None) -> str | None:
    """The first difference as a sentence, or None.

    Raises IncomparableError, with the place, where it cannot be told.
    """
    walk = _Walk(rules, kinds or Kinds())
    try:
        return walk.run(before, after)
    except IncomparableError as error:
        raise IncomparableError(sentence(walk.places(), str(error))) from error.__cause__
    except Exception as error:
        reason = f"the values cannot be compared: {described(error)}"
        raise IncomparableError(sentence(walk.places(), reason)) from error


def described(error: Exception) -> str:
    """An exception of the user's code, whatever its `str` does."""
    try:
        return shortened(f"{type_name(type(error))}: {error}")
    except Exception:
        return type_name(type(error))


class _Walk:
    def __init__(self, rules: Rules, kinds: Kinds) -> None:
        self._rules = rules
        self._kinds = kinds
        self._stack: list[_Level] = []
        self._open: set[tuple[int, int]] = set()
        self._done: dict[tuple[int, int], tuple[Any, Any]] = {}
        self._next_where = ""

    def places(self) -> list[str]:
        return [*(level.where for level in self._stack), self._next_where]

    def run(self, before: Any, after: Any) -> str | None:
        found = self._enter(Pair("", before, after))
        while found is None and self._stack:
            part = next(self._stack[-1].parts, None)
            if part is None:
                self._leave()
            elif isinstance(part, Difference):
                self._next_where = part.where
                found = part
            else:
                found = self._enter(part)
        return None if found is None else sentence(self.places(), found.text)

    def _enter(self, pair: Pair) -> Difference | None:
        """Begin to compare a pair; a difference of type is told at once."""
        where, before, after = pair
        self._next_where = where
        kind, other = self._kinds.of(before), self._kinds.of(after)
        if before is after and not kind.read_once:
            self._next_where = ""
            return None
        for one in (kind, other):
            if one.refusal is not None:
                raise IncomparableError(one.refusal)
        if kind is not other:
            return Difference(where, _kinds_differ(before, after, kind.is_scalar or other.is_scalar))
        different = kind.type_difference(before, after, self._rules)
        if different is not None:
            return Difference(where, different)
        key = id(before), id(after)
        if key not in self._open and key not in self._done:
            self._open.add(key)
            self._stack.append(_Level(where, (before, after), kind.compare(before, after, self._rules)))
        self._next_where = ""
        return None

    def _leave(self) -> None:
        pair = self._stack.pop().pair
        key = id(pair[0]), id(pair[1])
        self._open.discard(key)
        if len(self._done) >= REMEMBERED:
            self._done.clear()
        self._done[key] = pair


def _kinds_differ(before: Any, after: Any, is_scalar: bool) -> str:
    return both(before, after) if is_scalar else types_differ(before, after)
