"""Memory over time as few points: what the small picture is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_perf.model import Run
from jupyter_perf.renderers import units


@dataclass(frozen=True)
class MemorySeries:
    """Resident bytes at a few times, in seconds from the start, and the span that the picture covers."""

    at_s: tuple[float, ...]
    rss_bytes: tuple[int, ...]
    low: int
    high: int
    sentence: str


def memory_series(run: Run, points: int) -> MemorySeries | None:
    """At most `points` of the samples, the highest of each slice; None below three samples.

    Where the exact peak lies above every sample, the picture reaches up to it.
    """
    table = run.table("memory")
    samples = [
        (at, rss) for at, rss in zip(table["at_s"], table["rss_bytes"], strict=True) if at is not None and rss
    ]
    if len(samples) < 3:
        return None
    step = -(-len(samples) // points)
    slices = [samples[i : i + step] for i in range(0, len(samples), step)]
    kept = [max(part, key=lambda sample: sample[1]) for part in slices]
    values = tuple(int(rss) for _, rss in kept)
    high = max(*values, run.peak_bytes or 0)
    sentence = _sentence(run, int(samples[0][1]), high)
    return MemorySeries(tuple(float(at) for at, _ in kept), values, min(values), high, sentence)


def _sentence(run: Run, first: int, high: int) -> str:
    peak = units.size(run.peak_bytes if run.peak_bytes is not None else high)
    parts = [f"From {units.size(first)} to a peak of {peak}"]
    growth = run.growth_bytes
    if growth is not None:
        change = units.size(abs(growth))
        parts.append(f"{change} {'more' if growth >= 0 else 'less'} at the end than at the start")
    return "; ".join(parts) + "."
