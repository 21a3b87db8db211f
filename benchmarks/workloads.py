"""Seven pieces of work, each as a cell of setup and a function `work(n)` that does n units of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """`functions` are those that line_profiler is told of; an awaited one is called with `await`."""

    name: str
    setup: str
    functions: tuple[str, ...] = ("work",)
    is_awaited: bool = False

    def call(self, size: int) -> str:
        """The line that does `size` units."""
        return f"{'await ' if self.is_awaited else ''}work({size})"


CALLS = Workload(
    "calls",
    """\
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def work(n):
    for _ in range(n):
        fib(15)
""",
    functions=("work", "fib"),
)

LOOPS = Workload(
    "loops",
    """\
def work(n):
    total = 0
    for i in range(n):
        for j in range(1000):
            if (i ^ j) & 3:
                total += i * j
            else:
                total -= j
    return total
""",
)

NUMPY = Workload(
    "numpy",
    """\
import numpy as np
values = np.random.default_rng(0).random(20_000)

def work(n):
    for _ in range(n):
        ordered = np.sort(values)
        steps = np.diff(ordered)
        (steps * steps).sum()
""",
)

PANDAS = Workload(
    "pandas",
    """\
import numpy as np
import pandas as pd
draw = np.random.default_rng(0)
frame = pd.DataFrame({"key": draw.integers(0, 20, 2000), "x": draw.random(2000), "y": draw.random(2000)})

def share(group):
    return (group["x"] > group["y"]).mean()

def work(n):
    for _ in range(n):
        frame.groupby("key")[["x", "y"]].apply(share)
""",
    functions=("work", "share"),
)

SQL = Workload(
    "sql",
    """\
import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT)")
connection.execute("CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)")
connection.executemany("INSERT INTO authors VALUES (?, ?)", [(i, f"author {i}") for i in range(50)])
connection.executemany("INSERT INTO books VALUES (?, ?, ?)", [(i, i % 50, f"book {i}") for i in range(100)])

def work(n):
    for _ in range(n):
        for author_id, title in connection.execute("SELECT author_id, title FROM books").fetchall():
            connection.execute("SELECT name FROM authors WHERE id = ?", (author_id,)).fetchone()
""",
)

ASYNC = Workload(
    "async",
    """\
import asyncio

async def switch(times):
    for _ in range(times):
        await asyncio.sleep(0)

async def answer(i):
    return i

async def work(n):
    for _ in range(n):
        await asyncio.gather(*(switch(10) for _ in range(10)))
        await asyncio.gather(*(answer(i) for i in range(20)))
""",
    is_awaited=True,
)

ALLOCATION = Workload(
    "allocation",
    """\
def work(n):
    for _ in range(n):
        rows = [{"id": i, "name": str(i), "pair": (i, i + 1)} for i in range(1000)]
        by_name = {row["name"]: row for row in rows}
        buffer = bytearray(1_000_000)
        del rows, by_name, buffer
""",
)

WORKLOADS = (CALLS, LOOPS, NUMPY, PANDAS, SQL, ASYNC, ALLOCATION)
# Those of the budget; `sql` and `async` have budgets of their own, by the statement and the suspension.
BUDGETED = (CALLS, LOOPS, NUMPY, PANDAS, ALLOCATION)
