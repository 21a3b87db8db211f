"""How much is measured: in full, or just enough to see that everything runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Sizes of all measurements; `_s` are seconds.

    `pairs` are pairs of a plain and a recorded cell for `%%perf` and for the control, `peer_pairs` those
    of the other profilers. `rounds` are those of the measurements without peers. `same_trials` and
    `two_trials` are comparisons of equal code and of 2 % with a budget of `short_s`, `five_trials` those of
    5 % in each direction with `long_s`, `chains` the blocks of samples for the peers' rules: all under each
    load.
    """

    name: str
    cell_s: float
    pairs: int
    peer_pairs: int
    line_runs: int
    line_run_s: float
    truth_repeats: int
    trace_s: float
    hour_s: float
    rounds: int
    event_s: float
    loads: int
    report_cell_s: float
    report_cells: int
    statements: int
    statement_runs: int
    same_trials: int
    five_trials: int
    two_trials: int
    chains: int
    short_s: float
    long_s: float


FULL = Effort(
    name="full",
    cell_s=0.6,
    pairs=9,
    peer_pairs=2,
    line_runs=3,
    line_run_s=3.0,
    truth_repeats=50,
    trace_s=10.0,
    hour_s=3600.0,
    rounds=11,
    event_s=0.5,
    loads=7,
    report_cell_s=10.0,
    report_cells=3,
    statements=1_000_000,
    statement_runs=2,
    same_trials=100,
    five_trials=20,
    two_trials=15,
    chains=16,
    short_s=1.2,
    long_s=5.0,
)

QUICK = Effort(
    name="quick",
    cell_s=0.1,
    pairs=2,
    peer_pairs=2,
    line_runs=1,
    line_run_s=0.5,
    truth_repeats=3,
    trace_s=2.0,
    hour_s=600.0,
    rounds=2,
    event_s=0.1,
    loads=2,
    report_cell_s=1.0,
    report_cells=2,
    statements=20_000,
    statement_runs=1,
    same_trials=2,
    five_trials=1,
    two_trials=1,
    chains=1,
    short_s=0.15,
    long_s=0.3,
)
