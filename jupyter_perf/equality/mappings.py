"""Dicts: value by value.

The order of the keys is no difference, as for ==, except between two OrderedDicts, whose own == minds it;
unordered does not. Keys 1 and 1.0 differ where 1 and 1.0 do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.matching import Matching
from jupyter_perf.equality.objects import added_state
from jupyter_perf.equality.sequences import simply_same
from jupyter_perf.equality.wording import full_name, shown

_ABSENT = object()


class Mappings(Kind):
    """dict and its subclasses, read by dict's own methods."""

    types = ("builtins.dict",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """The keys, then value by value."""
        yield from _compare_keys(before, after, rules)
        for key in dict.__iter__(before):
            value, other = dict.__getitem__(before, key), dict.get(after, key, _ABSENT)
            if other is not _ABSENT and not simply_same(value, other):
                yield Pair(f"key {shown(key)}", value, other)
        if rules.mode == "exact" and all(issubclass(type(one), OrderedDict) for one in (before, after)):
            keys = zip(OrderedDict.__iter__(before), OrderedDict.__iter__(after), strict=False)
            for position, (one, another) in enumerate(keys):
                if one is not another and one != another:
                    yield Difference(f"key {position}", f"{shown(one)} and {shown(another)}")
        yield from added_state(before, after)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Key and value, in any order; of a very large one the number alone."""
        length = dict.__len__(value)
        yield f"{full_name(type(value))} {length}".encode(errors="replace")
        if length > reading.items:
            reading.sampled = True
            return
        for pair in dict.items(value):
            yield Member(pair)


def _compare_keys(before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
    """Keys that only one has; keys that are equal but not the same; keys that equal nothing, such as NaN."""
    own: dict[Any, Any] | None = None
    lone = [key for key in dict.__iter__(before) if dict.get(after, key, _ABSENT) is _ABSENT]
    others = [key for key in dict.__iter__(after) if dict.get(before, key, _ABSENT) is _ABSENT]
    matching = Matching(lone, others)
    for position in matching.surplus_before():
        yield Difference(f"key {shown(lone[position])}", "only before has it")
    for position in matching.surplus_after():
        yield Difference(f"key {shown(others[position])}", "only after has it")
    for one, another in matching.pairs:
        where = f"key {shown(lone[one])}"
        yield Pair(where, dict.__getitem__(before, lone[one]), dict.__getitem__(after, others[another]))
    if rules.close:
        return
    for key in dict.__iter__(before):
        if type(key) is not str and dict.__contains__(after, key):
            own = {one: one for one in dict.__iter__(after)} if own is None else own
            if not simply_same(key, own[key]):
                yield Pair(f"key {shown(key)}", key, own[key])
