"""How often a comparison is right: nothing, 2 % and 5 % under load, by our method and by others' rules."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import log
from multiprocessing import get_context
from statistics import median, quantiles

from benchmarks import rules, trials
from benchmarks.effort import Effort
from benchmarks.intervals import of_share
from benchmarks.load import LOADS, RISE_S, load
from benchmarks.page import Grid, Section, Verdict
from benchmarks.trials import FASTER_2, FASTER_5, KINDS, SAME, SLOWER_5, Kind, Trial
from jupyter_perf import stats

SAME_BUDGET, FOUND_BUDGET, COVERAGE_BUDGET = 5, 95, 90
HOW = """\
The body is a loop of float arithmetic calibrated to 2 ms; 5 % more is the same function with 5 % more
iterations, so that the true ratio is known. `+5 %` means that `after` is that much faster, `-5 %` that it is
slower, A/A that both do the same. One process takes all samples. Beside it, quiet: nothing; bursty: another
process that spins and rests for 3 to 300 ms each, at random; drifting: one whose share of spinning rises to
the whole in {rise_s:g} s and falls in as many. It may run on any core. Trials of all kinds follow one another
in random order.

Ours are comparisons by `jupyter_perf.runner.time_pairs`, as of `%%compare`: under each load {same} A/A and
{two} of 2 % with a budget of {short_s:g} s, and {five} of 5 % in each direction with {long_s:g} s, of which
the first {short_s:g} s are judged as well. tango's rule is applied to the same pairs. For the other rules a
trial is {block_s:g} s of samples before, then {block_s:g} s after, each sample {loops} executions as in ours
and the collector treated alike; there are {chains} of each kind, and twice as many A/A, some of which share a
block with one of another kind. pyperf and hyperfine sample new processes each time, which is left out here:
what is compared is the rule. timeit has none, and is taken to call different what is more than 1 % apart.
hyperfine has none either: it names a faster one always (A/A called different: 100 %); counted is where its
`±`, a standard deviation, leaves out 1. A difference is found where it is called in the right direction.
Figures in brackets beside the budgets are Wilson's score intervals of the shares."""

IN_PAIRS, ONE_AFTER_THE_OTHER = "in pairs", "one after the other"
OTHERS: dict[str, rules.Rule] = {
    "timeit, best of 5": rules.timeit_best,
    "%timeit, mean": rules.timeit_mean,
    "Mann-Whitney U, .05 (benchstat)": rules.mann_whitney,
    "Welch's t, .05": rules.welch,
    "pyperf, Student's t, .05": rules.pyperf,
    "hyperfine, ratio ± deviation": rules.hyperfine,
}
FOUND_KINDS = (FASTER_5, SLOWER_5, FASTER_2)
CALLS_HEAD = [
    *("method", "samples", "A/A called different, %"),
    *(f"{kind.name} found, %" for kind in FOUND_KINDS),
]
OURS_HEAD = [
    *("load, truth", "trials", "budget, s", "taken, s", "pairs", "ratio", "interval, ± %", "called right, %"),
    *("called wrong, %", "interval contains the truth, %"),
]
SAMPLES_HEAD = ["load", "10th percentile, ms", "median, ms", "90th percentile, ms"]

# What a rule is given: the truth, and the seconds before and after.
Sampled = tuple[Kind, Sequence[float], Sequence[float]]


@dataclass
class Under:
    """All trials under one load."""

    load: str
    ours: list[Trial] = field(default_factory=list)
    chains: list[list[list[float]]] = field(default_factory=list)

    def pairs(self, seconds: float) -> Iterator[Sampled]:
        """The first seconds of our comparisons with at least that budget."""
        for trial in self.ours:
            if trial.budget_s >= seconds:
                yield trial.kind, *trials.first_seconds(trial.timing, seconds)

    def blocks(self) -> Iterator[Sampled]:
        """The trials of samples one after the other."""
        for blocks in self.chains:
            yield from trials.neighbours(blocks)


