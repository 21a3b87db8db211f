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
TRIALS = 500_000
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
        kinds = Kinds() if before or after else None
        if kinds is None:
            return
        trials = TRIALS + len(before)
        for position, item in enumerate(after):
            self._others.setdefault(matching_digest(item, kinds), []).append(position)
        for position, item in enumerate(before):
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
