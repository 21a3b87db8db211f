"""Lists, tuples, deques and the values of a dict: item by item.

Unordered: the items of the outermost list in any order, whatever they are; what is inside them keeps its
order, since `[[1, 2], [3, 4]]` may be rows. A tuple is taken for a record, whose places mean something.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules, sample
from jupyter_perf.equality.matching import unmatched
from jupyter_perf.equality.objects import added_state
from jupyter_perf.equality.wording import counted, full_name

# Items that have parts of their own are taken for so many each, where a list is too long to be read whole.
NESTED = 10
# Types whose == says all, where both are of one of them.
SIMPLE: tuple[type, ...] = (int, str, bool, float, bytes)


class Sequences(Kind):
    """What has items in an order. The methods are those of the built-in type, whatever a subclass defines."""

    types = ("builtins.list", "builtins.tuple", "collections.deque")
    bases: ClassVar[tuple[Any, ...]] = (list, tuple, deque)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Item by item, or in any order."""
        base, other = _base(before), _base(after)
        lengths = base.__len__(before), other.__len__(after)
        if rules.any_order and base is not tuple:
            yield from unmatched(base.__iter__(before), other.__iter__(after), "item")
        elif lengths[0] != lengths[1]:
            yield Difference("", f"{counted(lengths[0], 'item')} and {counted(lengths[1], 'item')}")
        else:
            items = zip(base.__iter__(before), other.__iter__(after), strict=True)
            for position, (one, another) in enumerate(items):
                if not simply_same(one, another):
                    yield Pair(f"item {position}", one, another)
        yield from added_state(before, after)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """The items, or an even sample of many."""
        base = _base(value)
        length = base.__len__(value)
        yield f"{full_name(type(value))} {length}".encode(errors="replace")
        yield from sampled_items(base.__iter__(value), length, reading)


class DictValues(Kind):
    """`d.values()`: in the order of the dict."""

    def covers(self, ancestor: type) -> bool:
        """The type has no public name."""
        return ancestor is type({}.values())

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """As lists."""
        yield Pair("", list(before), list(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """As a list."""
        yield Item(list(value))


def simply_same(before: Any, after: Any) -> bool:
    """Whether two items are seen to be the same without a walk; False says nothing."""
    return type(before) is type(after) and type(before) in SIMPLE and bool(before == after)


def sampled_items(items: Iterator[Any], length: int, reading: Reading) -> Iterator[Item]:
    """All items, or so many, evenly spaced, that the reading may take."""
    first = next(items, None)
    most = reading.items if type(first) in SIMPLE else max(1, reading.items // NESTED)
    step = sample(length, most).step
    if step > 1:
        reading.sampled = True
    if length:
        yield Item(first)
    for item in islice(items, step - 1, None, step):
        yield Item(item)


def _base(value: Any) -> Any:
    return next(base for base in Sequences.bases if issubclass(type(value), base))
