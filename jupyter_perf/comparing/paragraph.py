"""The paragraph of `%%compare`: run each part once, compare the results, then time the parts in pairs.

What a part gives and does is looked at before any word about its speed. Each part runs once recorded, which
tells what it did besides taking time, and once more under cProfile where that fits the budget, which counts
its calls and shows whether it gives the same again. Then `runner` times the parts with nothing recorded.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from jupyter_perf.changes import changes, exact_changes
from jupyter_perf.comparing.deadline import Deadline, OutOfTimeError
from jupyter_perf.context import Context, Options
from jupyter_perf.equality import IncomparableError, difference, fingerprint
from jupyter_perf.model import Comparison, Report, Run, Verdict
from jupyter_perf.recorders import Recorder
from jupyter_perf.recorders.exact import ExactRecorder
from jupyter_perf.runner import Arm, Progress, Timing, time_pairs, time_pairs_async
from jupyter_perf.session import AlreadyRecordingError, Recording, keep

# A part runs once more, for its calls and to see whether it gives the same again, where its first run took
# no more than this share of the budget: cProfile may make it ten times slower.
AGAIN_SHARE = 0.02
# Statements that change nothing that is kept.
_READING = frozenset(
    {
        *("SELECT", "VALUES", "SHOW", "DESCRIBE", "EXPLAIN", "PRAGMA", "SET", "USE"),
        *("BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"),
    }
)
# The runner is given this much time at least, to say that there was none.
LEAST_S = 0.1

Value = TypeVar("Value")


class Part(Protocol):
    """A piece of code to compare; what it runs is awaitable where `is_async`."""

    name: str
    is_async: bool
    has_result: bool

    def run(self) -> Any:
        """Run once; gives the result."""

    def repeat(self, times: int) -> Any:
        """Run so many times in a row, as fast as can be."""

    def inputs(self) -> Mapping[str, Any]:
        """The values that it reads, by name."""


@dataclass(frozen=True)
class Settings:
    """How to compare.

    `prepare` runs before each sample, outside the clock, and is awaitable if `prepare_is_async`; with
    `has_rollback` it takes back what the sample before it wrote. `hide_output` is entered around all runs
    but the first.
    """

    budget_s: float = 10.0
    equal: str = "exact"
    prepare: Callable[[], Any] | None = None
    prepare_is_async: bool = False
    has_rollback: bool = False
    hide_output: Callable[[], AbstractContextManager[None]] = nullcontext
    notes: tuple[str, ...] = ()
    on_progress: Callable[[Progress], None] | None = None
    clock: Callable[[], float] = time.perf_counter


class RefusedError(Exception):
    """The parts cannot be compared; the text is one sentence that says what to do."""


@dataclass
class _First:
    """What a part gave and did before it was timed."""

    part: Part
    value: Any = None
    value_print: Any = None
    run: Run | None = None
    took_s: float = 0.0
    notes: list[str] = field(default_factory=list)


def run_now(coroutine: Coroutine[Any, Any, Value]) -> Value:
    """The result of a coroutine that never has to wait, without an event loop."""
    __tracebackhide__ = True
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: Value = stop.value
        return value
    coroutine.close()
    raise RuntimeError("a part that awaits was run without an event loop")


class Comparing:
    """One comparison of parts, the first of which is the baseline."""

    def __init__(
        self, parts: Sequence[Part], settings: Settings, make_context: Callable[[Options], Context]
    ) -> None:
        self.parts = parts
        self.settings = settings
        self.is_async = settings.prepare_is_async or any(part.is_async for part in parts)
        self.is_interrupted = False
        self._make_context = make_context
        self._began_s = settings.clock()
        self._notes = list(settings.notes)

    def _left_s(self) -> float:
        return self.settings.budget_s - (self.settings.clock() - self._began_s)

    async def report(self) -> Report:
        """Compare. Raises RefusedError, and what the user's code raises."""
        self._began_s = self.settings.clock()
        firsts: list[_First] = []
        for part in self.parts:
            firsts.append(_First(part))
            try:
                await self._look(firsts[-1])
            except OutOfTimeError:
                return self._unfinished(firsts)
        texts = [self._difference(firsts[0], other) for other in firsts[1:]]
        for first in firsts:
            first.value = None  # it may be large
        alike = [first for first, text in zip(firsts[1:], texts, strict=True) if text is None]
        with self.settings.hide_output():
            timings = iter(await self._time([firsts[0], *alike]) if alike else [])
        comparisons = [
            self._timed(firsts[0], first, next(timings)) if text is None
            else self._differing(firsts[0], first, text)
            for first, text in zip(firsts[1:], texts, strict=True)
        ]  # fmt: skip
        return self._as_report(firsts[0], comparisons)

    async def _look(self, first: _First) -> None:
        """Run a part once, recorded, and once more where that fits."""
        await self._prepare()
        inputs = first.part.inputs()
        prints = {name: fingerprint(value) for name, value in inputs.items()}
        began_s = self.settings.clock()
        first.value, first.run = await self._recorded(first.part, Options(label=first.part.name))
        took_s = self.settings.clock() - began_s
        first.took_s = first.run.wall_s if first.run is not None else took_s
        if first.run is not None:
            first.notes += _writes(first.part.name, first.run, has_rollback=self.settings.has_rollback)
        first.value_print = fingerprint(first.value)
        changed = [name for name, value in inputs.items() if prints[name] != fingerprint(value)]
        if changed and self.settings.prepare is not None:
            # What runs before each sample may restore it.
            await self._prepare()
            now = first.part.inputs()
            kept = [name for name in changed if now.get(name) is inputs[name]]
            changed = [name for name in kept if prints[name] != fingerprint(inputs[name])]
        if changed:
            first.notes.append(
                f"{first.part.name} changes {', '.join(changed)}: each execution works on what the one "
                "before left; make a copy in #%% setup-each"
            )
        if first.took_s <= AGAIN_SHARE * self.settings.budget_s:
            with self.settings.hide_output():
                await self._look_again(first, is_changing=bool(changed))

    async def _look_again(self, first: _First, *, is_changing: bool) -> None:
        await self._prepare()
        try:
            again, counted = await self._recorded(first.part, Options(exact=True), (ExactRecorder,))
        except OutOfTimeError:
            return
        if first.run is not None and counted is not None:
            exact = {name: counted.tables[name] for name in counted.tables if name.startswith("exact_")}
            first.run = dataclasses.replace(first.run, tables={**first.run.tables, **exact})
        if self.settings.equal == "off" or not first.part.has_result or is_changing:
            return
        text = self._difference_of(first.part, first.value, again)
        if text is not None:
            first.notes.append(
                f"{first.part.name} gives another result each time it runs ({text}): give it a fixed seed, "
                "or nothing to read that it changes"
            )

    async def _recorded(
        self, part: Part, options: Options, kinds: Sequence[type[Recorder]] | None = None
    ) -> tuple[Any, Run | None]:
        """What one run of the part gave, and the Run; None where a recording is under way already."""
        __tracebackhide__ = True
        context = self._make_context(options)
        context.is_async = part.is_async
        recording = Recording(context, kinds)
        # What awaits has an end of its own, in `_awaited`.
        deadline = nullcontext() if part.is_async else Deadline(self._left_s())
        is_recorded = self._start(recording)
        try:
            with deadline:
                value = await self._awaited(part) if part.is_async else part.run()
                context.ended_s = context.now_s()
        except BaseException:
            if is_recorded:
                recording.discard()
            raise
        return value, recording.stop().run if is_recorded else None

    def _start(self, recording: Recording) -> bool:
        try:
            recording.start()
        except AlreadyRecordingError:
            self._note("what else changed was not measured, because a recording is under way already")
            return False
        return True

    async def _awaited(self, part: Part) -> Any:
        """What a part that awaits gives, within what is left of the budget."""
        __tracebackhide__ = True
        try:
            async with asyncio.timeout(max(self._left_s(), 0.0)) as scope:
                return await part.run()
        except TimeoutError:
            if scope.expired():
                raise OutOfTimeError from None
            raise

    async def _prepare(self) -> None:
        if self.settings.prepare is not None:
            prepared = self.settings.prepare()
            if self.settings.prepare_is_async:
                await prepared

    def _difference(self, first: _First, other: _First) -> str | None:
        """Where the results differ; None where they do not, or are not compared."""
        if self.settings.equal == "off":
            self._note("results were not compared (--equal off)")
            return None
        without = [one.part.name for one in (first, other) if not one.part.has_result]
        if without:
            self._note(
                f"results were not compared, as {without[0]} does not end in an expression: name the "
                "variable that is the result with --result"
            )
            return None
        for one in (first, other):
            if fingerprint(one.value) != one.value_print:
                raise RefusedError(
                    f"the result of {one.part.name} was changed by what ran after it, so that it cannot be "
                    "compared: let the parts end with a copy of it"
                )
        return self._difference_of(other.part, first.value, other.value)

    def _difference_of(self, part: Part, one: Any, other: Any) -> str | None:
        try:
            return difference(one, other, self.settings.equal)
        except IncomparableError as error:
            raise RefusedError(f"the result of {part.name} cannot be compared: {error}") from None

    async def _time(self, firsts: Sequence[_First]) -> list[Timing]:
        __tracebackhide__ = True
        settings = self.settings
        arms = [
            Arm(first.part.name, first.part.repeat, settings.prepare, first.part.is_async,
                settings.prepare_is_async, first.took_s)
            for first in firsts
        ]  # fmt: skip
        options: Any = {
            "budget_s": settings.budget_s,
            "clock": settings.clock,
            "on_progress": settings.on_progress,
            "began_s": self._began_s,
        }
        if self.is_async:
            return await time_pairs_async(arms, **options)
        # The runner begins nothing that should not fit; this is for what takes longer than it did.
        with Deadline(2 * max(self._left_s(), LEAST_S)) as deadline:
            timings = time_pairs(arms, **options)
        if deadline.is_over:
            return [dataclasses.replace(timing, interrupted=False) for timing in timings]
        return timings

    def _timed(self, before: _First, after: _First, timing: Timing) -> Comparison:
        self.is_interrupted = self.is_interrupted or timing.interrupted
        return dataclasses.replace(
            self._untimed(before, after, timing.verdict, timing.reason),
            before_s=timing.before_s,
            after_s=timing.after_s,
            ratio=timing.ratio,
            low=timing.low,
            high=timing.high,
            floor=timing.floor,
            first_before_s=timing.first_before_s,
            first_after_s=timing.first_after_s,
            loops_before=timing.loops_before,
            loops_after=timing.loops_after,
            notes=(*self._notes_on(before, after), *timing.notes),
        )

    def _differing(self, before: _First, after: _First, text: str) -> Comparison:
        compared = self._untimed(before, after, "results differ", None)
        return dataclasses.replace(compared, same_result=False, differences=(text,))

    def _untimed(self, before: _First, after: _First, verdict: Verdict, reason: str | None) -> Comparison:
        """What is known of two parts besides their times."""
        changed: Any = {}
        if before.run is not None and after.run is not None:
            changed = exact_changes(before.run, after.run)
            changed["tables"] = {"changes": changes(before.run, after.run)}
        is_compared = self.settings.equal != "off" and before.part.has_result and after.part.has_result
        return Comparison(
            name=after.part.name,
            baseline=before.part.name,
            verdict=verdict,
            reason=reason,
            same_result=True if is_compared else None,
            notes=self._notes_on(before, after),
            **changed,
        )

    def _notes_on(self, before: _First, after: _First) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self._notes, *before.notes, *after.notes]))

    def _unfinished(self, firsts: Sequence[_First]) -> Report:
        """The report where the last of these did not come to its end within the budget."""
        name, budget_s = firsts[-1].part.name, self.settings.budget_s
        reason = f"{budget_s:g} s were not enough for a first run of {name}: --budget gives it more"
        names = [part.name for part in self.parts[1:]]
        comparisons = [
            Comparison(name=other, baseline=self.parts[0].name, verdict="inconclusive", reason=reason,
                       notes=tuple(self._notes))
            for other in names
        ]  # fmt: skip
        return self._as_report(firsts[0], comparisons)

    def _as_report(self, before: _First, comparisons: Sequence[Comparison]) -> Report:
        run = before.run or Run(uuid.uuid4().hex, None, None, time.time(), before.took_s)
        report = Report(run=run, comparisons=tuple(comparisons))
        keep(report)
        return report

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.append(sentence)


def _writes(part: str, run: Run, *, has_rollback: bool) -> list[str]:
    """That a part writes to a database, and what to do about it."""
    rows = [row for row in run.table("statements").rows() if row["operation"] not in _READING]
    if not rows or has_rollback:
        return []
    line = f" (line {rows[0]['line']})" if rows[0]["line"] is not None else ""
    return [
        f"{part} writes to a database each time it runs: {rows[0]['operation']}{line}; "
        f"--rollback CONNECTION runs each sample in a transaction that is rolled back"
    ]
