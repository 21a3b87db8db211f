"""What the runner is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_perf import stats

if TYPE_CHECKING:
    from jupyter_perf.model import Verdict


@dataclass(frozen=True)
class Arm:
    """One of the pieces of code that are compared.

    `execute(loops)` executes it so many times, `prepare()` runs before each sample, outside the clock; each
    gives an awaitable where its flag says so. With a `prepare` each sample is a single execution, since a
    second one would not find what was prepared. `first_s` is what its first execution took, where the caller
    has run it before; otherwise the first one here counts as that.
    """

    name: str
    execute: Callable[[int], Any]
    prepare: Callable[[], Any] | None = None
    is_async: bool = False
    prepare_is_async: bool = False
    first_s: float | None = None


@dataclass(frozen=True)
class Progress:
    """How far the sampling is: passes through all arms, and the interval of the first comparison so far."""

    pairs: int
    ratio: float | None
    low: float | None
    high: float | None
    elapsed_s: float


@dataclass(frozen=True)
class Timing:
    """What the comparison of one arm with the first came to; the fields mean what a Comparison's mean."""

    name: str
    baseline: str
    verdict: Verdict
    before_s: tuple[float, ...] = ()
    after_s: tuple[float, ...] = ()
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    reason: str | None = None
    confidence: float = stats.CONFIDENCE
    first_before_s: float | None = None
    first_after_s: float | None = None
    loops_before: int | None = None
    loops_after: int | None = None
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    elapsed_s: float = 0.0
