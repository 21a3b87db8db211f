"""Comparison reports made by hand: each verdict, several parts, two saved runs, and names out to do harm."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import median
from typing import Any

from jupyter_perf.changes import changes, exact_changes, single_runs
from jupyter_perf.model import Comparison, Report, Run
from tests.renderers import report_samples as samples
from tests.renderers.hostile_sample import EVIL

AFTER_SOURCE = (
    "%%perf -l after\n"
    'flights = pd.read_sql("SELECT * FROM flights", connection)\n'
    "late = (flights.dep_delay > 15).groupby(flights.carrier).mean()\n"
    'names = dict(connection.execute("SELECT carrier, name FROM airlines"))\n'
    "\n"
    "# let the others breathe\n"
    "await asyncio.sleep(0.2)\n"
)


def line(number: int, self_s: float) -> dict[str, Any]:
    source = AFTER_SOURCE.splitlines()[number - 1].strip()
    return {"file": "In[7]", "line": number, "source": source, "self_s": self_s, "total_s": self_s}


AFTER = replace(
    samples.FLIGHTS,
    run_id="7a22",
    label="after",
    cell_id="f3a1",
    wall_s=1.9,
    cpu_s=1.68,
    wait_s=0.28,
    sql_s=1.24,
    gc_s=0.03,
    peak_bytes=604_000_000,
    growth_bytes=239_000_000,
    tables={
        "cells": samples.table(
            "cells", {"file": "In[7]", "cell_id": "f3a1", "execution_count": 7, "source": AFTER_SOURCE}
        ),
        "lines": samples.table("lines", line(2, 1.66), line(7, 0.2), line(3, 0.03), line(4, 0.011)),
        "statements": samples.table(
            "statements",
            {
                "fingerprint": "SELECT * FROM flights",
                "calls": 1,
                "total_s": 1.23,
                "rows": 336776,
                "file": "In[7]",
                "line": 2,
            },
            {
                "fingerprint": "SELECT carrier, name FROM airlines",
                "calls": 1,
                "total_s": 0.01,
                "rows": 16,
                "file": "In[7]",
                "line": 4,
            },
        ),
        "awaits": samples.FLIGHTS_TABLES["awaits"],
    },
)
BEFORE = replace(samples.FLIGHTS, label="before")


def noisy(seed: int, middle_s: float, count: int, spread: float = 0.02) -> tuple[float, ...]:
    """Times as a shared machine gives them: a little noise, and now and then much."""
    chance = random.Random(seed)
    return tuple(
        middle_s * math.exp(chance.gauss(0, spread)) * (1 + 6 * spread * (chance.random() < 0.08))
        for _ in range(count)
    )


def timed(
    name: str,
    verdict: Any,
    before_s: float,
    after_s: float,
    *,
    seed: int = 1,
    count: int = 31,
    width: float = 0.01,
    **more: Any,
) -> Comparison:
    """A comparison with the median ratio of its pairs and an interval of about this width."""
    before, after = noisy(seed, before_s, count), noisy(seed + 99, after_s, count)
    ratio = median(first / second for first, second in zip(before, after, strict=True))
    fields: dict[str, Any] = {
        "ratio": ratio,
        "low": ratio * (1 - width),
        "high": ratio * (1 + width),
        "floor": 1.006,
        "first_before_s": 1.4 * before_s,
        "first_after_s": 2.2 * after_s,
        "loops_before": max(1, round(0.005 / before_s)),
        "loops_after": max(1, round(0.005 / after_s)),
        "same_result": True,
        "tables": {"changes": changes(BEFORE, AFTER)},
        **exact_changes(BEFORE, AFTER),
    }
    return Comparison(name, verdict, before, after, **{**fields, **more})


def much_faster() -> Report:
    """The example of the issue: hundreds of times as fast."""
    return Report(BEFORE, comparisons=(timed("after", "faster", 0.412, 0.001, width=0.03),))


def a_little_faster() -> Report:
    notes = (
        "before was not profiled first: %%perf above its cell shows where its time goes",
        "this cell takes 0.8 % of the last run of its notebook, so that all of it gone would save 0.8 %",
    )
    return Report(BEFORE, comparisons=(timed("after", "faster", 0.0221, 0.021, width=0.011, notes=notes),))


def slower() -> Report:
    return Report(BEFORE, comparisons=(timed("after", "slower", 0.31, 0.43, width=0.02),))


def no_difference() -> Report:
    compared = timed("after", "no difference shown", 0.0052, 0.0052, width=0.009)
    return Report(BEFORE, comparisons=(compared,))


def inconclusive() -> Report:
    compared = timed(
        "after",
        "inconclusive",
        3.1,
        2.9,
        count=3,
        ratio=None,
        low=None,
        high=None,
        floor=None,
        reason="3 pairs in 5 s, 3.1 s and 2.9 s",
    )
    return Report(BEFORE, comparisons=(compared,))


def differing() -> Report:
    """Other results: no ratio may be shown, even where one came along."""
    differences = (
        "row 17, column `delay`: 3.0 and 3",
        "row 18, column `delay`: 4.0 and 4",
        "and 41 more rows differ",
    )
    compared = timed("after", "results differ", 0.3, 0.1, same_result=False, differences=differences)
    return Report(BEFORE, comparisons=(compared,))


def several() -> Report:
    """Four parts against one, one of which gives another result."""
    wrong = Comparison(
        "guess", "results differ", same_result=False, differences=("3 and 4 rows",), baseline="before"
    )
    return Report(
        BEFORE,
        comparisons=(
            timed("join", "faster", 0.412, 0.021, seed=2),
            timed("cache", "faster", 0.412, 0.29, seed=3, width=0.02),
            timed("sort first", "no difference shown", 0.412, 0.413, seed=4, width=0.012),
            timed("two passes", "slower", 0.412, 0.77, seed=5, width=0.02),
            wrong,
        ),
    )


def saved() -> Report:
    """`%compare`: two saved runs, one of each label."""
    return Report(BEFORE, comparisons=(single_runs(BEFORE, AFTER),))


def saved_often() -> Report:
    """`%compare`: several saved runs of each label, which are no pairs."""
    compared = replace(
        single_runs(BEFORE, AFTER),
        verdict="faster",
        reason=None,
        before_s=noisy(5, 2.9, 7),
        after_s=noisy(6, 1.9, 6),
        ratio=1.53,
        low=1.44,
        high=1.61,
    )
    return Report(BEFORE, comparisons=(compared,))


def bare() -> Report:
    """Nothing but a verdict."""
    run = Run(run_id="e0", label=None, cell_id=None, started_at=0.0, wall_s=0.5)
    return Report(run, comparisons=(Comparison("after", "inconclusive"),))


def hostile() -> Report:
    """Names, notes and differences out to do harm, thousands of samples, many parts."""
    evil_run = replace(
        AFTER,
        label=EVIL,
        tables={
            "lines": samples.table(
                "lines",
                *({"file": EVIL, "line": i, "source": f"{EVIL}{i}" * 30, "self_s": 0.5} for i in range(900)),
            ),
            "statements": samples.table(
                "statements",
                *(
                    {
                        "fingerprint": f"{EVIL}{i}" * 99,
                        "calls": i,
                        "rows": i,
                        "total_s": 0.1,
                        "file": EVIL,
                        "line": i,
                    }
                    for i in range(900)
                ),
            ),
        },
    )
    evil = timed(
        EVIL,
        "faster",
        0.4,
        0.2,
        count=5000,
        reason=EVIL * 99,
        notes=tuple(f"{EVIL}{i}" * 50 for i in range(300)),
        differences=(EVIL * 500,) * 300,
        baseline=EVIL,
        tables={"changes": changes(BEFORE, evil_run)},
    )
    wrong = replace(evil, verdict="results differ", same_result=False)
    open_ = replace(evil, verdict="inconclusive")
    run = replace(BEFORE, label=EVIL, notes=(EVIL * 99,) * 99, run_id=EVIL)
    return Report(run, comparisons=(evil, wrong, open_, *([replace(evil, name=EVIL + "x")] * 40)))


ALL = [
    *(much_faster, a_little_faster, slower, no_difference, inconclusive, differing, several),
    *(saved, saved_often, bare, hostile),
]
