"""The arithmetic of the benchmarks; of their measurements only that of comparisons is run, quickly."""

import json
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import psutil
import pytest

from benchmarks import compare, rules, trials
from benchmarks.attribution import distance, sampling_noise, shares
from benchmarks.hour_cell import chunks, stretches, ticks
from benchmarks.intervals import of_geometric_mean, of_median, of_share
from benchmarks.known_costs import KNOWN_LOOPS
from benchmarks.load import LONGEST_BURST_S, RISE_S, SHORTEST_BURST_S, bursts, drift, load
from benchmarks.page import Grid, Section, Verdict, save
from benchmarks.profilers import PROFILERS
from benchmarks.workloads import WORKLOADS
from jupyter_perf.runner import Timing


def test_distance_from_all_right_to_all_wrong():
    truth = {3: 0.25, 4: 0.75}
    assert distance(truth, truth) == 0
    assert distance(truth, {3: 0.5, 4: 0.5}) == pytest.approx(0.25)
    assert distance(truth, {9: 1.0}) == pytest.approx(1)


def test_an_empty_profile_is_no_profile():
    assert shares({1: 3.0, 2: 1.0}) == {1: 0.75, 2: 0.25}
    with pytest.raises(ValueError, match="empty"):
        shares({1: 0.0})


def test_sampling_noise_is_what_drawing_samples_gives():
    truth, samples, draw = {1: 0.5, 2: 0.3, 3: 0.2}, 400, random.Random(1)
    distances = []
    for _ in range(300):
        drawn = draw.choices(list(truth), list(truth.values()), k=samples)
        distances.append(distance(truth, {line: drawn.count(line) / samples for line in truth}))
    assert fmean(distances) == pytest.approx(sampling_noise(truth, samples), rel=0.1)


def test_an_interval_holds_the_median_of_its_samples():
    found = of_median([1.0, 1.1, 1.2, 1.3, 5.0])
    assert found.value == 1.2
    assert 1.0 <= found.low <= found.value <= found.high <= 5.0


def test_intervals_hold_the_true_median_about_as_often_as_they_say():
    draw = random.Random(2)
    hits = 0
    for _ in range(60):
        found = of_median([draw.gauss(1, 0.1) for _ in range(20)])
        hits += found.low <= 1 <= found.high
    assert 50 <= hits <= 60


def test_geometric_mean_of_a_doubling_and_a_halving():
    assert of_geometric_mean([[2.0, 2.0], [0.5, 0.5]]).value == pytest.approx(1)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict("cost", 1.02, 1.03), "met"),
        (Verdict("cost", 1.05, 1.03), "**not met**"),
        (Verdict("cost", 1.02, 1.03, "", 1.01, 1.04), "met (1.01 to 1.04)"),
        (Verdict("cost", 1.02, 1.03, "", 1.01, 1.025), "met"),
        (Verdict("found", 97, 95, "%", is_floor=True), "met"),
        (Verdict("found", 95, 95, "%", 95, 97, is_floor=True), "met"),
        (Verdict("found", 94, 95, "%", 90, 97, is_floor=True), "**not met** (90.00 to 97.00)"),
    ],
)
def test_verdicts_say_where_the_interval_reaches_across(verdict, word):
    assert verdict.cells()[-1] == word


def test_the_direction_of_a_budget_is_shown():
    assert Verdict("cost", 1, 2, "s").cells()[1] == "≤ 2 s"
    assert Verdict("found", 97, 95, "%", is_floor=True).cells()[1] == "≥ 95 %"


def test_a_page_stored_before_budgets_had_a_direction_is_read(tmp_path):
    page, stored = tmp_path / "RESULTS.md", tmp_path / "RESULTS.json"
    save(page, "old", Section("old", "how", [], [Verdict("cost", 1, 2)]), ["old"])
    kept = json.loads(stored.read_text("utf-8"))
    del kept["sections"]["old"]["verdicts"][0]["is_floor"]
    stored.write_text(json.dumps(kept), "utf-8")
    save(page, "new", Section("new", "how"), ["old", "new"])
    assert "| cost | ≤ 2 | 1.00 | met |" in page.read_text("utf-8")


