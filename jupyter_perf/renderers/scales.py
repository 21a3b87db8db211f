"""Axes of the pictures: where a value lies, and which ticks are labelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# From this ratio of the largest to the smallest value on, an axis is logarithmic.
_LOG_FROM = 8.0
# Where the values lie closer together than this, an axis from zero would hide the difference.
_ZERO_FROM = 1.25
_MARGIN = 0.03


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` to shares from 0 to 1."""

    low: float
    high: float
    is_log: bool

    @property
    def remark(self) -> str:
        """What the reader must know of the axis, to be added to its title."""
        return ", logarithmic" if self.is_log else "" if self.low == 0 else ", the axis not from zero"

    def share(self, value: float) -> float:
        """Where the value lies, held to the ends of the axis."""
        low, high, at = self.low, self.high, value
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(max(value, self.low))
        share = (at - low) / (high - low) if high > low else 0.5
        return _MARGIN + (1 - 2 * _MARGIN) * min(max(share, 0.0), 1.0)

    def ticks(self, most: int = 5) -> list[float]:
        """At most so many round values inside the axis, smallest first."""
        found = _log_ticks(self.low, self.high) if self.is_log else []
        if len(found) < 2:
            found = _linear_ticks(self.low, self.high, most)
        step = -(-len(found) // most)
        return found[::step]


def of_times(groups: Sequence[Sequence[float]]) -> Scale:
    """The axis for groups of times: logarithmic where they are far apart, from zero where enough shows."""
    known = [value for times in groups for value in times if value > 0 and math.isfinite(value)]
    if not known:
        return Scale(0.0, 1.0, is_log=False)
    low, high = min(known), max(known)
    if high >= _LOG_FROM * low:
        return Scale(low, high, is_log=True)
    middles = [median(times) for times in groups if times]
    is_clear = max(middles) >= _ZERO_FROM * min(middles)
    return Scale(0.0 if is_clear else low, high, is_log=False)


def of_ratios(ratios: Sequence[float]) -> Scale:
    """The logarithmic axis for ratios, with 1 on it: twice as fast lies as far from 1 as half as fast."""
    known = [value for value in ratios if value > 0 and math.isfinite(value)]
    return Scale(min([*known, 1 / 1.01]), max([*known, 1.01]), is_log=True)


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten; where there are few of them, 2 and 5 times as much too."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    tens = [10.0**decade for decade in decades if low <= 10.0**decade <= high]
    if len(tens) >= 3:
        return tens
    values = (digit * 10.0**decade for decade in decades for digit in (1, 2, 5))
    return [value for value in values if low <= value <= high]


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * digit for digit in (1, 2, 5, 10) if span / (power * digit) <= most)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, first + most + 1) if i * step <= high * (1 + 1e-12)]
