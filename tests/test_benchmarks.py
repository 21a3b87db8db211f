"""The arithmetic of the benchmarks; their measurements are not run here."""

import random
from statistics import fmean

import pytest

from benchmarks.attribution import distance, sampling_noise, shares
from benchmarks.hour_cell import chunks, stretches, ticks
from benchmarks.intervals import of_geometric_mean, of_median
from benchmarks.known_costs import KNOWN_LOOPS
from benchmarks.page import Grid, Section, Verdict, save
from benchmarks.profilers import PROFILERS
from benchmarks.workloads import WORKLOADS


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
    ],
)
def test_verdicts_say_where_the_interval_reaches_across(verdict, word):
    assert verdict.cells()[-1] == word


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
