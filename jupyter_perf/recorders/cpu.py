"""Where the time went: samples of the stacks, joined with the threads' clocks."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import deque

from jupyter_perf.context import Context, Options
from jupyter_perf.discovery import members
from jupyter_perf.model import Column, Table
from jupyter_perf.recorders import Draft, Recorder
from jupyter_perf.recorders.breakdown import breakdown
from jupyter_perf.recorders.clocks import ThreadClocks
from jupyter_perf.recorders.hot_spots import HotSpots
from jupyter_perf.recorders.stacks import SUSPENDED, StackSums
from jupyter_perf.samplers import Frame, Plan, Sampler, Stretch

TIMELINE_SLICES = 120
# From so many on, statements are summed up with numpy.
MANY_QUERIES = 5_000
# So many at a time, so that what numpy makes of them on the way is small.
BLOCK = 100_000

# Samplers that could not start in this process, with their reason: they are not tried again.
_refused: dict[str, str] = {}


def samplers() -> list[type[Sampler]]:
    """All samplers, the most preferred first."""
    return sorted(members("samplers", Sampler), key=lambda sampler: sampler.preference)


class CpuRecorder(Recorder):
    """Starts first and stops last, since both take it longest, and collects last, to join the rest."""

    order = 10

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._clocks = ThreadClocks(context)
        self._sampler: Sampler | None = None
        self._taken: deque[Stretch] = deque()
        self._process_s = 0.0
        known = frozenset(thread.ident or 0 for thread in threading.enumerate())
        self._sums = StackSums(context.sources, context.thread_ident, self._ran_s, self._clocks.names, known)

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Every run."""
        return True

    def start(self) -> None:
        """Start the clocks and the first sampler that works."""
        self._sampler = self._start_sampler()
        self.context.at_begin(self._begin)

    def _begin(self) -> None:
        self._clocks.start()
        self._process_s = time.process_time()
        self.context.every_tick(self._tick)

    def _start_sampler(self) -> Sampler | None:
        options = self.context.options
        reasons: list[str] = []
        for kind in samplers():
            if not self._is_candidate(kind):
                continue
            obstacle = _refused.get(kind.name) or kind.obstacle()
            if obstacle is None:
                plan = Plan(self.context.clock, self.context.thread_ident, self._take, kind.rate_hz,
                            options.native, options.subprocesses)  # fmt: skip
                sampler = kind(plan)
                try:
                    sampler.start()
                except OSError as error:
                    obstacle = _refused[kind.name] = str(error)
                else:
                    self._explain(sampler, reasons)
                    return sampler
            reasons.append(obstacle)
        self.context.note("no stacks were sampled: " + "; ".join(reasons or ["no sampler fits the options"]))
        return None

    def _is_candidate(self, kind: type[Sampler]) -> bool:
        options = self.context.options
        if options.engine is not None:
            return kind.name == options.engine
        return (
            kind.preference < 1000
            and (kind.sees_native or not options.native)
            and (kind.sees_subprocesses or not options.subprocesses)
        )

    def _explain(self, sampler: Sampler, reasons: list[str]) -> None:
        if reasons:
            self.context.note(f"the {sampler.name} sampler was used, because {'; '.join(reasons)}")
        if sampler.skids:
            self.context.note(
                f"the {sampler.name} sampler sees a line a little late: lines are approximate, "
                "functions and totals are not"
            )
        if self.context.options.native:
            self.context.note("for native frames, the process was stopped at every sample, and waited then")

    def stop(self) -> None:
        """Stop the clocks and the sampler, which delivers what is left."""
        self._clocks.stop(self._ended_s())
        self._process_s = time.process_time() - self._process_s
        if self._sampler is not None:
            self._sampler.stop()

    def _ended_s(self) -> float:
        """When the user's code ended, or now while it runs."""
        context = self.context
        return context.now_s() if context.ended_s is None else context.ended_s

    def _tick(self, now_s: float) -> None:
        self._clocks.tick(now_s)
        if self._sampler is not None:
            self._sampler.poll()
        self._count(until_s=now_s)

    def _take(self, stretch: Stretch) -> None:
        """Keep a stretch, as far as it lies within the run, until the clocks tell how much of it ran."""
        start_s = stretch.start_s - self.context.origin_s
        end_s = min(start_s + stretch.duration_s, self._ended_s())
        start_s = max(start_s, 0.0)
        if end_s > start_s:
            self._taken.append(stretch._replace(start_s=start_s, duration_s=end_s - start_s))

    def _count(self, until_s: float) -> None:
        """Count what was taken, up to the first stretch that ends after `until_s`."""
        while self._taken and self._taken[0].start_s + self._taken[0].duration_s <= until_s:
            self._sums.add(self._taken.popleft())

    def _ran_s(self, stretch: Stretch) -> float | None:
        """How much of a stretch its thread was on a processor."""
        clock = self._clocks.of(stretch.process, stretch.thread_ident)
        if clock is None:
            return None
        return clock.ran_s(stretch.start_s, stretch.start_s + stretch.duration_s)

    def collect(self, draft: Draft) -> None:
        """Join what was sampled with what the other recorders measured."""
        self._count(until_s=float("inf"))
        self._credit_suspensions(draft)
        sums = self._sums
        spots = HotSpots(sums.spent, self.context.sources, draft.wall_s, self._clocks.are_available)
        draft.tables["stacks"] = spots.stacks()
        draft.tables["lines"] = spots.lines(draft.line_waits, draft.line_memory)
        draft.tables["functions"] = spots.functions(draft.call_counts)
        draft.tables["user_functions"] = spots.user_functions()
        draft.tables["threads"] = self._threads()
        draft.scalars["cpu_s"] = self._process_s
        self._collect_clocks(draft)
        if sums.is_folded:
            draft.folded.append(f"after {len(sums.spent):,} different stacks, library frames were left out")
        if self._sampler is not None:
            draft.scalars["sampler"] = self._sampler.name
            draft.scalars["rate_hz"] = self._sampler.rate_hz
            draft.overhead_s += self._sampler.overhead_s

    def _collect_clocks(self, draft: Draft) -> None:
        clocks = self._clocks
        if not clocks.are_available:
            self.context.note("waiting time is missing: this system does not tell a thread's processor time")
            return
        wait_s = max(0.0, draft.wall_s - clocks.cell.total_s)
        draft.scalars["wait_s"] = wait_s
        draft.tables["timeline"] = self._timeline(draft)
        draft.tables["breakdown"] = breakdown(
            draft.wall_s,
            clocks,
            sql_s=draft.scalars.get("sql_s"),
            gc_s=draft.scalars.get("gc_s"),
            import_s=self._sums.import_s,
            native_share=self._native_share(),
        )

    def _credit_suspensions(self, draft: Draft) -> None:
        """Give the idle time of the event loop to the line of the cell that awaited meanwhile."""
        suspensions = draft.cell_suspensions
        starts = [start_s for start_s, *_ in suspensions]
        for start_s, seconds in self._sums.idle:
            at = bisect_right(starts, start_s + seconds / 2) - 1
            if at >= 0 and start_s < suspensions[at][1]:
                _, _, filename, line, function = suspensions[at]
                stack = (Frame(function, filename, line), SUSPENDED)
                self._sums.credit("MainThread", stack, seconds, seconds)

    def _native_share(self) -> float | None:
        """The share of running time with a native frame innermost, where those were asked for."""
        if not self.context.options.native:
            return None
        running = self._sums.ran_by_native
        total = sum(running.values())
        return running[True] / total if total else None

    def _threads(self) -> Table:
        clocks = self._clocks
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        own = names.get(self.context.thread_ident, "MainThread")
        rows = [(own, clocks.cell.total_s, clocks.cell.at_s[-1])] if clocks.cell.at_s else []
        for ident, clock in clocks.others.items():
            rows.append((clocks.names[ident], clock.total_s, clock.at_s[-1] - clock.at_s[0]))
        return Table.of_rows(("thread", "cpu_s", "wall_s"), rows)

    def _timeline(self, draft: Draft) -> Table:
        """Equal slices of the run: how much of each the cell's thread ran, waited, and was in SQL."""
        clock = self._clocks.cell
        width_s = draft.wall_s / TIMELINE_SLICES
        if width_s <= 0:
            return Table({})
        sql_s = _sliced(draft, width_s)
        rows = []
        for i in range(TIMELINE_SLICES):
            ran_s = clock.ran_s(i * width_s, (i + 1) * width_s) or 0.0
            rows.append((i * width_s, width_s, ran_s, width_s - ran_s, sql_s[i]))
        return Table.of_rows(("at_s", "width_s", "cpu_s", "wait_s", "sql_s"), rows)


