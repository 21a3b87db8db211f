"""Items matched without regard to their order, unhashable ones too.

Items that are the same share a digest: only those of one digest are compared with each other. Whether they
are the same is always told by the walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jupyter_perf.equality.base import Difference, IncomparableError, Rules
from jupyter_perf.equality.digests import matching_digest
from jupyter_perf.equality.kinds import Kinds
from jupyter_perf.equality.walk import first_difference
from jupyter_perf.equality.wording import counted, shown

# Comparisons of one item with another, beyond the first of each, after which it is given up: a few seconds.
TRIALS = 20_000
# How deep and how wide a value may be to be matched by a key made of built-in values.
DEPTH, WIDTH = 4, 1000
EXACT = Rules("exact")


class Matching:
    """Which item of one is the same as which of the other, each used once; first come, first matched.

    Exact sameness is transitive, so that first come, first matched leaves over no more than must be. Raises
    IncomparableError where too many items would have to be compared with too many.
    """

    def __init__(self, before: Sequence[Any], after: Sequence[Any]) -> None:
        self.pairs: list[tuple[int, int]] = []
        self._lone: list[int] = []
        self._others: dict[bytes, list[int]] = {}
        if before or after:
            kinds = Kinds()
            ones, others = self._match_plain(before, after, kinds)
            self._match_by_walk(before, after, ones, others, kinds)

    def _match_plain(
        self, before: Sequence[Any], after: Sequence[Any], kinds: Kinds
    ) -> tuple[list[int], list[int]]:
        """Match what built-in values say all of, as rows mostly; return the positions left over."""
        places: dict[Any, list[int]] = {}
        ones: list[int] = []
        others: list[int] = []
        for position, item in enumerate(after):
            key = plain_key(item, kinds)
            places.setdefault(key, []).append(position) if key is not None else others.append(position)
        for positions in places.values():
            positions.reverse()
        for position, item in enumerate(before):
            key = plain_key(item, kinds)
            candidates = places.get(key) if key is not None else None
            self.pairs.append((position, candidates.pop())) if candidates else ones.append(position)
        return ones, others + [position for positions in places.values() for position in positions]

    def _match_by_walk(
        self, before: Sequence[Any], after: Sequence[Any], ones: list[int], others: list[int], kinds: Kinds
    ) -> None:
        if not ones or not others:
            self._lone = ones
            self._others = {b"": others}
            return
        trials = TRIALS + len(ones)
        for position in sorted(others):
            self._others.setdefault(matching_digest(after[position], kinds), []).append(position)
        for position in ones:
            item = before[position]
            candidates = self._others.get(matching_digest(item, kinds), [])
            for place, candidate in enumerate(candidates):
                trials -= 1
                if trials < 0:
                    raise IncomparableError(
                        "too many items could be the same as too many others: sort both, or compare less"
                    )
                if first_difference(item, after[candidate], EXACT, kinds) is None:
                    self.pairs.append((position, candidates.pop(place)))
                    break
            else:
                self._lone.append(position)

    def surplus_before(self) -> Iterator[int]:
        """Positions of the items of `before` that `after` lacks."""
        return iter(self._lone)

    def surplus_after(self) -> Iterator[int]:
        """Positions of the items of `after` that `before` lacks."""
        return iter(sorted(position for left in self._others.values() for position in left))


def plain_key(value: Any, kinds: Kinds, depth: int = DEPTH) -> Any:
    """A hashable key that only values which are exactly the same have; None where there is none."""
    cls = type(value)
    if cls is str or cls is bool or value is None or cls is bytes:
        return cls, value
    if cls is int or (cls is float and value == value):
        return "number", "int64" if cls is int else "float64", value
    if depth == 0:
        return None
    if cls is tuple or cls is list:
        if len(value) > WIDTH:
            return None
        keys = [plain_key(item, kinds, depth - 1) for item in value]
        return None if None in keys else (cls, *keys)
    if cls is dict:
        if len(value) > WIDTH:
            return None
        pairs = [plain_key(pair, kinds, depth - 1) for pair in value.items()]
        return None if None in pairs else (cls, frozenset(pairs))
    plain = _plain(value, kinds)
    key = None if plain is None else plain_key(plain, kinds, depth)
    return None if key is None else ("plain", key)


def _plain(value: Any, kinds: Kinds) -> tuple[Any, ...] | None:
    try:
        return kinds.of(value).plain(value)
    except Exception:  # an odd object: then the walk tells
        return None


def unmatched(before: Iterable[Any], after: Iterable[Any], noun: str) -> Iterator[Difference]:
    """The first item, in words, that has no like in the other."""
    ones, others = list(before), list(after)
    matching = Matching(ones, others)
    lengths = ""
    if len(ones) != len(others):
        lengths = f" ({counted(len(ones), noun)} and {counted(len(others), noun)})"
    for position in matching.surplus_before():
        yield Difference(
            f"{noun} {position} of before", f"{shown(ones[position])} has no counterpart in after{lengths}"
        )
    for position in matching.surplus_after():
        yield Difference(
            f"{noun} {position} of after", f"{shown(others[position])} has no counterpart in before{lengths}"
        )
