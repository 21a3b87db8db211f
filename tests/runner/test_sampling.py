"""Running what is to be sampled: interrupts, exceptions, code that awaits, the garbage collector."""

from __future__ import annotations

import asyncio
import gc

import pytest

from jupyter_perf.runner import Arm, time_pairs, time_pairs_async
from jupyter_perf.stats import seconds
from tests.runner.machine import Machine


def interrupting(machine, at_s, error=KeyboardInterrupt):
    """Code of 10 ms whose first execution after `at_s` is interrupted."""

    def execute(loops):
        machine.take(0.01 * loops)
        if machine.now_s > 100 + at_s:
            raise error("stop")

    return Arm("after", execute)


def test_an_interrupt_leaves_what_there_is():
    machine = Machine(noise=0.01)
    [timing] = machine.pairs(machine.arm("before", 0.02), interrupting(machine, 0.9), budget_s=10)
    assert timing.interrupted and timing.verdict == "faster"
    assert len(timing.before_s) == len(timing.after_s) > 20
    took = seconds(timing.elapsed_s)
    assert timing.notes[0] == f"interrupted: {len(timing.before_s)} pairs in {took} of 10 s"


def test_an_early_interrupt_is_inconclusive_and_says_why():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 0.02), interrupting(machine, 0.1), budget_s=10)
    assert (timing.verdict, timing.interrupted) == ("inconclusive", True)
    assert timing.reason.startswith("interrupted after 1")
    [timing] = machine.pairs(interrupting(machine, 0), machine.arm("before", 0.02), budget_s=10)
    assert (timing.interrupted, timing.before_s, timing.first_before_s) == (True, (), None)
    assert timing.reason.endswith(": no pair")


def test_an_exception_of_the_code_passes_unchanged():
    machine = Machine()
    with pytest.raises(ZeroDivisionError, match="stop"):
        machine.pairs(machine.arm("before", 0.02), interrupting(machine, 0.3, ZeroDivisionError), budget_s=9)


@pytest.fixture(params=[True, False], ids=["collector on", "collector off"])
def collector(request):
    was_enabled = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was_enabled else gc.disable)()


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ZeroDivisionError])
def test_the_collector_is_off_inside_samples_and_afterwards_as_it_was(collector, error):
    machine, states = Machine(), []

    def execute(loops):
        states.append(gc.isenabled())
        gc.enable()
        machine.take(0.01 * loops)
        if error is not None and len(states) > 9:
            raise error

    arms = [Arm(name, execute) for name in ("before", "after")]
    try:
        machine.pairs(*arms, budget_s=0.5)
    except ZeroDivisionError:
        assert error is ZeroDivisionError
    assert len(states) > 9 and not any(states)
    assert gc.isenabled() == collector


def test_garbage_of_a_sample_is_collected_before_the_next(collector):
    machine, living = Machine(), []

    class Node:
        def __del__(self):
            living.remove(self.number)

    def execute(loops):
        found.append(list(living))
        node = Node()
        node.itself, node.number = node, len(found)
        living.append(node.number)
        machine.take(0.01 * loops)

    found = []
    machine.pairs(Arm("before", execute), Arm("after", execute), budget_s=0.5)
    assert len(found) > 9 and found == [[]] * len(found)
    gc.collect()
    assert living == []


def test_code_that_awaits_is_timed_alike():
    machine, prepared = Machine(noise=0.01), []

    async def prepare():
        await asyncio.sleep(0)
        prepared.append(machine.log[-1:])
        machine.take(0.001)

    arms = [
        machine.awaited("before", 0.03, prepare=prepare, prepare_is_async=True),
        machine.arm("after", 0.02, prepare=lambda: prepared.append("after")),
    ]
    [timing] = asyncio.run(time_pairs_async(arms, budget_s=3, clock=machine.clock))
    assert timing.verdict == "faster" and timing.low < 1.5 < timing.high
    assert len(prepared) == len(machine.log)


def test_cancelling_the_task_counts_as_an_interrupt_and_is_used_up():
    machine = Machine(noise=0.01)

    async def main():
        task = asyncio.current_task()

        async def execute(loops):
            machine.take(0.01 * loops)
            if machine.now_s > 100.9 and not task.cancelling():
                task.cancel()
            await asyncio.sleep(0)

        arms = [machine.arm("before", 0.02), Arm("after", execute, is_async=True)]
        timings = await time_pairs_async(arms, budget_s=10, clock=machine.clock)
        await asyncio.sleep(0)
        return timings, task.cancelling()

    [timing], cancellations = asyncio.run(main())
    assert timing.interrupted and timing.verdict == "faster"
    assert cancellations == 0


def test_a_cancellation_inside_the_code_is_its_own_exception():
    machine = Machine()

    async def execute(loops):
        machine.take(0.01 * loops)
        inner = asyncio.ensure_future(asyncio.sleep(5))
        inner.cancel()
        await inner

    arms = [machine.arm("before", 0.02), Arm("after", execute, is_async=True)]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(time_pairs_async(arms, budget_s=10, clock=machine.clock))


def test_an_interrupt_of_code_that_awaits_leaves_what_there_is():
    machine = Machine(noise=0.01)
    arms = [machine.arm("before", 0.02), interrupting(machine, 0.9)]
    [timing] = asyncio.run(time_pairs_async(arms, budget_s=10, clock=machine.clock))
    assert timing.interrupted and timing.verdict == "faster"


def test_bad_input_is_refused_in_one_sentence():
    machine = Machine()
    arms = [machine.arm("before", 0.01), machine.arm("after", 0.01)]
    with pytest.raises(ValueError, match="a comparison needs two pieces of code or more, not 1"):
        machine.pairs(arms[0])
    for budget_s in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="the budget is a positive number of seconds"):
            machine.pairs(*arms, budget_s=budget_s)
    with pytest.raises(ValueError, match="time_pairs_async"):
        machine.pairs(arms[0], machine.awaited("after", 0.01))


def test_the_real_clock_is_the_default():
    ran = []
    arms = [Arm(name, ran.append) for name in ("before", "after")]
    [timing] = time_pairs(arms, budget_s=3.0)
    assert timing.first_before_s > 0 and timing.elapsed_s > 0 and ran[0] == 1
