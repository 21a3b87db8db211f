"""Medians with intervals: of ratios, of differences, geometric means of several medians; and shares."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A figure, and its 95 % interval."""

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


def of_share(hits: int, trials: int) -> Estimate:
    """Hits in one hundred trials, with Wilson's score interval (Journal of the ASA 22, 1927)."""
    z = NormalDist().inv_cdf(0.975)
    share = hits / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    reach = z / (1 + z**2 / trials) * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low = middle - reach if hits else 0.0
    high = middle + reach if hits < trials else 1.0
    return Estimate(100 * share, 100 * low, 100 * high)


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