def test_a_section_measured_again_takes_the_place_of_the_old_one(tmp_path):
    page = tmp_path / "RESULTS.md"
    for name, figure in (("one", "first"), ("two", "kept"), ("one", "second")):
        save(page, name, Section(name, "how", [Grid(["what"], [[figure]])]), ["two", "one"])
    text = page.read_text("utf-8")
    assert "first" not in text
    assert text.index("kept") < text.index("second")


@pytest.mark.parametrize("loop", KNOWN_LOOPS, ids=lambda loop: loop.name)
def test_loops_run_and_their_lines_stand_where_they_are_said_to(loop):
    cell = f"# a magic's line\n{loop.source()}".splitlines()
    assert cell[loop.loop_line - 1].strip() == "for i in range(n):"
    assert [line.strip() for line in cell[loop.loop_line :]] == list(loop.lines)
    namespace = {}
    exec(loop.source(), namespace)
    namespace["work"](20)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_cells_of_all_profilers_call_the_work(workload):
    for profiler in PROFILERS:
        assert workload.call(7) in profiler.cell(workload, 7)


def test_the_fake_hour_has_every_tick_and_sample():
    assert sum(chunk_s for _, chunk_s, _ in chunks(3600)) == pytest.approx(3600)
    times = list(ticks(3600))
    assert times == sorted(times)
    assert times[-1] < 3600
    samples = list(stretches(30, 10))
    assert sum(one.duration_s for one in samples) == pytest.approx(30)
    assert len({one.stack for one in samples}) == 10


@pytest.mark.parametrize(
    ("hits", "trials_", "low", "high"), [(0, 10, 0, 27.75), (5, 10, 23.66, 76.34), (10, 10, 72.25, 100)]
)
def test_shares_have_the_intervals_of_the_textbook(hits, trials_, low, high):
    found = of_share(hits, trials_)
    assert found.value == 100 * hits / trials_
    assert (found.low, found.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))
    assert (found.low == 0, found.high == 100) == (hits == 0, hits == trials_)


@pytest.mark.parametrize(("freedom", "critical"), [(10, 2.228), (30, 2.042), (100, 1.984)])
def test_student_as_in_the_tables(freedom, critical):
    assert rules.student_critical(freedom) == pytest.approx(critical, rel=0.002)


def test_equal_values_share_the_mean_of_their_ranks():
    assert rules.ranks_of([3.0, 1.0, 3.0, 2.0]) == [3.5, 1, 3.5, 2]


RULES = {**compare.OTHERS, "tango": rules.tango}


