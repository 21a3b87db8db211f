"""The statistics of a paired comparison, on generated timings whose truth is known."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from jupyter_perf import stats
from tests.properties import assume, given, settings, st

SECONDS = st.floats(1e-6, 1e4)
PAIRS = st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=60)
ENOUGH_PAIRS = st.lists(st.tuples(SECONDS, SECONDS), min_size=stats.FEWEST_PAIRS, max_size=60)


def split(pairs):
    return [before for before, _ in pairs], [after for _, after in pairs]


def quiet(samples, rng):
    return rng.normal(0, 0.01, samples)


def heavy_tails(samples, rng):
    return quiet(samples, rng) + np.log1p(0.02 * rng.pareto(1.5, samples))


def drift(samples, rng):
    return quiet(samples, rng) + np.linspace(0, 0.4, samples)


def bursts(samples, rng):
    """Slower by 10 to 100 % for some 20 samples, some 33 samples apart."""
    noise, is_burst = quiet(samples, rng), False
    for sample in range(samples):
        is_burst = rng.random() > 0.05 if is_burst else rng.random() < 0.03
        noise[sample] += math.log(rng.uniform(1.1, 2)) if is_burst else 0.0
    return noise


def autocorrelated(samples, rng):
    noise = np.zeros(samples)
    for sample in range(1, samples):
        noise[sample] = 0.9 * noise[sample - 1] + rng.normal(0, 0.02)
    return noise + quiet(samples, rng)


LOADS = [quiet, heavy_tails, drift, bursts, autocorrelated]


def generated(load, pairs, ratio, seed):
    """Samples of 2 ms and 2 ms / ratio in the order in which they would be taken."""
    noise = iter(load(2 * pairs, np.random.default_rng(seed)))
    times = ([], [])
    for number in range(pairs):
        for arm in stats.sample_order(2, number):
            times[arm].append(0.002 / (ratio if arm else 1.0) * math.exp(next(noise)))
    return times


def judged(load, pairs, ratio, trials):
    return [stats.judge(*generated(load, pairs, ratio, seed)) for seed in range(trials)]


@pytest.mark.parametrize("load", LOADS)
def test_the_same_code_is_called_different_in_at_most_five_of_a_hundred_trials(load):
    verdicts = [found.verdict for found in judged(load, 200, 1.0, 100)]
    assert sum(verdict != "no difference shown" for verdict in verdicts) <= 5


@pytest.mark.parametrize("ratio, verdict", [(1.05, "faster"), (1 / 1.05, "slower")])
@pytest.mark.parametrize("load", LOADS)
def test_a_planted_difference_of_five_percent_is_found(load, ratio, verdict):
    assert sum(found.verdict == verdict for found in judged(load, 200, ratio, 40)) >= 38


@pytest.mark.parametrize("pairs", [6, 7, 12, 31, 200])
@pytest.mark.parametrize("load", LOADS)
def test_the_interval_contains_the_truth_in_nine_of_ten_trials(load, pairs):
    found = judged(load, pairs, 1.3, 100)
    # 84 is what a method that is right in 90 of 100 would fall below in one of fifty series of trials.
    assert sum(one.low <= 1.3 <= one.high for one in found) >= 84


@given(PAIRS)
def test_swapping_before_and_after_inverts_ratio_and_interval(pairs):
    before_s, after_s = split(pairs)
    found, swapped = stats.estimate(before_s, after_s), stats.estimate(after_s, before_s)
    assert swapped.ratio == pytest.approx(1 / found.ratio)
    if found.low is not None:
        assert (swapped.low, swapped.high) == pytest.approx((1 / found.high, 1 / found.low))


@given(PAIRS, st.floats(1e-3, 1e3))
def test_seconds_or_milliseconds_give_the_same_judgement(pairs, scale):
    before_s, after_s = split(pairs)
    found = stats.estimate(before_s, after_s)
    scaled = stats.estimate([scale * time for time in before_s], [scale * time for time in after_s])
    assert scaled.ratio == pytest.approx(found.ratio)
    if found.low is not None:
        assert (scaled.low, scaled.high) == pytest.approx((found.low, found.high))


@given(ENOUGH_PAIRS, st.integers(1, 5))
def test_the_interval_contains_the_estimate_and_lies_among_the_pairs(pairs, comparisons):
    found = stats.estimate(*split(pairs), comparisons=comparisons)
    ratios = [before / after for before, after in pairs]
    assert found.low <= found.ratio <= found.high
    assert min(ratios) <= found.low * (1 + 1e-9) and found.high <= max(ratios) * (1 + 1e-9)


@given(ENOUGH_PAIRS)
def test_more_comparisons_make_the_interval_no_narrower(pairs):
    one, three = (stats.estimate(*split(pairs), comparisons=number) for number in (1, 3))
    assert three.low <= one.low and one.high <= three.high


@given(st.lists(st.tuples(SECONDS, SECONDS), max_size=80), st.integers(1, 4))
def test_any_positive_times_can_be_judged(pairs, comparisons):
    found = stats.judge(*split(pairs), comparisons=comparisons)
    assert (found.verdict == "inconclusive") == (len(pairs) < stats.FEWEST_PAIRS)
    assert (found.reason is None) == (found.verdict in ("faster", "slower"))
    assert found.floor is None or found.floor >= 1
    if found.verdict == "faster":
        assert found.low > max(1.01, found.floor)
    if found.verdict == "slower":
        assert found.high < 1 / max(1.01, found.floor)


@given(ENOUGH_PAIRS, st.floats(1.2, 1e3))
def test_a_ratio_far_beyond_the_spread_is_always_found(pairs, ratio):
    before_s = [before for before, _ in pairs]
    after_s = [before / ratio for before in before_s]
    floor = stats.noise_floor(before_s, after_s)
    assume(floor < ratio)
    found = stats.judge(before_s, after_s)
    assert found.verdict == "faster"
    assert (found.low, found.ratio, found.high) == pytest.approx((ratio,) * 3)


@settings(max_examples=20)
@given(st.integers(6, 40), st.integers(0, 1000))
def test_the_bootstrap_draws_medians_as_drawing_pairs_would(count, seed):
    values = np.random.default_rng(seed).normal(size=count)
    drawn = np.random.default_rng(seed).choice(values, (20_000, count))
    expected = np.quantile(np.median(drawn, axis=1), [0.1, 0.5, 0.9])
    found = np.quantile(stats._bootstrap_medians(list(values)), [0.1, 0.5, 0.9])
    # Two values next to each other may change places at a quantile; so they are compared by their rank.
    ranks = [[(values < bound).mean() for bound in bounds] for bounds in (expected, found)]
    assert np.abs(np.subtract(*ranks)).max() <= 1.5 / count


def test_the_same_samples_always_give_the_same_interval():
    times = generated(bursts, 50, 1.1, 3)
    assert stats.estimate(*times) == stats.estimate(*times)


def test_an_outlier_stays_among_the_samples_and_does_not_move_the_ratio():
    before_s, after_s = generated(quiet, 40, 1.2, 0)
    calm = stats.judge(before_s, after_s)
    before_s[7] = 30.0
    hit = stats.judge(before_s, after_s)
    assert hit.verdict == calm.verdict == "faster"
    assert hit.ratio == pytest.approx(calm.ratio, rel=0.005)


def test_five_pairs_are_inconclusive_however_clear_they_look_and_six_are_not():
    five, six = (stats.judge([3.1] * pairs, [0.0101] * pairs) for pairs in (5, 6))
    assert (five.verdict, five.low, five.reason) == ("inconclusive", None, "5 pairs, 3.1 s and 10 ms")
    assert five.ratio == pytest.approx(3.1 / 0.0101)
    assert six.verdict == "faster"


def test_no_pair_and_times_of_nothing_are_inconclusive():
    assert stats.judge([], [0.1]).reason == "no pair of samples"
    assert stats.judge([0.0] * 9, [0.1] * 9).reason == "a sample is too short for the clock"


def test_a_sure_difference_below_one_percent_is_not_claimed_but_bounded():
    found = stats.judge([1.005] * 30, [1.0] * 30)
    assert (found.verdict, found.reason) == ("no difference shown", "at most 0.5 % either way")


def test_the_bound_is_the_farther_end_of_the_interval():
    before_s, after_s = generated(quiet, 30, 1.0, 5)
    found = stats.judge(before_s, after_s)
    farther = max(found.high, 1 / found.low) - 1
    assert found.reason == f"at most {stats.percent(farther)} either way"
    assert float(found.reason.split()[2]) / 100 >= farther


@pytest.mark.parametrize(
    "share, text",
    [(0.0123, "1.3 %"), (0.01, "1 %"), (0.0501, "5.1 %"), (0.0996, "10 %"), (0.21, "21 %"), (0.2101, "22 %"),
     (1.5, "150 %"), (12.345, "1,300 %"), (0.0004, "0.04 %"), (0, "0 %")],
)  # fmt: skip
def test_a_bound_is_rounded_up(share, text):
    assert stats.percent(share) == text


@given(st.floats(1e-7, 1e4))
def test_at_most_is_never_less_than_the_bound_nor_much_more(share):
    shown = float(stats.percent(share).removesuffix(" %").replace(",", "")) / 100
    assert share * (1 - 1e-9) <= shown <= share * 1.11


@pytest.mark.parametrize(
    "value, text",
    [(3.1, "3.1 s"), (12.4, "12 s"), (0.0123, "12 ms"), (0.0012, "1.2 ms"), (8.5e-4, "850 µs"),
     (2e-9, "2 ns"), (0.9999, "1 s"), (125.0, "125 s"), (9.97, "10 s")],
)  # fmt: skip
def test_durations_have_two_figures(value, text):
    assert stats.seconds(value) == text


def alternating(pairs, by):
    """The same code, faster by turns from pass to pass: 1, by, 1, by, … for both arms."""
    times = [by if number % 2 else 1.0 for number in range(pairs)]
    return times, times


def test_the_floor_is_what_the_same_code_differs_from_itself():
    # after | after inside is 1 then 1.08, before | before from one to the next is 1.08 then 1.
    before_s, after_s = alternating(20, 1.08)
    assert stats.noise_floor(before_s, after_s) == pytest.approx(1.08)
    found = stats.judge([1.05 * time for time in before_s], after_s)
    assert found.verdict == "no difference shown"
    assert found.reason == "at most 5 % either way; the same code differs from itself by 8 % here"
    assert stats.judge([1.09 * time for time in before_s], after_s).verdict == "faster"


def test_a_steady_drift_is_not_in_the_floor():
    times = iter(1.02**sample for sample in range(80))
    arms = ([], [])
    for number in range(40):
        for arm in stats.sample_order(2, number):
            arms[arm].append(next(times))
    assert stats.noise_floor(*arms) <= 1.021
    assert stats.estimate(*arms).ratio == pytest.approx(1.0)


def test_too_few_samples_have_no_floor():
    assert stats.noise_floor([1.0] * 5, [1.0] * 5) is None
    assert stats.noise_floor([], []) is None


def test_a_ratio_that_changes_while_measuring_is_said():
    before_s, after_s = generated(quiet, 60, 1.3, 1)
    piling_up = [time * (1 + 0.01 * number) for number, time in enumerate(after_s)]
    notes = stats.judge(before_s, piling_up).notes
    assert len(notes) == 1 and notes[0].startswith("the ratio changed while measuring, from 1.1")


def test_a_machine_that_becomes_slower_is_said_and_changes_nothing():
    slower = [math.exp(0.01 * number) for number in range(60)]
    before_s, after_s = generated(quiet, 60, 1.3, 1)
    found = stats.judge(
        [time * by for time, by in zip(before_s, slower, strict=True)],
        [time * by for time, by in zip(after_s, slower, strict=True)],
    )
    assert found.notes == ("both became 49 % slower while measuring; the pairs cancel that",)
    assert found.ratio == pytest.approx(stats.judge(before_s, after_s).ratio)


def test_steady_samples_and_few_samples_have_no_notes():
    assert stats.judge(*generated(quiet, 60, 1.3, 1)).notes == ()
    assert stats.drift_notes([1.0, 9.0] * 5, [1.0] * 10) == ()


def test_a_narrow_interval_is_enough_and_needs_no_difference():
    assert stats.is_narrow(stats.Estimate(1.0, 0.998, 1.002))
    assert not stats.is_narrow(stats.Estimate(1.03, 1.025, 1.035))
    assert stats.is_narrow(stats.Estimate(3.0, 2.95, 3.05))
    assert not stats.is_narrow(stats.Estimate(412.0, 380.0, 430.0))
    assert not stats.is_narrow(stats.Estimate(3.0, None, None))


@given(st.floats(1e-7, 0.5), st.integers(1, 1000))
def test_calibration_ends_with_long_enough_samples_and_leaves_slow_bodies_alone(body_s, first_loops):
    loops, steps = first_loops, 0
    while (more := stats.next_loops(loops, loops * body_s)) != loops:
        assert more > loops
        loops, steps = more, steps + 1
    assert loops * body_s >= stats.SAMPLE_S
    assert loops == first_loops or loops * body_s <= 1.2 * stats.SAMPLE_S + body_s
    assert steps <= 7
    assert body_s < stats.SAMPLE_S or loops == first_loops


def test_calibration_gives_up_where_nothing_takes_time():
    loops = 1
    for _ in range(20):
        loops = stats.next_loops(loops, 0.0)
    assert stats.next_loops(loops, 0.0) == loops


@pytest.mark.parametrize("arms", [2, 3, 4])
def test_passes_go_forwards_and_backwards_in_turn(arms):
    forwards, backwards = (stats.sample_order(arms, number) for number in (0, 1))
    assert forwards == tuple(range(arms)) and backwards == tuple(reversed(range(arms)))
    assert stats.sample_order(arms, 2) == forwards


@pytest.mark.parametrize("error, count, expected", [(0.05, 6, 2.571), (0.05, 30, 2.045), (0.01, 10, 3.25)])
def test_few_pairs_are_treated_as_by_student(error, count, expected):
    # The t distribution's quantiles as printed in tables, for count - 1 degrees of freedom.
    assert stats._student_quantile(1 - error / 2, count - 1) == pytest.approx(expected, rel=0.01)
    assert stats._tail(count, error) < NormalDist().cdf(-expected) < error / 2


@pytest.mark.parametrize("before_s, after_s", [([], []), ([1.0], []), ([1.0, -1.0], [1.0, 1.0]),
                                               ([math.nan], [1.0]), ([math.inf], [1.0])])  # fmt: skip
def test_what_is_no_pair_of_times_is_refused(before_s, after_s):
    with pytest.raises(ValueError, match=r"pairs are wanted|positive, finite"):
        stats.estimate(before_s, after_s)


def test_samples_that_are_no_pairs_are_resampled_each_for_itself():
    rng = np.random.default_rng(2)
    before_s, after_s = rng.normal(1.3, 0.02, 20), rng.normal(1.0, 0.02, 12)
    found = stats.judge_apart(list(before_s), list(after_s))
    assert found.verdict == "faster"
    assert found.low < 1.3 < found.high
    swapped = stats.judge_apart(list(after_s), list(before_s))
    assert swapped.verdict == "slower" and swapped.ratio == pytest.approx(1 / found.ratio)


def test_a_few_runs_prove_nothing():
    found = stats.judge_apart([1.0] * 9, [0.5] * 5)
    assert (found.verdict, found.ratio) == ("inconclusive", 2.0)
    assert found.reason == "9 and 5 runs, and a claim needs 6 of each"
