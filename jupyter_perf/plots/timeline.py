"""A run over time: running and waiting, SQL, memory."""

from __future__ import annotations

from matplotlib.axes import Axes

from jupyter_perf.model import Run
from jupyter_perf.plots.picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    VERMILION,
    Picture,
    legend,
    numbers,
    plain,
    say,
    seconds,
    style,
    time_unit,
)

# Statements closer than this share of the run are drawn as one: less than a pixel apart.
MERGED_SHARE = 1e-3


def timeline(run: Run) -> Picture:
    """The course of a run: how its thread spent each moment, its statements, the process's memory."""
    picture = Picture(9, 5, _title(run))
    busy, sql, memory = picture.subplots(3, 1, sharex=True, height_ratios=(4, 1, 3))
    scale, unit = time_unit(run.wall_s)
    for axes, draw in ((busy, _busy), (sql, _sql), (memory, _memory)):
        style(axes)
        axes.set_xlim(0, max(run.wall_s, 1e-9) / scale)
        draw(axes, run, scale)
    for axes in (busy, sql):
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)
    memory.tick_params(bottom=True, labelbottom=True)
    memory.spines["bottom"].set_visible(True)
    memory.set_xlabel(f"time since the start ({unit})", color=INK, fontsize=9)
    remark = _awaits(run)
    if remark:
        picture.remark(remark)
    return picture


def _title(run: Run) -> str:
    name = f"{run.label}: " if run.label else ""
    parts = [f"{seconds(run.wall_s)} in all"]
    for value_s, what in ((run.cpu_s, "on the processor"), (run.sql_s, "in SQL"), (run.wait_s, "waiting")):
        if value_s is not None and value_s > 0:
            parts.append(f"{seconds(value_s)} {what}")
    return name + ", ".join(parts)


def _busy(axes: Axes, run: Run, scale: float) -> None:
    table = run.table("timeline")
    style(axes, y_label="cell's thread (%)")
    if not len(table):
        say(axes, "running and waiting over time: not measured")
        return
    widths = numbers(table["width_s"])
    edges = [at / scale for at in numbers(table["at_s"])]
    edges.append(edges[-1] + widths[-1] / scale)
    running = _percent(numbers(table["cpu_s"]), widths)
    waiting = _percent(numbers(table["wait_s"]), widths)
    top = [low + high for low, high in zip(running, waiting, strict=True)]
    axes.stairs(running, edges, fill=True, color=BLUE, label="running")
    axes.stairs(top, edges, baseline=running, fill=True, facecolor=ORANGE, edgecolor=INK, linewidth=0,
                alpha=0.55, hatch="///", label="waiting")  # fmt: skip
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 50, 100])
    legend(axes)


def _percent(parts_s: list[float], widths_s: list[float]) -> list[float]:
    return [100 * part / width if width else 0.0 for part, width in zip(parts_s, widths_s, strict=True)]


def _sql(axes: Axes, run: Run, scale: float) -> None:
    table = run.table("queries")
    style(axes)
    axes.set_ylabel("SQL", color=INK, fontsize=9, rotation=0, ha="right", va="center")
    if not len(table):
        say(axes, "SQL: not measured" if "queries" not in run.tables else "no SQL statements")
        return
    starts, durations = numbers(table["start_s"]), numbers(table["duration_s"])
    spans = [
        (start, start + duration)
        for start, duration in zip(starts, durations, strict=True)
        if start == start and duration == duration
    ]
    merged = _merge(sorted(spans), run.wall_s * MERGED_SHARE)
    least = run.wall_s * MERGED_SHARE
    bars = [(start / scale, max(end - start, least) / scale) for start, end in merged]
    axes.broken_barh(bars, (0.1, 0.8), facecolors=VERMILION, edgecolor="none")
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _merge(spans: list[tuple[float, float]], gap_s: float) -> list[tuple[float, float]]:
    """Spans in order of their start, with those that overlap or lie within `gap_s` made one."""
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start - merged[-1][1] <= gap_s:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _memory(axes: Axes, run: Run, scale: float) -> None:
    table = run.table("memory")
    style(axes, y_label="memory (MB)")
    if not len(table):
        say(axes, "memory over time: not measured")
        return
    times = [at / scale for at in numbers(table["at_s"])]
    sizes = [rss / 1e6 for rss in numbers(table["rss_bytes"])]
    axes.plot(
        times, sizes, color=GREEN, linewidth=1.8, marker="o" if len(times) < 3 else "", label="resident"
    )
    if run.peak_bytes is not None:
        peak = run.peak_bytes / 1e6
        axes.axhline(peak, color=INK, linewidth=0.8, linestyle=":")
        axes.annotate(f"peak {peak:,.0f} MB", (1, peak), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                      textcoords="offset points", ha="right", va="bottom", fontsize=9, color=INK)  # fmt: skip
    axes.margins(y=0.25)


def _awaits(run: Run) -> str | None:
    """The lines that were awaited longest, in one sentence."""
    table = run.table("awaits")
    rows = [row for row in table.sorted("wait_s").head(3).rows() if row["wait_s"]] if len(table) else []
    if not rows:
        return None
    places = (f"{seconds(row['wait_s'])} at {row['file']}:{row['line']}" for row in rows)
    return plain(f"Awaited longest: {', '.join(places)}.")