def measure(effort: Effort) -> Section:
    """All trials under all loads."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        iterations = process.submit(trials.iterations_of_body).result()
        found = []
        for name in LOADS:
            with load(name):
                found.append(_under(name, process, iterations, effort))
    how = HOW.format(rise_s=RISE_S, same=effort.same_trials, two=effort.two_trials, five=effort.five_trials,
                     short_s=effort.short_s, long_s=effort.long_s, block_s=effort.short_s / 2,
                     loops=trials.LOOPS, chains=effort.chains)  # fmt: skip
    ours = [_our_row(under, kind) for under in found for kind in KINDS]
    grids = [
        Grid(CALLS_HEAD, _calls(found, effort), f"Under {' / '.join(LOADS)} load:"),
        Grid(OURS_HEAD, ours, "Ours; the figures from seconds to interval are medians of the trials:"),
        Grid(SAMPLES_HEAD, [_samples_row(under) for under in found], "What the loads do to the 2 ms:"),
    ]
    verdicts = [verdict for under in found for verdict in _verdicts(under)]
    return Section("How often a comparison is right", how, grids, verdicts)


def _under(name: str, process: ProcessPoolExecutor, iterations: int, effort: Effort) -> Under:
    """The trials of one load, in random order."""
    plan: list[Kind | None] = [None] * effort.chains
    for kind in KINDS:
        plan += [kind] * _size(kind, effort)[0]
    random.Random(0).shuffle(plan)
    found = Under(name)
    for planned in plan:
        if planned is None:
            block_s = effort.short_s / 2
            blocks = process.submit(trials.one_after_the_other, trials.CHAIN, iterations, block_s)
            found.chains.append(blocks.result())
        else:
            budget_s = _size(planned, effort)[1]
            found.ours.append(process.submit(trials.in_pairs, planned, iterations, budget_s).result())
    return found


def _size(kind: Kind, effort: Effort) -> tuple[int, float]:
    """How many trials of ours, and the budget of each."""
    if kind == SAME:
        return effort.same_trials, effort.short_s
    if kind == FASTER_2:
        return effort.two_trials, effort.short_s
    return effort.five_trials, effort.long_s


def _ours(before_s: Sequence[float], after_s: Sequence[float]) -> int:
    """Our own verdict, as one of the rules."""
    return {"faster": 1, "slower": -1}.get(stats.judge(before_s, after_s).verdict, 0)


def _calls(found: Sequence[Under], effort: Effort) -> list[list[str]]:
    """What each method calls different, a row each."""
    rows = []
    for seconds in (effort.long_s, effort.short_s):
        rows.append(["jupyter_perf", f"{IN_PAIRS}, {seconds:g} s"])
        rows[-1] += _called(_ours, [list(under.pairs(seconds)) for under in found])
    short = [list(under.pairs(effort.short_s)) for under in found]
    rows.append(["tango", f"{IN_PAIRS}, {effort.short_s:g} s", *_called(rules.tango, short)])
    apart = [list(under.blocks()) for under in found]
    rows += [[name, ONE_AFTER_THE_OTHER, *_called(rule, apart)] for name, rule in OTHERS.items()]
    return rows


def _called(rule: rules.Rule, by_load: Sequence[Sequence[Sampled]]) -> list[str]:
    """By kind, the share of trials called different (A/A) or in the right direction: `3 / 0 / 1`.

    Fewer than six samples are called nothing.
    """
    cells = []
    for kind in (SAME, *FOUND_KINDS):
        shares = []
        for sampled in by_load:
            of = [(before, after) for truth, before, after in sampled if truth == kind]
            enough = [(before, after) for before, after in of if len(before) >= stats.FEWEST_PAIRS]
            called = [rule(before, after) for before, after in enough]
            hits = sum(call != 0 if kind == SAME else call == kind.direction for call in called)
            shares.append(_percent(hits, len(of)))
        cells.append(" / ".join(shares) if any(share != "-" for share in shares) else "-")
    return cells


def _our_row(under: Under, kind: Kind) -> list[str]:
    """Our comparisons of one kind under one load."""
    of = [trial for trial in under.ours if trial.kind == kind]
    timings = [trial.timing for trial in of]
    called = [_ours(timing.before_s, timing.after_s) for timing in timings]
    ratios = [timing.ratio for timing in timings if timing.ratio is not None]
    widths = [
        100 * log(timing.high / timing.low) / 2
        for timing in timings
        if timing.low is not None and timing.high is not None
    ]
    return [
        f"{under.load}, {kind.name}",
        str(len(of)),
        f"{of[0].budget_s:g}",
        f"{median(timing.elapsed_s for timing in timings):.1f}",
        f"{median(len(timing.before_s) for timing in timings):.0f}",
        f"{median(ratios):.4f}" if ratios else "-",
        f"{median(widths):.2f}" if widths else "-",
        _percent(sum(call == kind.direction for call in called), len(of)),
        _percent(sum(call not in (0, kind.direction) for call in called), len(of)),
        _percent(*_contained(of)),
    ]


def _samples_row(under: Under) -> list[str]:
    """How long one execution of the body takes under a load."""
    body_ms = [
        1000 * sample_s / trials.LOOPS
        for blocks in under.chains
        for share, block in zip(trials.CHAIN, blocks, strict=True)
        if share == 1
        for sample_s in block
    ]
    tenths = quantiles(body_ms, n=10)
    return [under.load, *(f"{figure:.2f}" for figure in (tenths[0], median(body_ms), tenths[-1]))]


def _verdicts(under: Under) -> Iterator[Verdict]:
    """The three budgets under one load; 5 % in both directions together."""
    called = [(trial.kind, _ours(trial.timing.before_s, trial.timing.after_s)) for trial in under.ours]
    same = [call != 0 for kind, call in called if kind == SAME]
    five = [call == kind.direction for kind, call in called if kind in (FASTER_5, SLOWER_5)]
    for what, (hits, of), budget, is_floor in (
        ("A/A called different", (sum(same), len(same)), SAME_BUDGET, False),
        ("a true 5 % found", (sum(five), len(five)), FOUND_BUDGET, True),
        ("interval contains the truth", _contained(under.ours), COVERAGE_BUDGET, True),
    ):
        if not of:
            continue
        share = of_share(hits, of)
        what = f"`%%compare`, {under.load} load: {what}"
        yield Verdict(what, share.value, budget, "%", share.low, share.high, is_floor)


def _contained(of: Sequence[Trial]) -> tuple[int, int]:
    """How many intervals contain the truth, and how many there are; six pairs are needed for one."""
    contained = [trial.contains_truth for trial in of if trial.contains_truth is not None]
    return sum(contained), len(contained)


def _percent(hits: int, of: int) -> str:
    return f"{100 * hits / of:.0f}" if of else "-"
