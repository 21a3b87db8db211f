"""The Comparison: two pieces of code timed in pairs, and what else is different between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from jupyter_perf.model.columns import COMPARISON_COLUMNS
from jupyter_perf.model.frames import to_frame
from jupyter_perf.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["faster", "slower", "no difference shown", "inconclusive", "results differ"]

_MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Comparison:
    """Paired samples of two pieces of code; `name` is the one compared with `baseline`.

    `ratio` is time before ÷ time after, so that above 1 is faster; `low` and `high` bound it with
    `confidence`, all comparisons of a report together. The samples are seconds of one execution, pair by
    pair, of `loops_before` and `loops_after` executions each; the first execution of each stands apart.
    Differences within `floor`, a ratio of at least 1, also show between the same code and itself.
    The changes are exact: after minus before. `same_result` is None where the results were not compared.
    """

    name: str
    verdict: Verdict
    before_s: tuple[float, ...] = ()
    after_s: tuple[float, ...] = ()
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    statements_change: int | None = None
    rows_change: int | None = None
    bytes_change: int | None = None
    calls_change: int | None = None
    baseline: str = "before"
    confidence: float = 0.95
    floor: float | None = None
    first_before_s: float | None = None
    first_after_s: float | None = None
    loops_before: int | None = None
    loops_after: int | None = None
    same_result: bool | None = None
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def is_paired(self) -> bool:
        """Whether the samples were taken in pairs; those of saved runs were not."""
        return self.loops_before is not None and self.loops_after is not None

    def table(self, name: str) -> Table:
        """The columns of one frame; those of `samples` are made of the samples."""
        if name == "samples":
            return self._samples()
        return self.tables.get(name) or Table(dict.fromkeys(COMPARISON_COLUMNS[name], ()))

    @property
    def samples(self) -> pd.DataFrame:
        """One row for each pair, in the order of measuring; `order` says which of the two came first.

        `ratio` is the pair's time before ÷ time after. Both are missing where the samples are no pairs.
        """
        return to_frame(self.table("samples"), COMPARISON_COLUMNS["samples"])

    @property
    def changes(self) -> pd.DataFrame:
        """What changed besides time, largest first: totals, lines and statements of one run of each.

        `place` is where it stands before and, if elsewhere, after; counts are exact. A line or statement
        that one side does not have has a missing value there.
        """
        return to_frame(self.table("changes"), COMPARISON_COLUMNS["changes"])

    def assert_faster(self, by: float = 1.0) -> None:
        """Raise AssertionError unless `name` is shown to be at least `by` times as fast as `baseline`.

        The low end of the interval must reach `by`, not the ratio alone: code whose true ratio is just
        `by` would otherwise pass every other time. From 1 on the verdict must be "faster" as well, so that
        noise does not pass; `by=0.95` allows up to five per cent of speed to be lost. Where the results
        differ it never passes. Raises ValueError where `by` is no positive number.
        """
        __tracebackhide__ = True
        if not (math.isfinite(by) and by > 0):
            raise ValueError(f"by is a ratio above 0, such as 1.2, not {by!r}")
        problem = self._not_faster(by)
        if problem is not None:
            raise AssertionError("\n  ".join([problem, *self._evidence()]))

    def assert_same(self) -> None:
        """Raise AssertionError unless the results were compared and are the same."""
        __tracebackhide__ = True
        if self.same_result is True and self.verdict != "results differ":
            return
        if self.same_result is None and self.verdict != "results differ":
            problem = f"whether {self.name} gives the same result as {self.baseline} is not known"
        else:
            problem = f"{self.name} gives another result than {self.baseline}"
        raise AssertionError("\n  ".join([problem, *self._evidence()]))

    def _not_faster(self, by: float) -> str | None:
        if self.same_result is False or self.verdict == "results differ":
            return f"{self.name} gives another result than {self.baseline}, so that its speed does not count"
        wanted = "faster than" if by == 1.0 else f"{by:g} times as fast as"
        claim = f"{self.name} is not shown to be {wanted} {self.baseline}"
        if self.verdict == "inconclusive" or self.low is None:
            return f"{claim}: inconclusive"
        if self.low < by:
            return f"{claim}: the interval begins at {self.low:.4g}, below {by:g}"
        return f"{claim}: {self.verdict}" if by >= 1.0 and self.verdict != "faster" else None

    def _evidence(self) -> list[str]:
        lines = [f"verdict: {self.verdict}" + (f" ({self.reason})" if self.reason else "")]
        if self.ratio is not None and self.verdict != "results differ":
            bounds = ""
            if self.low is not None and self.high is not None:
                bounds = f" ({100 * self.confidence:g} % interval {self.low:.4g} to {self.high:.4g})"
            counts = f"{min(len(self.before_s), len(self.after_s))} pairs"
            if not self.is_paired:
                counts = f"{len(self.before_s)} and {len(self.after_s)} runs"
            lines.append(f"time before ÷ after: {self.ratio:.4g}{bounds}, {counts}")
        if self.before_s and self.after_s:
            from statistics import median

            before_s, after_s = median(self.before_s), median(self.after_s)
            lines.append(f"median seconds: {self.baseline} {before_s:.4g}, {self.name} {after_s:.4g}")
        same = {True: "yes", False: "no", None: "not compared"}[self.same_result]
        lines.append(f"same result: {same}")
        lines += [f"difference: {text}" for text in self.differences[:_MOST_DIFFERENCES]]
        if len(self.differences) > _MOST_DIFFERENCES:
            lines.append(f"and {len(self.differences) - _MOST_DIFFERENCES} more differences")
        return lines

    def _samples(self) -> Table:
        couples = enumerate(zip_longest(self.before_s, self.after_s))
        rows = [(i + 1, self._first_of(i), before_s, after_s, self._ratio(before_s, after_s))
                for i, (before_s, after_s) in couples]  # fmt: skip
        return Table.of_rows(list(COMPARISON_COLUMNS["samples"]), rows)

    def _first_of(self, pair: int) -> str | None:
        """Pairs alternate: before, after; after, before; and so on, so that a drift falls on both alike."""
        return f"{self.name if pair % 2 else self.baseline} first" if self.is_paired else None

    def _ratio(self, before_s: float | None, after_s: float | None) -> float | None:
        return before_s / after_s if self.is_paired and before_s is not None and after_s else None
