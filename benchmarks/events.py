"""What one statement, and one suspension of a task, costs more while it is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.effort import Effort
from benchmarks.intervals import Estimate, of_median
from benchmarks.kernel import Kernel, timed
from benchmarks.page import Grid, Section, Verdict

HOW = """\
A cell of about {seconds:g} s does the same thing over and over: plain, under `%%perf --no-sql` and under
`%%perf`, in turns, {rounds} times, in one kernel. The cost is the difference of the times of the user's code,
divided by how often it did the thing: the median of the rounds. What the SQL recorder costs is taken
against `--no-sql`, so that the sampler's cost, which does not come by the statement, is left out; the whole
difference to the plain cell stands beside it. Suspensions are always recorded, so that theirs is against
the plain cell. The connections are opened after `%load_ext jupyter_perf`.

The budgets in µs are those of a machine on which the plain sqlite3 look-up takes {sqlite_us} µs and the plain
SQLAlchemy look-up {sqlalchemy_us} µs. Measured side by side they are ratios: the cost of a statement in plain
look-ups of its kind, that of a suspension in plain sqlite3 look-ups."""
# What the plain look-ups took where the budgets were set.
REFERENCE_SQLITE_US, REFERENCE_SQLALCHEMY_US = 0.9, 12.4


@dataclass(frozen=True)
class Event:
    """A thing that happens `n` times in `lines`; `setup` is an earlier cell.

    `reference_us` is what one unit of the ratio took where the budget was set.
    """

    name: str
    setup: str
    lines: tuple[str, ...]
    budget_us: float
    reference_us: float
    is_sql: bool = True


SQLITE = Event(
    "sqlite3 look-up",
    """\
import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE airlines (id INTEGER PRIMARY KEY, name TEXT)")
connection.executemany("INSERT INTO airlines VALUES (?, ?)", [(i, f"airline {i}") for i in range(1000)])
""",
    (
        "for i in range({n}):",
        "    connection.execute('SELECT name FROM airlines WHERE id = ?', (i % 1000,)).fetchone()",
    ),
    budget_us=2.0,
    reference_us=REFERENCE_SQLITE_US,
)
SQLALCHEMY = Event(
    "SQLAlchemy Core look-up",
    """\
import sqlalchemy as sa
engine = sa.create_engine("sqlite://")
columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text)
table = sa.Table("airlines", sa.MetaData(), *columns)
connection = engine.connect()
table.create(connection)
connection.execute(table.insert(), [{"id": i, "name": f"airline {i}"} for i in range(1000)])
one = sa.select(table.c.name).where(table.c.id == sa.bindparam("key"))
""",
    ("for i in range({n}):", "    connection.execute(one, {'key': i % 1000}).first()"),
    budget_us=15.0,
    reference_us=REFERENCE_SQLALCHEMY_US,
)
SUSPENSION = Event(
    "suspension of a task",
    """\
import asyncio

async def switch(n):
    for _ in range(n):
        await asyncio.sleep(0)
""",
    ("await asyncio.gather(*(switch({n} // 10) for _ in range(10)))",),
    budget_us=1.5,
    reference_us=REFERENCE_SQLITE_US,
    is_sql=False,
)
EVENTS = (SQLITE, SQLALCHEMY, SUSPENSION)


def measure(effort: Effort) -> Section:
    """All events."""
    rows, verdicts = [], []
    sqlite_us = 0.0
    for event in EVENTS:
        plain_us, without_us, whole_us = _costs(event, effort)
        cost_us = without_us if event.is_sql else whole_us
        if event is SQLITE:
            sqlite_us = plain_us.value
        unit_us = plain_us.value if event.is_sql else sqlite_us
        rows.append([event.name, f"{plain_us.value:.2f}", without_us.shown() if event.is_sql else "-",
                     whole_us.shown(), f"{cost_us.value / unit_us:.2f}"])  # fmt: skip
        verdicts += _verdicts(event, cost_us, unit_us)
    head = ["µs each", "plain", "recorded, more than with `--no-sql`", "recorded, more than plain", "ratio"]
    how = HOW.format(seconds=effort.event_s, rounds=effort.rounds, sqlite_us=REFERENCE_SQLITE_US,
                     sqlalchemy_us=REFERENCE_SQLALCHEMY_US)  # fmt: skip
    return Section("The cost of a statement and of a suspension", how, [Grid(head, rows)], verdicts)


def _verdicts(event: Event, cost_us: Estimate, unit_us: float) -> list[Verdict]:
    """The cost against the budget as a ratio, and in microseconds of this machine."""
    unit = "plain look-ups" if event.is_sql else "plain sqlite3 look-ups"
    figures = (cost_us.value, cost_us.low, cost_us.high)
    ratio, ratio_low, ratio_high = (figure / unit_us for figure in figures)
    budget = round(event.budget_us / event.reference_us, 2)
    return [
        Verdict(f"per {event.name}", ratio, budget, unit, ratio_low, ratio_high),
        Verdict(f"per {event.name}, on this machine", cost_us.value, event.budget_us, "µs", cost_us.low,
                cost_us.high),
    ]  # fmt: skip


def _costs(event: Event, effort: Effort) -> tuple[Estimate, Estimate, Estimate]:
    """Microseconds: plain, recorded less `--no-sql`, recorded less plain."""
    magics = ["", "%%perf --quiet --no-sql", "%%perf --quiet"]
    with Kernel("jupyter_perf") as kernel:
        kernel.must_run(event.setup)
        n = 1000
        while (code_s := _code_s(kernel, event, n, "")) < effort.event_s / 10:
            n *= 2
        n = max(10, round(n * effort.event_s / code_s))
        for magic in magics:
            _code_s(kernel, event, n // 10, magic)
        samples: dict[str, list[float]] = {magic: [] for magic in magics}
        for turn in range(effort.rounds):
            for magic in magics[turn % 3 :] + magics[: turn % 3]:
                samples[magic].append(_code_s(kernel, event, n, magic) / n * 1e6)
    plain, without, recorded = samples.values()
    return (
        of_median(plain),
        of_median([a - b for a, b in zip(recorded, without, strict=True)]),
        of_median([a - b for a, b in zip(recorded, plain, strict=True)]),
    )


def _code_s(kernel: Kernel, event: Event, n: int, magic: str) -> float:
    lines = [line.replace("{n}", str(n)) for line in event.lines]
    code_s = kernel.must_run(timed(*lines, magic=magic)).code_s
    assert code_s is not None
    return code_s