def _drawn(draw, speed, count=100):
    return [draw.gauss(0.006, 0.00006) / speed for _ in range(count)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_find_a_large_difference_and_its_direction(rule):
    draw = random.Random(3)
    before, after = _drawn(draw, 1), _drawn(draw, 1.05)
    assert rule(before, after) == 1
    assert rule(after, before) == -1
    assert rule(before, before) == 0
    assert rule([0.006] * 20, [0.006] * 20) == 0


@pytest.mark.parametrize("name", [name for name in compare.OTHERS if ".05" in name])
def test_tests_at_05_are_wrong_that_often_where_samples_are_independent(name):
    draw = random.Random(4)
    wrong = sum(compare.OTHERS[name](_drawn(draw, 1), _drawn(draw, 1)) != 0 for _ in range(400))
    assert 8 <= wrong <= 34  # 20 are expected, with a standard deviation of 4.4


def test_bursts_spin_half_of_the_time():
    rhythm = bursts(random.Random(5))
    steps = [next(rhythm) for _ in range(5000)]
    spun_s, rested_s = (sum(one) for one in zip(*steps, strict=True))
    assert spun_s / (spun_s + rested_s) == pytest.approx(0.5, abs=0.03)
    assert all(SHORTEST_BURST_S <= seconds <= LONGEST_BURST_S for step in steps for seconds in step)


def test_a_drift_rises_and_falls_slowly():
    shares_by_time, now_s = {}, 0.0
    for spin_s, rest_s in drift(random.Random(6)):
        shares_by_time[now_s] = spin_s / (spin_s + rest_s)
        now_s += spin_s + rest_s
        if now_s >= 2 * RISE_S:
            break
    for time_s, share in shares_by_time.items():
        assert share == pytest.approx(1 - abs(time_s - RISE_S) / RISE_S, abs=1e-6)


@pytest.mark.parametrize(("name", "processes"), [("quiet", 0), ("bursty", 1), ("drifting", 1)])
def test_a_load_is_gone_afterwards_even_after_an_error(name, processes):
    before = set(psutil.Process().children())
    with pytest.raises(ZeroDivisionError), load(name):
        assert len(set(psutil.Process().children()) - before) == processes
        raise ZeroDivisionError
    assert set(psutil.Process().children()) == before


def test_neighbours_in_a_chain_are_trials_of_their_kinds_and_share_no_block():
    used = set()
    for place, (kind, (before, after)) in enumerate(
        zip(trials.CHAIN_KINDS, pairwise(trials.CHAIN), strict=True)
    ):
        assert (before, after) == (kind.before, kind.after)
        blocks = {(kind, place), (kind, place + 1)}
        assert not blocks & used
        used |= blocks


def test_a_trial_knows_its_truth_and_whether_its_interval_contains_it():
    timing = Timing("after", "before", "faster", ratio=1.04, low=1.03, high=1.06)
    assert trials.Trial(trials.FASTER_5, 1.05, 5, timing).contains_truth is True
    assert trials.Trial(trials.FASTER_2, 1.02, 5, timing).contains_truth is False
    few = Timing("after", "before", "inconclusive", ratio=1.04)
    assert trials.Trial(trials.FASTER_5, 1.05, 5, few).contains_truth is None
    measured = trials.in_pairs(trials.SLOWER_5, 1000, 0.05)
    assert measured.truth == 1000 / 1050
    assert measured.timing.elapsed_s > 0


def test_the_first_seconds_of_a_comparison():
    samples = (0.002,) * 50
    timing = Timing("after", "before", "faster", samples, samples, loops_before=3, loops_after=3)
    before_s, after_s = trials.first_seconds(timing, 0.1201)
    assert len(before_s) == len(after_s) == 10
    assert trials.first_seconds(timing, 9) == (samples, samples)
    assert len(trials.first_seconds(timing, 0.001)[0]) == 6


def test_comparisons_are_measured_by_all_methods_under_all_loads(tmp_path):
    page, root = tmp_path / "RESULTS.md", Path(compare.__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks", "compare", "--quick", "--output", str(page)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    section = json.loads(page.with_suffix(".json").read_text("utf-8"))["sections"]["compare"]
    calls, ours, samples = section["grids"]
    assert [row[0] for row in calls["rows"]] == ["jupyter_perf", "jupyter_perf", "tango", *compare.OTHERS]
    assert all(cell.count(" / ") == 2 for row in calls["rows"][1:] for cell in row[2:])
    assert len(ours["rows"]) == 12
    assert [row[0] for row in samples["rows"]] == ["quiet", "bursty", "drifting"]
    assert all(len(row) == len(grid["head"]) for grid in section["grids"] for row in grid["rows"])
    budgets = {one["what"].split(": ")[1]: (one["budget"], one["is_floor"]) for one in section["verdicts"]}
    assert budgets["A/A called different"] == (5, False)
    assert budgets["a true 5 % found"] == (95, True)
    assert "`%%compare`, bursty load: a true 5 % found" in page.read_text("utf-8")
