"""What to sample next, and what the samples so far come to. Runs nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from jupyter_perf import stats
from jupyter_perf.runner.nouns import Arm, Progress, Timing

PROGRESS_AFTER_S, PROGRESS_EVERY_S = 1.0, 0.5
# Sampling does not stop before, however narrow the interval: bursts of load come and go in that time.
_SHORTEST_S, _FEWEST_PASSES = 1.0, 20
_GROWTH_OF_CHECKS = 1.25
# From here on a body is so slow that calibration takes no second sample of it.
_SLOW_S = 20 * stats.SAMPLE_S
# Added to the budget that a reason advises.
_MARGIN = 1.1


class Step(NamedTuple):
    """The next sample to take: of which arm, how many executions, and the seconds it should take."""

    arm: int
    loops: int
    expected_s: float


Steps = Generator[Step, float, None]


@dataclass
class _Samples:
    """What is known of one arm: its loops, its last sample, and the seconds of one execution by pass."""

    arm: Arm
    first_s: float | None
    loops: int = 1
    last_s: float = 0.0
    seconds: list[float] = field(default_factory=list)


class Plan:
    """What has been measured so far, and what to measure next."""

    def __init__(
        self,
        arms: Sequence[Arm],
        budget_s: float,
        clock: Callable[[], float],
        on_progress: Callable[[Progress], None] | None,
        began_s: float | None = None,
    ) -> None:
        if len(arms) < 2:
            raise ValueError(f"a comparison needs two pieces of code or more, not {len(arms)}")
        if not 0 < budget_s < float("inf"):
            raise ValueError(f"the budget is a positive number of seconds, not {budget_s!r}")
        self._samples = [_Samples(arm, arm.first_s, last_s=arm.first_s or 0.0) for arm in arms]
        self._budget_s = budget_s
        self._clock = clock
        self._began_s = clock() if began_s is None else began_s
        self._on_progress = on_progress
        self._progress_s = PROGRESS_AFTER_S
        self.interrupted = False

    def steps(self) -> Steps:
        """What to sample next, as long as there is something; each is answered with the seconds it took."""
        yield from self._warm_up()
        if any(samples.first_s is None for samples in self._samples):
            return
        for number, samples in enumerate(self._samples):
            yield from self._calibrate(number)
            if not samples.seconds:
                return
        yield from self._passes()

    def timings(self) -> list[Timing]:
        """What there is now, arm by arm."""
        elapsed_s = self._elapsed_s()
        return [self._timing(after, elapsed_s) for after in self._samples[1:]]

    @property
    def _passed(self) -> int:
        """The passes that are complete; one that an interrupt has cut off is left out."""
        return min(len(samples.seconds) for samples in self._samples)

    def _elapsed_s(self) -> float:
        return self._clock() - self._began_s

    def _fits(self, expected_s: float) -> bool:
        return self._elapsed_s() + expected_s <= self._budget_s

    def _warm_up(self) -> Steps:
        """The first execution of each arm, which stands apart; it begins only while there is time."""
        for number, samples in enumerate(self._samples):
            if samples.first_s is None and self._fits(0.0):
                samples.first_s = samples.last_s = yield Step(number, 1, 0.0)
                self._report()

    def _calibrate(self, number: int) -> Steps:
        """Raise the loops of one arm until its samples are long enough; the last is of the first pass.

        Two running have to be, since a single one may be long because the machine was busy with something
        else; for slow bodies, where a sample is dear, one will do. The first execution does not count: it may
        have filled caches.
        """
        samples = self._samples[number]
        long_enough = 0
        while self._fits(sum(other.last_s for other in self._samples[number:])):
            sample_s = yield Step(number, samples.loops, samples.last_s)
            loops = samples.loops if samples.arm.prepare else stats.next_loops(samples.loops, sample_s)
            samples.last_s = sample_s * loops / samples.loops
            self._report()
            is_one_enough = samples.arm.prepare is not None or (samples.loops == 1 and sample_s >= _SLOW_S)
            long_enough = long_enough + 1 if loops == samples.loops else 0
            if long_enough >= (1 if is_one_enough else 2):
                samples.seconds.append(sample_s / loops)
                return
            samples.loops = loops

    def _passes(self) -> Steps:
        """Passes through all arms, forwards and backwards in turn, until budget or interval says enough."""
        begun_s = self._elapsed_s()
        next_check = _FEWEST_PASSES
        expected_s = sum(samples.last_s for samples in self._samples)
        while self._fits(expected_s):
            pass_begun_s = self._elapsed_s()
            for number in stats.sample_order(len(self._samples), self._passed):
                samples = self._samples[number]
                samples.last_s = yield Step(number, samples.loops, samples.last_s)
                samples.seconds.append(samples.last_s / samples.loops)
            expected_s = self._elapsed_s() - pass_begun_s
            self._report()
            if self._passed >= next_check and self._elapsed_s() - begun_s >= _SHORTEST_S:
                next_check = int(self._passed * _GROWTH_OF_CHECKS)
                if self._is_settled():
                    return

    def _is_settled(self) -> bool:
        """Whether every interval is as narrow as is of use; significance plays no part in it."""
        found = [self._estimate(after) for after in self._samples[1:]]
        return all(estimate is not None and stats.is_narrow(estimate) for estimate in found)

    def _estimate(self, after: _Samples) -> stats.Estimate | None:
        before_s, after_s = self._pairs(after)
        if not before_s or min(*before_s, *after_s) <= 0:
            return None
        return stats.estimate(before_s, after_s, comparisons=len(self._samples) - 1)

    def _pairs(self, after: _Samples) -> tuple[tuple[float, ...], tuple[float, ...]]:
        passed = self._passed
        return tuple(self._samples[0].seconds[:passed]), tuple(after.seconds[:passed])

    def _report(self) -> None:
        elapsed_s = self._elapsed_s()
        if self._on_progress is None or elapsed_s < self._progress_s:
            return
        self._progress_s = elapsed_s + PROGRESS_EVERY_S
        found = self._estimate(self._samples[1])
        if found is None:
            self._on_progress(Progress(self._passed, None, None, None, elapsed_s))
        else:
            self._on_progress(Progress(self._passed, found.ratio, found.low, found.high, elapsed_s))

    def _timing(self, after: _Samples, elapsed_s: float) -> Timing:
        before = self._samples[0]
        before_s, after_s = self._pairs(after)
        judged = stats.judge(before_s, after_s, comparisons=len(self._samples) - 1)
        return Timing(
            after.arm.name,
            before.arm.name,
            judged.verdict,
            before_s,
            after_s,
            judged.ratio,
            judged.low,
            judged.high,
            judged.floor,
            self._too_few(before, after, elapsed_s) or judged.reason,
            first_before_s=before.first_s,
            first_after_s=after.first_s,
            loops_before=before.loops if before_s else None,
            loops_after=after.loops if after_s else None,
            notes=(*self._notes(before, after, elapsed_s), *judged.notes),
            interrupted=self.interrupted,
            elapsed_s=elapsed_s,
        )

    def _too_few(self, before: _Samples, after: _Samples, elapsed_s: float) -> str | None:
        """Why there are fewer pairs than any claim needs, and what budget would give enough."""
        passed = self._passed
        if passed >= stats.FEWEST_PAIRS:
            return None
        pairs = f"{passed or 'no'} pair{'' if passed <= 1 else 's'}"
        times = _times(before, after)
        if self.interrupted:
            return f"interrupted after {stats.seconds(elapsed_s)}: {pairs}{times}"
        pass_s = sum(samples.last_s for samples in self._samples)
        wanted_s = (elapsed_s + (stats.FEWEST_PAIRS - passed) * pass_s) * _MARGIN
        advice = f"; {stats.FEWEST_PAIRS} pairs take about {stats.seconds(wanted_s)}"
        return f"{pairs} in {stats.seconds(self._budget_s)}{times}{advice}"

    def _notes(self, before: _Samples, after: _Samples, elapsed_s: float) -> Iterator[str]:
        if self.interrupted and self._passed >= stats.FEWEST_PAIRS:
            of = f"{stats.seconds(elapsed_s)} of {stats.seconds(self._budget_s)}"
            yield f"interrupted: {self._passed} pairs in {of}"
        for samples in (before, after):
            execution_s = median(samples.seconds) if samples.seconds else stats.SAMPLE_S
            if samples.loops == 1 and execution_s < stats.SAMPLE_S:
                yield (
                    f"a sample of {samples.arm.name} is a single execution, of {stats.seconds(execution_s)}: "
                    f"below {stats.seconds(stats.SAMPLE_S)} what the clock and the call cost counts, too"
                )


def _times(before: _Samples, after: _Samples) -> str:
    """What one execution takes of each, as far as that is known: `, 3.1 s and 2.9 s`."""
    if before.seconds and after.seconds:
        return f", {stats.seconds(median(before.seconds))} and {stats.seconds(median(after.seconds))}"
    firsts = [stats.seconds(samples.first_s) for samples in (before, after) if samples.first_s is not None]
    return f", {' and '.join(firsts)} the first time" if firsts else ""
