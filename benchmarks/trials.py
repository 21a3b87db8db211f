"""Trials with a known truth: what the process that measures them runs, and what it gives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, repeat

from jupyter_perf import stats
from jupyter_perf.runner import Arm, Timing, time_pairs
from jupyter_perf.runner.collector import collector_off

BODY_S = 0.002
# As many executions as the calibration of `time_pairs` makes a sample of.
LOOPS = stats.next_loops(1, BODY_S)


@dataclass(frozen=True)
class Kind:
    """Two pieces of code by the work they do, in parts of the 2 ms."""

    name: str
    before: float
    after: float

    @property
    def direction(self) -> int:
        """1 where `after` is faster, -1 where it is slower, 0 where both are the same."""
        return (self.before > self.after) - (self.before < self.after)


SAME = Kind("A/A", 1.0, 1.0)
FASTER_5 = Kind("+5 %", 1.05, 1.0)
SLOWER_5 = Kind("-5 %", 1.0, 1.05)
FASTER_2 = Kind("+2 %", 1.02, 1.0)
KINDS = (SAME, FASTER_5, SLOWER_5, FASTER_2)

# One block of samples after the other, and the kinds of trial that two neighbours make; no two trials of one
# kind share a block.
CHAIN = (1.02, 1.0, 1.0, 1.05, 1.0, 1.0)
CHAIN_KINDS = (FASTER_2, SAME, SLOWER_5, FASTER_5, SAME)


@dataclass(frozen=True)
class Trial:
    """A comparison by `time_pairs`, and the ratio that it should have found."""

    kind: Kind
    truth: float
    budget_s: float
    timing: Timing

    @property
    def contains_truth(self) -> bool | None:
        """Whether the interval does; None where there are too few pairs for one."""
        low, high = self.timing.low, self.timing.high
        return None if low is None or high is None else low <= self.truth <= high


def work(iterations: int) -> None:
    """The same few operations so many times: what it takes is as many times what one of them takes."""
    value = 0.5
    for _ in repeat(None, iterations):
        value = value * 0.5 + 1.0


def iterations_of_body() -> int:
    """How many iterations take 2 ms: by the shortest of many samples."""
    iterations = 1000
    for _ in range(5):
        fastest_s = min(_sample(iterations, 1) for _ in range(50))
        iterations = max(1, round(iterations * BODY_S / fastest_s))
    return iterations


def in_pairs(kind: Kind, iterations: int, budget_s: float) -> Trial:
    """One comparison by our method."""
    before, after = round(kind.before * iterations), round(kind.after * iterations)
    arms = [Arm("before", partial(_execute, before)), Arm("after", partial(_execute, after))]
    return Trial(kind, before / after, budget_s, time_pairs(arms, budget_s=budget_s)[0])


def one_after_the_other(shares: Sequence[float], iterations: int, block_s: float) -> list[list[float]]:
    """Seconds of samples of three executions: `block_s` of them of each share of the work, then the next.

    The collector is treated as `time_pairs` treats it, and the first execution of each block is left out.
    """
    blocks = []
    with collector_off() as collect:
        for share in shares:
            amount = round(share * iterations)
            work(amount)
            block: list[float] = []
            while len(block) < stats.FEWEST_PAIRS or sum(block) < block_s:
                collect(LOOPS * BODY_S)
                block.append(_sample(amount, LOOPS))
            blocks.append(block)
    return blocks


def neighbours(blocks: Sequence[list[float]]) -> list[tuple[Kind, list[float], list[float]]]:
    """The trials that the blocks of one chain make."""
    return [(kind, *pair) for kind, pair in zip(CHAIN_KINDS, pairwise(blocks), strict=True)]


def first_seconds(timing: Timing, seconds: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The pairs of a comparison whose samples took so many seconds in all, six at least."""
    loops_before, loops_after = timing.loops_before or 1, timing.loops_after or 1
    taken_s, kept = 0.0, 0
    for before_s, after_s in zip(timing.before_s, timing.after_s, strict=True):
        taken_s += before_s * loops_before + after_s * loops_after
        if taken_s > seconds and kept >= stats.FEWEST_PAIRS:
            break
        kept += 1
    return timing.before_s[:kept], timing.after_s[:kept]


def _execute(iterations: int, loops: int) -> None:
    for _ in repeat(None, loops):
        work(iterations)


def _sample(iterations: int, loops: int) -> float:
    begun_s = time.perf_counter()
    _execute(iterations, loops)
    return time.perf_counter() - begun_s