def _sliced(draft: Draft, width_s: float) -> list[float]:
    """Seconds in SQL in each slice; what one slice cannot hold counts in those after it."""
    sums = [0.0] * TIMELINE_SLICES
    queries = draft.tables.get("queries")
    if queries is None or not len(queries):
        return sums
    starts, durations = queries["start_s"], queries["duration_s"]
    if len(queries) > MANY_QUERIES:
        starts, durations = _joined(starts, durations, width_s)
    for start_s, duration_s in zip(starts, durations, strict=True):
        left_s, at = duration_s or 0.0, int(start_s / width_s)
        part_s = (at + 1) * width_s - start_s
        while left_s > 0 and at < TIMELINE_SLICES:
            sums[at] += min(left_s, part_s)
            left_s, part_s, at = left_s - part_s, width_s, at + 1
    return [min(seconds, width_s) for seconds in sums]


def _joined(starts: Column, durations: Column, width_s: float) -> tuple[list[float], list[float]]:
    """Many short statements as one for each slice that they begin in, the long ones as they are."""
    import numpy as np

    begun_s, took_s = np.asarray(starts, dtype=float), np.asarray(durations, dtype=float)
    short_s = np.zeros(TIMELINE_SLICES + 1)
    long_begun_s: list[float] = []
    long_took_s: list[float] = []
    for first in range(0, len(begun_s), BLOCK):
        begun = begun_s[first : first + BLOCK]
        took = np.nan_to_num(took_s[first : first + BLOCK])
        is_long = took > width_s
        slices = np.minimum((begun[~is_long] / width_s).astype(int), TIMELINE_SLICES)
        short_s += np.bincount(slices, weights=took[~is_long], minlength=TIMELINE_SLICES + 1)
        long_begun_s += begun[is_long].tolist()
        long_took_s += took[is_long].tolist()
    edges_s = np.arange(len(short_s)) * width_s
    return [*edges_s.tolist(), *long_begun_s], [*short_s.tolist(), *long_took_s]
