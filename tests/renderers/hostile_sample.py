"""A report that is out to do harm: markup, escape sequences and sheer size in every string of the user's."""

from __future__ import annotations

from functools import cache

from jupyter_perf.model import Comparison, Encoded, Finding, Fix, Proof, Report, Run, Table
from tests.renderers.report_samples import function, table

SCRIPT = "<script>alert('x')</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
EVIL = f"{SCRIPT}{IMAGE}\x1b[31m\u202e\ud800`|"
LONG_SQL = f"SELECT '{EVIL}' " + "FROM t WHERE x = 1 " * 55_000
FUNCTIONS = 10_000
SELF_S = 3.0 / FUNCTIONS
COMPARED = Comparison(EVIL, "faster", (0.1,) * 5000, (0.1,) * 5000, 1.5, 1.2, 1.8, EVIL)


@cache
def hostile() -> Report:
    """Ten thousand functions, a megabyte of SQL, hundreds of findings and notes."""
    run = Run(
        run_id=EVIL,
        label=EVIL * 100,
        cell_id=EVIL,
        started_at=0.0,
        wall_s=3.0,
        sampler=EVIL,
        notes=(EVIL * 1000,) * 300,
        folded=(EVIL,) * 50,
        environment={EVIL + str(i): EVIL for i in range(500)},
        tables={**_sampled(), **_recorded()},
    )
    return Report(run, (_finding(),) * 200)


def _finding() -> Finding:
    return Finding(
        rule=EVIL,
        severity="error",
        message=EVIL * 1000,
        file=EVIL,
        line=1,
        cost_s=1.0,
        evidence=(EVIL * 100,) * 500,
        fix=Fix("sql", LONG_SQL, LONG_SQL, EVIL * 1000, Proof(None, EVIL * 1000, COMPARED)),
    )


def _sampled() -> dict[str, Table]:
    """Lines, functions, stacks."""
    names = [f"{EVIL}f{i}" for i in range(FUNCTIONS)]
    functions = [
        function(name, f"/tmp/{EVIL}/m{i}.py", i + 1, SELF_S, SELF_S) for i, name in enumerate(names)
    ]
    spent = {"self_s": SELF_S, "self_share": 1 / FUNCTIONS}
    hot = [{"file": EVIL, "line": i + 1, "source": EVIL * 50, **spent} for i in range(FUNCTIONS)]
    stacks = [
        {"stack": tuple(f"{name} ({EVIL}:{d})" for d in range(60)), "thread": EVIL, "self_s": SELF_S}
        for name in names[:3000]
    ]
    profiled = {"function": EVIL, "file": EVIL, "source": EVIL * 9, "hits": 1, "total_s": 1.0}
    breakdown = [
        {"category": EVIL, "seconds": 2.0, "share": 2 / 3},
        {"category": "SQL", "seconds": 1.0, "share": 1 / 3},
    ]
    return {
        "breakdown": table("breakdown", *breakdown),
        "cells": table("cells", {"file": EVIL, "cell_id": EVIL, "source": EVIL * 20_000}),
        "lines": table("lines", *hot),
        "functions": table("functions", *functions),
        "user_functions": table("user_functions", *functions),
        "exact_functions": table("exact_functions", *({**row, "calls": 2} for row in functions)),
        "stacks": table("stacks", *stacks),
        "profiled_lines": table("profiled_lines", *({**profiled, "line": i} for i in range(FUNCTIONS))),
    }


def _recorded() -> dict[str, Table]:
    """Statements, awaits, threads, memory."""
    statement = {
        "fingerprint": LONG_SQL,
        "operation": "SELECT",
        "calls": 2,
        "total_s": 0.1,
        "mean_s": 0.05,
        "rows": 1,
        "database": EVIL,
        "file": EVIL,
        "line": 1,
    }
    queries = {
        "start_s": [i * 1e-5 for i in range(100_000)],
        "duration_s": [1e-5] * 100_000,
        "sql": Encoded([0] * 100_000, [LONG_SQL]),
        "error": Encoded([-1] * 99_999 + [0], [EVIL]),
    }
    waiting = {"file": EVIL, "line": 1, "source": EVIL, "wait_s": 0.1}
    return {
        "statements": table("statements", *([statement] * 500)),
        "queries": Table(queries),
        "awaits": table("awaits", *({"task": f"{EVIL}{i}", **waiting} for i in range(300))),
        "threads": table(
            "threads", *({"thread": f"{EVIL}{i}", "cpu_s": 0.1, "wall_s": 1.0} for i in range(300))
        ),
        "memory": table("memory", *({"at_s": i * 1e-4, "rss_bytes": 10**8 + i} for i in range(30_000))),
    }
