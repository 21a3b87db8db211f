"""Which tables a report shows, in which order, and with which columns."""

from __future__ import annotations

from jupyter_perf.model import Encoded, Run, Table
from jupyter_perf.renderers import units, wording
from jupyter_perf.renderers.excerpt import clean
from jupyter_perf.renderers.grids import Grid, Row, Spec, bar_of, build, code, number, spot, words


def hot(run: Run, top: int) -> list[Grid]:
    """The hottest lines and functions."""
    found = user_functions(run, top) or functions(run, top)
    return [grid for grid in (lines(run, top), found) if grid]


def traffic(run: Run, top: int) -> list[Grid]:
    """Statements and awaits."""
    return [grid for grid in (statements(run, top), awaits(run, top)) if grid]


def requested(run: Run, top: int) -> list[Grid]:
    """What only an option brings: `--lines`, `--exact`, `--memory`."""
    grids = (profiled_lines(run, top), exact_functions(run, top), memory_lines(run, top))
    return [grid for grid in grids if grid]


def others(run: Run, top: int) -> list[Grid]:
    """Threads."""
    return [grid for grid in (threads(run, top),) if grid]


def breakdown(run: Run) -> list[tuple[str, float, float]]:
    """Category, seconds and share of the run's wall time, largest first; nothing that took no time.

    Where the shares were not recorded they are the seconds by their sum, which is the wall time.
    """
    table = run.table("breakdown")
    pairs = zip(table["category"], table["seconds"], strict=True)
    parts = [(clean(str(category), 40), seconds) for category, seconds in pairs if category and seconds]
    whole = sum(seconds for _, seconds in parts)
    return sorted(((name, spent, spent / whole) for name, spent in parts), key=lambda part: -part[1])


def lines(run: Run, top: int) -> Grid | None:
    """The hottest lines with their source."""
    table = _significant(run.table("lines"), "self_s")
    specs = [
        spot(),
        code("Source", "source"),
        number("Time", "self_s", units.seconds),
        number("Share", "self_share", units.share),
        Spec("Waiting", "number", _waiting),
        Spec("With calls", "number", _with_calls),
        number("Memory", "memory_bytes", units.size_change),
    ]
    bar = bar_of("self_s", _largest(table, "self_s"), "wait_s")
    return build("lines", "Hottest lines", table, specs, top=top, lead=wording.concentration(run), bar=bar)


def user_functions(run: Run, top: int) -> Grid | None:
    """The user's functions, the time of the libraries that they called included."""
    table = _significant(run.table("user_functions"), "self_s")
    lead = "Time in library code counts for the function of yours that called it."
    return build(
        "user_functions",
        "Hottest functions",
        table,
        _function_specs(),
        top=top,
        lead=lead,
        bar=bar_of("self_s", _largest(table, "self_s")),
    )


def functions(run: Run, top: int) -> Grid | None:
    """Every function seen, library frames unfolded."""
    table = _significant(run.table("functions"), "self_s")
    specs = [*_function_specs(), number("Calls", "calls", units.count)]
    bar = bar_of("self_s", _largest(table, "self_s"))
    return build("functions", "All functions, libraries unfolded", table, specs, top=top, bar=bar)


def statements(run: Run, top: int) -> Grid | None:
    """Statements in groups of the same text and call site."""
    table = run.table("statements")
    specs = [
        spot("Called at"),
        code("Statement", "fingerprint"),
        number("Time", "total_s", units.seconds),
        number("Calls", "calls", units.count),
        Spec("Distinct", "number", _distinct),
        number("Mean", "mean_s", units.seconds),
        number("Rows", "rows", units.count),
    ]
    bar = bar_of("total_s", _largest(table, "total_s"))
    return build("statements", "SQL statements", table, specs, top=top, lead=_sql_lead(run), bar=bar)


def awaits(run: Run, top: int) -> Grid | None:
    """Suspended time by the line that awaits."""
    table = run.table("awaits").sorted("wait_s") if len(run.table("awaits")) else run.table("awaits")
    specs = [
        spot(),
        code("Source", "source"),
        number("Suspended", "wait_s", units.seconds),
        number("Times", "calls", units.count),
        number("Mean", "mean_s", units.seconds),
        number("Longest", "max_s", units.seconds),
    ]
    several = len({task for task in table.columns.get("task", ()) if task}) > 1
    if several:
        specs.append(words("Task", "task"))
    lead = "Tasks wait at the same time, so these can add up to more than the run took."
    bar = bar_of("wait_s", _largest(table, "wait_s"), "wait_s")
    return build("awaits", "Awaits", table, specs, top=top, lead=lead if several else None, bar=bar)


def threads(run: Run, top: int) -> Grid | None:
    """Threads, where there was more than one."""
    table = run.table("threads")
    if len(table) < 2:
        return None
    specs = [
        words("Thread", "thread"),
        number("Processor", "cpu_s", units.seconds),
        number("Observed", "wall_s", units.seconds),
    ]
    return build("threads", "Threads", table, specs, top=top)


