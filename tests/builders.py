"""Reports made by hand for tests: plausible tables in the columns of the model."""

from __future__ import annotations

import math
from dataclasses import replace

from jupyter_perf.model import COLUMNS, Comparison, Encoded, Finding, Fix, Proof, Report, Run, Table

CELL = """%%perf
flights = pd.read_sql("SELECT * FROM flights", connection)
late = flights.groupby("carrier").apply(lambda g: (g.dep_delay > 15).mean())
for carrier in carriers: connection.execute("SELECT name FROM airlines WHERE carrier = ?", (carrier,))
await asyncio.sleep(0.2)
"""


def table(name: str, *rows: tuple) -> Table:
    return Table.of_rows(list(COLUMNS[name]), rows)


def lines() -> Table:
    source = CELL.splitlines()
    times = {2: 0.9, 3: 0.25, 5: 0.2, 4: 0.05}
    rows, total = [], 0.0
    for line, seconds in times.items():
        total += seconds
        wait_s = 0.2 if line == 5 else 0.01
        rows.append(
            ("In[3]", line, source[line - 1], seconds, seconds, seconds / 1.4, total / 1.4, wait_s, None)
        )
    return table("lines", *rows)


def timeline() -> Table:
    rows = []
    for i in range(70):
        at_s = i * 0.02
        sql_s = 0.012 if i < 45 else 0.009 if 57 <= i < 60 else 0.0
        cpu_s = 0.018 if i < 60 else 0.0005
        rows.append((at_s, 0.02, cpu_s, 0.02 - cpu_s, sql_s))
    return table("timeline", *rows)


def memory() -> Table:
    return table("memory", *((i * 0.05, int(180e6 + 120e6 * (1 - math.exp(-i / 6)))) for i in range(29)))


def queries(count: int = 17) -> Table:
    sql = "SELECT name FROM airlines WHERE carrier = ?"
    rows = [
        (0.0, 0.55, "SELECT", "SELECT * FROM flights", None, "f0", 336776, "sqlite3", "flights.sqlite",
         "In[3]", 2, "<module>", None, "MainThread", None)
    ]  # fmt: skip
    rows += [
        (1.15 + i * 0.003, 0.002, "SELECT", sql, "('AA',)", "f1", 1, "sqlite3", "flights.sqlite", "In[3]", 4,
         "<module>", None, "MainThread", None)
        for i in range(count - 1)
    ]  # fmt: skip
    return table("queries", *rows)


def statements() -> Table:
    return table(
        "statements",
        ("f0", "SELECT", 1, 0.55, 0.55, 0.55, 0.55, 336776, 1, "flights.sqlite", "In[3]", 2),
        ("f1", "SELECT", 16, 0.032, 0.002, 0.002, 0.002, 16, 16, "flights.sqlite", "In[3]", 4),
    )


def stacks() -> Table:
    module = "<module> (In[3]:2)"
    return Table(
        {
            "stack": [
                (module, "read_sql (pandas/io/sql.py:700)"),
                ("<module> (In[3]:3)",),
                ("work (In[2]:4)",),
            ],
            "thread": Encoded((0, 0, 1), ("MainThread", "worker-1")),
            "self_s": [0.9, 0.25, 0.4],
        }
    )


def run(**changes: object) -> Run:
    made = Run(
        run_id="r1",
        label="load",
        cell_id="abcd1234",
        started_at=1_760_000_000.0,
        wall_s=1.4,
        cpu_s=1.1,
        wait_s=0.25,
        sql_s=0.58,
        peak_bytes=300_000_000,
        growth_bytes=120_000_000,
        sampler="py-spy",
        rate_hz=500.0,
        environment={"python": "3.13"},
        tables={
            "lines": lines(),
            "timeline": timeline(),
            "memory": memory(),
            "queries": queries(),
            "statements": statements(),
            "stacks": stacks(),
            "awaits": table("awaits", ("Task-1", "In[3]", 5, "await asyncio.sleep(0.2)", 1, 0.2, 0.2, 0.2)),
            "cells": table("cells", ("In[3]", "abcd1234", 3, CELL)),
        },
    )
    return replace(made, **changes)


def comparison(count: int = 30) -> Comparison:
    before = tuple(0.0200 + 0.0008 * math.sin(i * 1.7) for i in range(count))
    after = tuple(0.0121 + 0.0007 * math.sin(i * 2.3) for i in range(count))
    return Comparison(
        "join", "faster", before, after, ratio=1.65, low=1.61, high=1.70, statements_change=-15,
        loops_before=1, loops_after=1,
    )  # fmt: skip


def report(**changes: object) -> Report:
    proof = Proof(True, comparison=comparison())
    fix = Fix("sql", "SELECT name …", "SELECT carrier, name …", "one query instead of sixteen", proof)
    finding = Finding("n-plus-one-query", "warning", "16 queries in a loop", "In[3]", 4, 0.03, fix=fix)
    return Report(run(**changes), (finding,))
