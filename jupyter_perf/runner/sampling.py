"""The two drivers: they run what the plan asks for, and tell it what that took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from jupyter_perf.runner.collector import collector_off
from jupyter_perf.runner.nouns import Arm, Progress, Timing
from jupyter_perf.runner.plan import Plan, Step, Steps


def time_pairs(
    arms: Sequence[Arm],
    *,
    budget_s: float = 10.0,
    clock: Callable[[], float] = time.perf_counter,
    on_progress: Callable[[Progress], None] | None = None,
    began_s: float | None = None,
) -> list[Timing]:
    """Compare `arms[0]` with each of the others; one Timing for each of these.

    The budget bounds the whole: first executions, calibration, pairs. A pass through all arms is begun only
    if it should fit into what is left, so that code that is slow beside the budget gives few pairs or none,
    and the verdict "inconclusive"; an execution that has begun is not cut off. It counts from `began_s`
    on the clock, for a caller that has used some of it before, and from now otherwise.

    Garbage is collected before each sample, outside the clock, and the automatic collection is off until the
    end, when it is as it was before. A KeyboardInterrupt ends the sampling and is not raised: `interrupted`
    is true, and what there is counts. Exceptions of the user's code pass unchanged. Raises ValueError for
    fewer than two arms, arms that must be awaited, or a budget that is no positive number.
    """
    if any(arm.is_async or arm.prepare_is_async for arm in arms):
        raise ValueError("code that awaits is timed with time_pairs_async")
    plan = Plan(arms, budget_s, clock, on_progress, began_s)
    try:
        with collector_off() as collect:
            steps = plan.steps()
            step = next(steps, None)
            while step is not None:
                arm = arms[step.arm]
                if arm.prepare is not None:
                    arm.prepare()
                collect(step.expected_s)
                begun_s = clock()
                arm.execute(step.loops)
                step = _tell(steps, clock() - begun_s)
    except KeyboardInterrupt:
        plan.interrupted = True
    return plan.timings()


async def time_pairs_async(
    arms: Sequence[Arm],
    *,
    budget_s: float = 10.0,
    clock: Callable[[], float] = time.perf_counter,
    on_progress: Callable[[Progress], None] | None = None,
    began_s: float | None = None,
) -> list[Timing]:
    """Do what `time_pairs` does, on the running loop; arms that must be awaited and others may be mixed.

    The cancellation of the task that awaits this counts as an interrupt as well, and is used up by it. A
    CancelledError that comes out of the user's code otherwise is an exception like others.
    """
    plan = Plan(arms, budget_s, clock, on_progress, began_s)
    task = asyncio.current_task()
    cancellations = task.cancelling() if task is not None else 0
    try:
        with collector_off() as collect:
            steps = plan.steps()
            step = next(steps, None)
            while step is not None:
                await _prepare(arms[step.arm])
                collect(step.expected_s)
                step = _tell(steps, await _timed(arms[step.arm], step.loops, clock))
    except KeyboardInterrupt:
        plan.interrupted = True
    except asyncio.CancelledError:
        if task is None or task.cancelling() <= cancellations:
            raise
        task.uncancel()
        plan.interrupted = True
    return plan.timings()


async def _prepare(arm: Arm) -> None:
    if arm.prepare is not None:
        prepared = arm.prepare()
        if arm.prepare_is_async:
            await prepared


async def _timed(arm: Arm, loops: int, clock: Callable[[], float]) -> float:
    begun_s = clock()
    executed = arm.execute(loops)
    if arm.is_async:
        await executed
    return clock() - begun_s


def _tell(steps: Steps, sample_s: float) -> Step | None:
    try:
        return steps.send(sample_s)
    except StopIteration:
        return None