def exact_functions(run: Run, top: int) -> Grid | None:
    """cProfile's counts and times, by cumulative time as pstats sorts them (`--exact`)."""
    table = run.table("exact_functions")
    ordered = table.sorted("total_s") if len(table) else table
    specs = [
        Spec("Function", "code", _function),
        spot("Defined at"),
        Spec("Calls", "number", _exact_calls),
        number("Own time", "self_s", units.seconds),
        number("Cumulative", "total_s", units.seconds),
    ]
    lead = (
        "Every call counted by cProfile, by cumulative time. Counting slows calls down, so compare these "
        "times with each other, not with the rest of the report."
    )
    return build("exact_functions", "Exact calls", ordered, specs, top=top, lead=lead)


def profiled_lines(run: Run, top: int) -> Grid | None:
    """line_profiler's counts and times, in the order of the source (`--lines`)."""
    table = run.table("profiled_lines")
    specs = [
        spot(),
        code("Source", "source"),
        number("Hits", "hits", units.count),
        number("Time", "total_s", units.seconds),
        number("Per hit", "mean_s", units.seconds),
    ]
    lead = (
        f"Every execution of a line timed by line_profiler in {_names(table)}; its upkeep is in these times."
    )
    bar = bar_of("total_s", _largest(table, "total_s"))
    return build("profiled_lines", "Line by line", table, specs, top=max(top, 4 * top), lead=lead, bar=bar)


def memory_lines(run: Run, top: int) -> Grid | None:
    """Memory by line (`--memory`)."""
    table = run.table("memory_lines")
    specs = [
        spot(),
        code("Source", "source"),
        number("Growth", "growth_bytes", units.size_change),
        number("Peak", "peak_bytes", units.size),
        number("Hits", "hits", units.count),
    ]
    bar = bar_of("growth_bytes", _largest(table, "growth_bytes"))
    return build("memory_lines", "Memory by line", table, specs, top=max(top, 4 * top), bar=bar)


def _function_specs() -> list[Spec]:
    return [
        Spec("Function", "code", _function),
        spot("Defined at"),
        number("Own time", "self_s", units.seconds),
        number("Share", "self_share", units.share),
        number("With calls", "total_s", units.seconds),
    ]


def _significant(table: Table, column: str) -> Table:
    """The rows in which something was measured, in their order."""
    if not len(table):
        return table
    values = table[column]
    kept = [i for i in range(len(table)) if values[i]]
    return table if len(kept) == len(table) else table.take(kept)


def _largest(table: Table, column: str) -> float:
    return max((value or 0.0 for value in table.columns.get(column, ())), default=0.0)


def _waiting(row: Row) -> str | None:
    """The part of a line's time spent waiting, where it is worth a word: a twentieth or more."""
    waited, own = row.get("wait_s"), row.get("self_s")
    return units.seconds(waited) if waited and own and waited >= own / 20 else None


def _with_calls(row: Row) -> str | None:
    """The time with the user's own functions, where that is more than the line's own."""
    total, own = row.get("total_s"), row.get("self_s") or 0.0
    return units.seconds(total) if total is not None and total > own * 1.05 else None


def _function(row: Row) -> str | None:
    """The function's name; code of a cell outside any function has none."""
    name, file = row.get("function"), row.get("file")
    if name == "<module>" and str(file).startswith("In["):
        return "the cell itself"
    return None if name is None else clean(str(name), 400)


def _distinct(row: Row) -> str | None:
    """How many different parameters, where some came again."""
    calls, distinct = row.get("calls"), row.get("distinct_params")
    return units.count(distinct) if calls and distinct is not None and distinct < calls else None


def _exact_calls(row: Row) -> str | None:
    """pstats writes recursive calls as all/primitive."""
    calls, primitive = row.get("calls"), row.get("primitive_calls")
    if primitive is None or calls == primitive:
        return units.count(calls)
    return f"{units.count(calls)}/{units.count(primitive)}"


def _sql_lead(run: Run) -> str | None:
    table = run.table("statements")
    calls = sum(value or 0 for value in table.columns.get("calls", ()))
    fetched = sum(value or 0 for value in table.columns.get("rows", ()))
    parts = [units.counted(calls, "statement")]
    if fetched:
        parts.append(units.counted(fetched, "row"))
    failed = _failures(run.table("queries"))
    if failed:
        parts.append(f"{units.count(failed)} failed")
    return f"{', '.join(part for part in parts if part)}, grouped by text and call site."


def _failures(queries: Table) -> int:
    errors = queries.columns.get("error", ())
    if isinstance(errors, Encoded):
        return sum(1 for code_ in errors.codes if code_ >= 0)
    return sum(1 for error in errors if error)


def _names(table: Table) -> str:
    names = list(dict.fromkeys(name for name in table.columns.get("function", ()) if name))
    return ", ".join(clean(str(name), 60) for name in names[:5]) + (" and others" if len(names) > 5 else "")
