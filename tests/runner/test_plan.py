"""What is sampled, in which order, how long, and what is said of it."""

from __future__ import annotations

import itertools
from statistics import median

import pytest

from jupyter_perf.stats import SAMPLE_S, judge
from tests.properties import given, st
from tests.runner.machine import Machine, names


def test_a_known_ratio_is_found_and_all_that_is_known_is_told():
    machine = Machine(noise=0.01)
    [timing] = machine.pairs(
        machine.arm("before", 0.0021, 0.4), machine.arm("after", 0.0014, 0.1), budget_s=5
    )
    assert timing.verdict == "faster" and timing.reason is None
    assert timing.low < 1.5 < timing.high and timing.low < timing.ratio < timing.high
    assert (timing.name, timing.baseline) == ("after", "before")
    assert (timing.loops_before, timing.loops_after) == (3, 5)
    assert median(timing.before_s) == pytest.approx(0.0021, rel=0.01)
    assert (timing.first_before_s, timing.first_after_s) == pytest.approx((0.4021, 0.1014), rel=0.05)
    assert len(timing.before_s) == len(timing.after_s) >= 20
    assert timing.elapsed_s <= 5 and not timing.interrupted


def test_the_same_code_shows_no_difference():
    machine = Machine(noise=0.02)
    [timing] = machine.pairs(machine.arm("before", 0.002), machine.arm("after", 0.002), budget_s=5)
    assert timing.verdict == "no difference shown"
    assert timing.reason.startswith("at most ")


def test_samples_alternate_after_first_executions_and_calibration():
    machine = Machine()
    machine.pairs(machine.arm("before", 0.02), machine.arm("after", 0.01), budget_s=0.5)
    # First executions; two samples of each that are long enough, the last of which are the first pair.
    assert names(machine.log).startswith("BABBAAABBAABBA")
    assert {loops for _, loops in machine.log} == {1}


def test_several_arms_are_sampled_forwards_and_backwards():
    machine = Machine()
    arms = [machine.arm(name, 0.2) for name in ("before", "join", "cache")]
    timings = machine.pairs(*arms, budget_s=5)
    assert names(machine.log).startswith("BJCBJCCJBBJCCJB")
    assert [timing.name for timing in timings] == ["join", "cache"]
    assert {timing.baseline for timing in timings} == {"before"}


def test_several_comparisons_have_wider_intervals():
    machine = Machine(noise=0.1)
    timings = machine.pairs(*[machine.arm(name, 0.5) for name in "bxyz"], budget_s=40)
    for timing in timings:
        alone = judge(timing.before_s, timing.after_s)
        assert alone.ratio == timing.ratio
        assert timing.low < alone.low < alone.high < timing.high


def test_samples_are_long_enough_and_counted_in_executions():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 3e-6), machine.arm("after", 1.0), budget_s=30)
    assert timing.loops_after == 1
    assert SAMPLE_S <= timing.loops_before * 3e-6 <= 1.3 * SAMPLE_S
    assert timing.before_s == pytest.approx([3e-6] * len(timing.before_s))


def test_a_body_that_the_machine_once_made_slow_is_still_calibrated():
    """The second sample, when one execution happens to take 8 ms, is not taken for its usual time."""
    machine = Machine(slowdown=lambda now_s: 4000.0 if now_s < 100.008 else 1.0)
    [timing] = machine.pairs(machine.arm("before", 2e-6), machine.arm("after", 2e-6), budget_s=2)
    assert timing.loops_before * 2e-6 >= SAMPLE_S
    assert timing.loops_after * 2e-6 >= SAMPLE_S


@pytest.mark.parametrize("known", [True, False])
def test_a_first_execution_that_is_known_is_not_repeated(known):
    machine = Machine()
    arms = [machine.arm(name, 0.2, first_s=0.9 if known else None) for name in ("before", "after")]
    [timing] = machine.pairs(*arms, budget_s=3)
    assert timing.first_before_s == pytest.approx(0.9 if known else 0.2)
    assert names(machine.log)[:6] == ("BAABBA" if known else "BABAAB")


def test_slow_bodies_are_inconclusive_and_the_reason_says_what_would_do():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 3.1), machine.arm("after", 2.9), budget_s=20)
    assert (timing.verdict, timing.low, timing.high) == ("inconclusive", None, None)
    assert timing.ratio == pytest.approx(3.1 / 2.9)
    assert timing.reason == "2 pairs in 20 s, 3.1 s and 2.9 s; 6 pairs take about 46 s"
    again = Machine()
    [timing] = again.pairs(again.arm("before", 3.1), again.arm("after", 2.9), budget_s=46)
    assert timing.verdict == "faster"


def test_one_pair_is_called_a_pair():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 1.0), machine.arm("after", 1.0), budget_s=4.5)
    assert timing.reason.startswith("1 pair in 4.5 s, 1 s and 1 s;")


def test_bodies_that_fill_the_budget_leave_no_pair_but_their_first_times():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 3.1), machine.arm("after", 2.9), budget_s=10)
    assert machine.log == [("before", 1), ("after", 1)]
    assert (timing.before_s, timing.ratio) == ((), None)
    assert timing.reason == "no pair in 10 s, 3.1 s and 2.9 s the first time; 6 pairs take about 46 s"


