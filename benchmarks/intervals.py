"""Medians with intervals: of ratios, of differences, and geometric means of several medians."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A figure, and the 95 % interval that the bootstrap gives it."""

    value: float
    low: float
    high: float

    def shown(self, digits: int = 2) -> str:
        """`1.02 [1.01, 1.03]`."""
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def of_median(samples: Sequence[float]) -> Estimate:
    """The median of samples."""
    return _bootstrap([samples], lambda medians: medians[0])


def of_geometric_mean(groups: Sequence[Sequence[float]]) -> Estimate:
    """The geometric mean of the medians of several groups of positive numbers."""
    return _bootstrap(groups, _geometric_mean)


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(math.log(value) for value in values) / len(values))


def _bootstrap(groups: Sequence[Sequence[float]], combine: Callable[[Sequence[float]], float]) -> Estimate:
    """What `combine` makes of the groups' medians, with the percentile bootstrap's interval.

    See Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13: each group is drawn again with
    replacement. Always the same interval for the same samples.
    """
    draw = random.Random(0)
    found = sorted(
        combine([median(draw.choices(group, k=len(group))) for group in groups]) for _ in range(RESAMPLES)
    )
    value = combine([median(group) for group in groups])
    return Estimate(value, found[int(0.025 * RESAMPLES)], found[int(0.975 * RESAMPLES) - 1])
