"""Sets: each element of one has its like in the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.matching import Matching
from jupyter_perf.equality.objects import added_state
from jupyter_perf.equality.plain_numbers import as_python
from jupyter_perf.equality.sequences import simply_same
from jupyter_perf.equality.wording import counted, full_name, shown


class Sets(Kind):
    """set and frozenset; elements that equal nothing, such as NaN, are matched by their content."""

    types = ("builtins.set", "builtins.frozenset")

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """What only one has, then the types of what both have."""
        base, other = _base(before), _base(after)
        lone = [item for item in base.__iter__(before) if not other.__contains__(after, item)]
        others = [item for item in other.__iter__(after) if not base.__contains__(before, item)]
        if rules.close and lone and len(lone) == len(others) and all(map(_is_real, (*lone, *others))):
            yield from (Pair("an element", *pair) for pair in zip(sorted(lone), sorted(others), strict=True))
        else:
            yield from _compare_lone(lone, others, base.__len__(before), other.__len__(after))
        if rules.close:
            return
        own: dict[Any, Any] | None = None
        for item in base.__iter__(before):
            if type(item) is not str and other.__contains__(after, item):
                own = {one: one for one in other.__iter__(after)} if own is None else own
                if not simply_same(item, own[item]):
                    yield Pair(f"element {shown(item)}", item, own[item])
        yield from added_state(before, after)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """The elements in any order; of a very large one the number alone."""
        base = _base(value)
        length = base.__len__(value)
        yield f"{full_name(type(value))} {length}".encode(errors="replace")
        if length > reading.items:
            reading.sampled = True
            return
        for item in base.__iter__(value):
            yield Member(item)


def _compare_lone(lone: list[Any], others: list[Any], before: int, after: int) -> Iterator[Difference]:
    matching = Matching(lone, others)
    lengths = "" if before == after else f" ({counted(before, 'element')} and {counted(after, 'element')})"
    for position in matching.surplus_before():
        yield Difference(f"element {shown(lone[position])}", f"only before has it{lengths}")
    for position in matching.surplus_after():
        yield Difference(f"element {shown(others[position])}", f"only after has it{lengths}")


def _is_real(value: Any) -> bool:
    return type(value) in {int, float} and as_python(value) == as_python(value)


def _base(value: Any) -> Any:
    return set if issubclass(type(value), set) else frozenset