def test_a_first_execution_beyond_the_budget_is_all_there_is():
    machine = Machine()
    [timing] = machine.pairs(machine.arm("before", 12.0), machine.arm("after", 0.1), budget_s=10)
    assert machine.log == [("before", 1)]
    assert (timing.first_before_s, timing.first_after_s) == (12.0, None)
    assert timing.reason.startswith("no pair in 10 s, 12 s the first time;")


@given(
    st.floats(1e-6, 20), st.floats(1e-6, 20), st.floats(0.01, 30), st.floats(0, 0.2), st.floats(0, 2)
)  # fmt: skip
def test_the_budget_holds_apart_from_one_pass(before_s, after_s, budget_s, noise, first_extra_s):
    machine = Machine(noise)
    [timing] = machine.pairs(
        machine.arm("before", before_s, first_extra_s), machine.arm("after", after_s), budget_s=budget_s
    )
    # What has begun is not cut off: at worst both first executions, or a pass that took longer than expected.
    spread = 3 if noise else 1
    one_pass_s = spread * sum(max(body_s, 2 * SAMPLE_S) for body_s in (before_s, after_s)) + first_extra_s
    assert timing.elapsed_s <= budget_s + spread * one_pass_s
    assert (timing.verdict == "inconclusive") == (len(timing.before_s) < 6)
    assert (timing.reason is None) == (timing.verdict in ("faster", "slower"))


def test_sampling_ends_on_the_width_of_the_interval_not_before_a_second_or_twenty_pairs():
    machine = Machine(noise=0.0005)
    [timing] = machine.pairs(machine.arm("before", 0.006), machine.arm("after", 0.006), budget_s=100)
    assert timing.verdict == "no difference shown"
    assert 1 <= timing.elapsed_s < 5
    slow = Machine(noise=0.0005)
    [timing] = slow.pairs(slow.arm("before", 0.6), slow.arm("after", 0.5), budget_s=100)
    assert timing.verdict == "faster" and len(timing.before_s) == 20


def test_a_clear_difference_does_not_end_sampling_while_the_interval_is_wide():
    machine = Machine(noise=0.5)
    [timing] = machine.pairs(machine.arm("before", 0.02), machine.arm("after", 0.01), budget_s=5)
    assert timing.verdict == "faster"
    assert timing.elapsed_s > 4.9


def test_a_drifting_machine_does_not_make_a_difference():
    machine = Machine(noise=0.03, slowdown=lambda now_s: 1 + (now_s - 100) / 3)
    [timing] = machine.pairs(machine.arm("before", 0.004), machine.arm("after", 0.004), budget_s=5)
    assert timing.verdict == "no difference shown"
    assert any("slower while measuring" in note for note in timing.notes)


def test_preparing_comes_before_each_sample_outside_the_clock_and_each_sample_is_one_execution():
    machine = Machine()

    def prepare():
        machine.log.append(("prepare", 1))
        machine.take(0.05)

    arms = [machine.arm(name, 0.002, prepare=prepare) for name in ("before", "after")]
    [timing] = machine.pairs(*arms, budget_s=4)
    assert names(machine.log[::2]) == "P" * (len(machine.log) // 2)
    assert "P" not in names(machine.log[1::2])
    assert (timing.loops_before, timing.loops_after) == (1, 1)
    assert timing.before_s == pytest.approx([0.002] * len(timing.before_s))
    assert timing.elapsed_s <= 4
    note = "a sample of after is a single execution, of 2 ms: below 5 ms what the clock and the call cost"
    assert any(text.startswith(note) for text in timing.notes)


def test_code_that_takes_no_time_at_all_is_inconclusive():
    machine = Machine()
    arms = [machine.arm(name, 0.0, prepare=lambda: machine.take(0.1)) for name in ("before", "after")]
    [timing] = machine.pairs(*arms, budget_s=4)
    assert (timing.verdict, timing.reason) == ("inconclusive", "a sample is too short for the clock")


def test_progress_is_shown_from_one_second_on():
    machine, shown = Machine(noise=0.1), []
    [timing] = machine.pairs(
        machine.arm("before", 0.003), machine.arm("after", 0.0029), budget_s=4, on_progress=shown.append
    )
    assert 1 <= shown[0].elapsed_s < 1.1
    steps = [later.elapsed_s - earlier.elapsed_s for earlier, later in itertools.pairwise(shown)]
    assert steps and min(steps) >= 0.5
    assert all(one.low < one.ratio < one.high for one in shown)
    assert [one.pairs for one in shown] == sorted({one.pairs for one in shown})
    assert shown[-1].pairs <= len(timing.before_s)


def test_progress_before_the_first_pair_has_no_ratio():
    machine, shown = Machine(), []
    machine.pairs(
        machine.arm("before", 2.0), machine.arm("after", 2.0), budget_s=30, on_progress=shown.append
    )
    assert (shown[0].pairs, shown[0].ratio, shown[0].low) == (0, None, None)
    assert shown[0].elapsed_s == pytest.approx(2.0)
