"""When other tools call one of two sets of samples faster than the other.

Each rule takes the samples before and after, at least two each, and gives 1 where `after` is called faster,
-1 where it is called slower, and 0 where no difference is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from statistics import NormalDist, fmean, stdev, variance

Samples = Sequence[float]
Rule = Callable[[Samples, Samples], int]

SIGNIFICANCE = 0.05
# timeit says nothing about what to make of its figures: its reader is taken to see 1 %, as we do.
SMALLEST_EFFECT = 0.01
TIMEIT_REPEATS = 5
# What pyperf makes of its calibration: a value lasts at least 100 ms.
PYPERF_VALUE_S = 0.1
# src/lib.rs of tango-bench: 2.6 standard errors and half a per cent of the baseline's mean.
TANGO_ERRORS, TANGO_SMALLEST = 2.6, 0.005


def timeit_best(before: Samples, after: Samples) -> int:
    """`python -m timeit`: the best of five repeats, each the mean of a fifth of the samples."""
    return _apart(min(_parts(before, TIMEIT_REPEATS)), min(_parts(after, TIMEIT_REPEATS)))


def timeit_mean(before: Samples, after: Samples) -> int:
    """`%timeit`: the mean."""
    return _apart(fmean(before), fmean(after))


def mann_whitney(before: Samples, after: Samples) -> int:
    """benchstat: the Mann-Whitney U test at .05, by the normal distribution, corrected for ties.

    The variance of a sum of ranks drawn without replacement: Lehmann, Nonparametrics (1975), section 1.4.
    """
    ranks = ranks_of([*before, *after])
    total, middle = len(ranks), (len(ranks) + 1) / 2
    excess = sum(ranks[: len(before)]) - len(before) * middle
    spread = sum((rank - middle) ** 2 for rank in ranks)
    error = math.sqrt(len(before) * len(after) / (total * (total - 1)) * spread)
    distance = max(abs(excess) - 0.5, 0.0)
    return _sign(excess) if distance > NormalDist().inv_cdf(1 - SIGNIFICANCE / 2) * error else 0


def welch(before: Samples, after: Samples) -> int:
    """Welch's t test at .05."""
    parts = variance(before) / len(before), variance(after) / len(after)
    weights = parts[0] ** 2 / (len(before) - 1) + parts[1] ** 2 / (len(after) - 1)
    freedom = sum(parts) ** 2 / weights if weights else math.inf
    return _beyond(fmean(before) - fmean(after), math.sqrt(sum(parts)), freedom)


def pyperf(before: Samples, after: Samples) -> int:
    """`pyperf compare_to`: Student's t test at .05 with the pooled variance, on values of 100 ms."""
    values = [_parts(samples, max(2, int(sum(samples) / PYPERF_VALUE_S))) for samples in (before, after)]
    freedom = len(values[0]) + len(values[1]) - 2
    pooled = sum(variance(part) * (len(part) - 1) for part in values) / freedom
    error = math.sqrt(pooled * (1 / len(values[0]) + 1 / len(values[1])))
    return _beyond(fmean(values[0]) - fmean(values[1]), error, freedom)


def hyperfine(before: Samples, after: Samples) -> int:
    """`1.05 ± 0.02 times faster than`, where 1 is outside.

    hyperfine itself has no test, and names the one with the smaller mean in any case. The standard deviation
    is that of the ratio of two single samples, by propagation of errors.
    """
    ratio = fmean(before) / fmean(after)
    relative = math.hypot(stdev(before) / fmean(before), stdev(after) / fmean(after))
    faster = max(ratio, 1 / ratio)
    return _sign(ratio - 1) if faster - faster * relative > 1 else 0


def tango(before: Samples, after: Samples) -> int:
    """tango-bench: the mean of the pairs' differences, 2.6 standard errors and 0.5 % from nothing."""
    differences = [one - other for one, other in zip(before, after, strict=True)]
    mean, error = fmean(differences), stdev(differences) / math.sqrt(len(differences))
    is_claimed = abs(mean) >= TANGO_ERRORS * error and abs(mean) > TANGO_SMALLEST * fmean(before)
    return _sign(mean) if is_claimed else 0


def _apart(before: float, after: float) -> int:
    ratio = before / after
    return _sign(ratio - 1) if max(ratio, 1 / ratio) > 1 + SMALLEST_EFFECT else 0


def _beyond(difference: float, error: float, freedom: float) -> int:
    return _sign(difference) if abs(difference) > student_critical(freedom) * error else 0


def student_critical(freedom: float) -> float:
    """What Student's t exceeds in 5 % of cases: Abramowitz and Stegun 26.7.5, to 0.2 % from 10 degrees on."""
    z = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _parts(samples: Samples, number: int) -> list[float]:
    """The means of so many stretches of samples of nearly equal length, one after the other."""
    number = min(number, len(samples))
    cuts = [part * len(samples) // number for part in range(number + 1)]
    return [fmean(samples[begin:end]) for begin, end in pairwise(cuts)]


def ranks_of(values: Samples) -> list[float]:
    """The place of each in their order, from 1; equal ones share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    for _, places in groupby(enumerate(order, 1), key=lambda place: values[place[1]]):
        tied = list(places)
        shared = fmean(place for place, _ in tied)
        for _, index in tied:
            ranks[index] = shared
    return ranks


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
