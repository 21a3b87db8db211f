"""Memory over time as few points: what the small picture is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_perf.model import Column, Run, Table
from jupyter_perf.renderers import units


@dataclass(frozen=True)
class MemorySeries:
    """Resident bytes at a few times, in seconds from the start, and the span that the picture covers."""

    at_s: tuple[float, ...]
    rss_bytes: tuple[int, ...]
    low: int
    high: int
    sentence: str


def spread(values: Sequence[float], most: int) -> Sequence[float]:
    """At most so many of the values, evenly from the whole."""
    if len(values) <= most:
        return values
    return [values[i * len(values) // most] for i in range(most)]


def thinned(name: str, table: Table, points: int) -> Table:
    """A table over time with at most `points` rows; any other table as it is.

    Of memory the highest sample of each slice stays; slices of the timeline are added up.
    """
    if len(table) <= points or name not in ("memory", "timeline"):
        return table
    step = -(-len(table) // points)
    slices = [range(i, min(i + step, len(table))) for i in range(0, len(table), step)]
    if name == "memory":
        rss = table["rss_bytes"]
        return table.take([max(rows, key=lambda i: rss[i] or 0) for rows in slices])
    return Table(
        {column: [_merged(column, table[column], rows) for rows in slices] for column in table.columns}
    )


def _merged(column: str, values: Column, rows: range) -> float | None:
    """Slices begin where their first one began; their widths and times add up."""
    if column == "at_s":
        return None if values[rows[0]] is None else float(values[rows[0]])
    known = [float(values[i]) for i in rows if values[i] is not None]
    return sum(known) if known else None


def memory_series(run: Run, points: int) -> MemorySeries | None:
    """At most `points` of the samples, the highest of each slice; None below three samples.

    Where the exact peak lies above every sample, the picture reaches up to it.
    """
    table = run.table("memory")
    first = next((rss for rss in table["rss_bytes"] if rss), 0)
    rows = thinned("memory", table, points).rows()
    kept = [(row["at_s"], row["rss_bytes"]) for row in rows if row["at_s"] is not None and row["rss_bytes"]]
    if len(kept) < 3:
        return None
    values = tuple(int(rss) for _, rss in kept)
    high = max(*values, run.peak_bytes or 0)
    sentence = _sentence(run, int(first), high)
    return MemorySeries(tuple(float(at) for at, _ in kept), values, min(values), high, sentence)


def _sentence(run: Run, first: int, high: int) -> str:
    peak = units.size(run.peak_bytes if run.peak_bytes is not None else high)
    parts = [f"From {units.size(first)} to a peak of {peak}"]
    growth = run.growth_bytes
    if growth is not None:
        change = units.size(abs(growth))
        parts.append(f"{change} {'more' if growth >= 0 else 'less'} at the end than at the start")
    return "; ".join(parts) + "."
