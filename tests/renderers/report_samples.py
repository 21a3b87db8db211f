"""Reports made by hand: the example cell of the tutorial data, and what a report must withstand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_perf.model import COLUMNS, Comparison, Finding, Fix, Previous, Proof, Report, Run, Table

CELL = "In[4]"
SOURCE = (
    "%%perf\n"
    'flights = pd.read_sql("SELECT * FROM flights", connection)\n'
    'late = flights.groupby("carrier").apply(lambda g: (g.dep_delay > 15).mean())\n'
    "for carrier in carriers:\n"
    '    connection.execute("SELECT name FROM airlines WHERE carrier = ?", (carrier,)).fetchone()\n'
    "\n"
    "# let the others breathe\n"
    "await asyncio.sleep(0.2)\n"
)
NAME_OF = "SELECT name FROM airlines WHERE carrier = ?"
PANDAS = "pandas"


def table(frame: str, *rows: dict[str, Any]) -> Table:
    """A table of the model from rows that name only what was measured."""
    names = [name for name in COLUMNS[frame] if any(name in row for row in rows)]
    return Table.of_rows(names, [[row.get(name) for name in names] for row in rows])


def line(number: int, self_s: float, wait_s: float, reached: float, file: str = CELL) -> dict[str, Any]:
    source = SOURCE.splitlines()[number - 1].strip() if file == CELL else None
    return {
        "file": file,
        "line": number,
        "source": source,
        "self_s": self_s,
        "total_s": self_s,
        "self_share": self_s / 2.84,
        "cumulative_share": reached,
        "wait_s": wait_s,
    }


def function(name: str, file: str, number: int, self_s: float, total_s: float) -> dict[str, Any]:
    return {
        "function": name,
        "file": file,
        "line": number,
        "self_s": self_s,
        "total_s": total_s,
        "self_share": self_s / 2.84,
        "total_share": total_s / 2.84,
    }


def stack(self_s: float, *frames: str) -> dict[str, Any]:
    return {
        "stack": (f"<module> ({CELL}:{frames[0]})", *frames[1:]),
        "thread": "MainThread",
        "self_s": self_s,
    }


READ_SQL = f"read_sql ({PANDAS}/io/sql.py:684)"
READ_QUERY = f"SQLiteDatabase.read_query ({PANDAS}/io/sql.py:2649)"
APPLY = f"GroupBy.apply ({PANDAS}/core/groupby/groupby.py:1824)"
APPLY_GROUPS = f"BaseGrouper.apply_groupwise ({PANDAS}/core/groupby/ops.py:958)"

FLIGHTS_TABLES = {
    "cells": table("cells", {"file": CELL, "cell_id": "f3a1", "execution_count": 4, "source": SOURCE}),
    "breakdown": table(
        "breakdown",
        {"category": "SQL", "seconds": 1.31, "share": 1.31 / 2.84},
        {"category": "Python", "seconds": 0.62, "share": 0.62 / 2.84},
        {"category": "native code", "seconds": 0.48, "share": 0.48 / 2.84},
        {"category": "sleeping and locks", "seconds": 0.2, "share": 0.2 / 2.84},
        {"category": "imports", "seconds": 0.12, "share": 0.12 / 2.84},
        {"category": "files", "seconds": 0.07, "share": 0.07 / 2.84},
        {"category": "GC", "seconds": 0.04, "share": 0.04 / 2.84},
    ),
    "lines": table(
        "lines",
        line(2, 1.93, 0.02, 1.93 / 2.84),
        line(3, 0.58, 0.0, 2.51 / 2.84),
        line(8, 0.2, 0.2, 2.71 / 2.84),
        line(5, 0.11, 0.01, 2.82 / 2.84),
        line(4, 0.02, 0.0, 1.0),
    ),
    "user_functions": table(
        "user_functions",
        function("<module>", CELL, 1, 2.3, 2.84),
        function("<lambda>", CELL, 3, 0.4, 0.4),
        function("late_share", "/home/ada/flights/delays.py", 40, 0.14, 0.54),
    ),
    "functions": table(
        "functions",
        function("SQLiteDatabase.read_query", f"{PANDAS}/io/sql.py", 2649, 1.21, 1.9),
        function("_wrap_result", f"{PANDAS}/io/sql.py", 180, 0.42, 0.44),
        function("BaseGrouper.apply_groupwise", f"{PANDAS}/core/groupby/ops.py", 958, 0.3, 0.58),
        function("<lambda>", CELL, 3, 0.12, 0.4),
        function("Series.__gt__", f"{PANDAS}/core/arraylike.py", 58, 0.09, 0.28),
        function("<module>", CELL, 1, 0.11, 2.84),
    ),
    "stacks": table(
        "stacks",
        stack(1.21, "2", READ_SQL, READ_QUERY),
        stack(0.42, "2", READ_SQL, READ_QUERY, f"_wrap_result ({PANDAS}/io/sql.py:180)"),
        stack(0.18, "2", READ_SQL, READ_QUERY, f"DataFrame.from_records ({PANDAS}/core/frame.py:2491)"),
        stack(0.12, "2", READ_SQL, f"pandasSQL_builder ({PANDAS}/io/sql.py:900)"),
        stack(0.3, "3", APPLY, APPLY_GROUPS),
        stack(
            0.19,
            "3",
            APPLY,
            APPLY_GROUPS,
            f"<lambda> ({CELL}:3)",
            f"Series.__gt__ ({PANDAS}/core/arraylike.py:58)",
        ),
        stack(
            0.09,
            "3",
            APPLY,
            APPLY_GROUPS,
            f"<lambda> ({CELL}:3)",
            f"Series.mean ({PANDAS}/core/series.py:6549)",
        ),
        stack(0.2, "8"),
        stack(0.11, "5"),
        stack(0.02, "4"),
    ),
    "statements": table(
        "statements",
        {
            "fingerprint": "SELECT * FROM flights",
            "operation": "SELECT",
            "calls": 1,
            "total_s": 1.21,
            "mean_s": 1.21,
            "p95_s": 1.21,
            "max_s": 1.21,
            "rows": 336776,
            "distinct_params": 1,
            "database": "flights.db",
            "file": CELL,
            "line": 2,
        },
        {
            "fingerprint": NAME_OF,
            "operation": "SELECT",
            "calls": 3322,
            "total_s": 0.1,
            "mean_s": 0.1 / 3322,
            "p95_s": 0.00004,
            "max_s": 0.0004,
            "rows": 3322,
            "distinct_params": 16,
            "database": "flights.db",
            "file": CELL,
            "line": 5,
        },
    ),
    "awaits": table(
        "awaits",
        {
            "task": "Task-7",
            "file": CELL,
            "line": 8,
            "source": "await asyncio.sleep(0.2)",
            "calls": 1,
            "wait_s": 0.2,
            "mean_s": 0.2,
            "max_s": 0.2,
        },
    ),
    "memory": table(
        "memory",
        *(
            {
                "at_s": i * 0.02,
                "rss_bytes": int(182e6 + min(i, 95) / 95 * 430e6 - max(i - 95, 0) / 47 * 190e6),
            }
            for i in range(142)
        ),
    ),
    "threads": table(
        "threads",
        {"thread": "MainThread", "cpu_s": 2.31, "wall_s": 2.84},
        {"thread": "ThreadPoolExecutor-0_0", "cpu_s": 0.04, "wall_s": 2.1},
    ),
}

FLIGHTS = Run(
    run_id="6f1d2c7e",
    label=None,
    cell_id="f3a1",
    started_at=1_795_000_000.0,
    wall_s=2.84,
    cpu_s=2.35,
    wait_s=0.31,
    sql_s=1.31,
    gc_s=0.04,
    peak_bytes=618_000_000,
    growth_bytes=241_000_000,
    sampler="py-spy",
    rate_hz=500.0,
    overhead_s=0.021,
    notes=("Parameter values are masked; --params shows them",),
    environment={"Python": "3.13.1", "pandas": "3.0.0"},
    tables=FLIGHTS_TABLES,
)

N_PLUS_ONE = Finding(
    rule="n-plus-one-query",
    severity="warning",
    message="The same statement ran 3,322 times in a loop, once for each carrier.",
    file=CELL,
    line=5,
    cost_s=0.098,
    evidence=("3,322 statements of one text at In[4]:5", "16 distinct parameters"),
    fix=Fix(
        kind="code",
        before="for carrier in carriers:\n    connection.execute(query, (carrier,)).fetchone()",
        after="names = dict(connection.execute('SELECT carrier, name FROM airlines'))",
        explanation="Ask once for all carriers and look them up in a dictionary.",
        proof=Proof(
            same_result=True,
            comparison=Comparison(
                name="fix", verdict="faster", ratio=41.3, low=38.9, high=44.0, statements_change=-3321
            ),
        ),
    ),
)


def flights() -> Report:
    """The example cell: pandas, SQL in a loop, an await."""
    return Report(FLIGHTS, previous=Previous("5e0c", 1_794_999_000.0, 3.1, same_source=True))


def with_finding() -> Report:
    return replace(flights(), findings=(N_PLUS_ONE,))


def with_options() -> Report:
    """The example with what `--exact`, `--lines` and `--memory` add."""
    extra = {
        "exact_functions": table(
            "exact_functions",
            {
                "function": "<module>",
                "file": CELL,
                "line": 1,
                "primitive_calls": 1,
                "calls": 1,
                "self_s": 0.11,
                "total_s": 2.84,
            },
            {
                "function": "walk",
                "file": "/home/ada/flights/delays.py",
                "line": 12,
                "primitive_calls": 16,
                "calls": 4096,
                "self_s": 0.3,
                "total_s": 0.54,
            },
        ),
        "profiled_lines": table(
            "profiled_lines",
            *(
                {
                    "function": "late_share",
                    "file": "/home/ada/flights/delays.py",
                    "line": 40 + i,
                    "source": source,
                    "hits": hits,
                    "total_s": spent,
                    "mean_s": spent / hits if hits else None,
                }
                for i, (source, hits, spent) in enumerate(
                    [
                        ("def late_share(group):", None, None),
                        ("    late = group.dep_delay > 15", 16, 0.31),
                        ("    return late.mean()", 16, 0.09),
                    ]
                )
            ),
        ),
        "memory_lines": table(
            "memory_lines",
            {
                "function": "<module>",
                "file": CELL,
                "line": 2,
                "source": SOURCE.splitlines()[1],
                "growth_bytes": 243e6,
                "peak_bytes": 618e6,
                "hits": 1,
            },
        ),
    }
    return replace(flights(), run=replace(FLIGHTS, tables={**FLIGHTS_TABLES, **extra}))


def empty() -> Report:
    """A run of which nothing but its length is known."""
    return Report(Run(run_id="e0", label=None, cell_id=None, started_at=0.0, wall_s=0.5))


def brief() -> Report:
    """A cell of three milliseconds."""
    tables = {
        "breakdown": table("breakdown", {"category": "Python", "seconds": 0.003, "share": 1.0}),
        "lines": table(
            "lines", {"file": CELL, "line": 2, "source": "x = 1", "self_s": 0.003, "self_share": 1.0}
        ),
        "cells": table(
            "cells", {"file": CELL, "cell_id": "a", "execution_count": 4, "source": "%%perf\nx = 1"}
        ),
    }
    run = Run("b1", None, "a", 0.0, 0.003, sampler="py-spy", rate_hz=500.0, tables=tables)
    return Report(run)


def stopped(reason: Any = "exception") -> Report:
    """The example, ended early."""
    return replace(flights(), run=replace(FLIGHTS, partial=reason))
