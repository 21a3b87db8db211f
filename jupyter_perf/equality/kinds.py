"""Which kind a value is of."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from jupyter_perf.discovery import members
from jupyter_perf.equality.base import Kind
from jupyter_perf.equality.wording import lineage


class Kinds:
    """The kinds, for one comparison: what is imported by now is looked up when it is made."""

    def __init__(self) -> None:
        self._named: dict[int, Kind] = {}
        self._structural = [kind for kind in _all() if type(kind).covers is not Kind.covers]
        self._known: dict[int, tuple[type, Kind]] = {}
        for kind in _all():
            for name in kind.types:
                found = _loaded(name)
                if found is not None:
                    self._named[id(found)] = kind

    def of(self, value: Any) -> Kind:
        """The kind whose type, or structure, is nearest in the value's method resolution order."""
        cls = type(value)
        known = self._known.get(id(cls))
        if known is None:
            known = self._known[id(cls)] = cls, self._nearest(cls)
        return known[1]

    def _nearest(self, cls: type) -> Kind:
        for ancestor in lineage(cls):
            named = self._named.get(id(ancestor))
            if named is not None:
                return named
            for kind in self._structural:
                if kind.covers(ancestor):
                    return kind
        return self._named[id(object)]


@cache
def _all() -> tuple[Kind, ...]:
    return tuple(kind() for kind in members("equality", Kind))


def _loaded(name: str) -> type | None:
    """A class by its public name, where its module is imported."""
    module, _, attribute = name.rpartition(".")
    found = vars(sys.modules[module]).get(attribute) if sys.modules.get(module) is not None else None
    return found if isinstance(found, type) else None
