"""The hot lines of a report, each with its source above its bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from jupyter_perf.model import Report
from jupyter_perf.plots.picture import (
    BLUE,
    INK,
    ORANGE,
    VERBATIM,
    Picture,
    legend,
    plain,
    say,
    seconds,
    style,
    time_unit,
)

TOP = 12
SOURCE_LENGTH = 100


def hot_lines(report: Report) -> Picture:
    """The lines that took the most time of their own, hottest first."""
    run = report.run
    rows = [row for row in run.table("lines").rows() if row["self_s"]]
    rows.sort(key=lambda row: -row["self_s"])
    shown = rows[:TOP]
    name = f"{run.label}: " if run.label else ""
    picture = Picture(9, 1.5 + 0.52 * max(len(shown), 1), f"{name}hot lines of {seconds(run.wall_s)}")
    axes = picture.subplots()
    style(axes)
    if not shown:
        say(axes, "time by line: not measured")
        return picture
    scale, unit = time_unit(shown[0]["self_s"])
    _draw(axes, shown, scale)
    axes.set_xlabel(f"time at the line, with the library code it called ({unit})", color=INK, fontsize=9)
    if len(rows) > len(shown):
        rest_s = sum(row["self_s"] for row in rows[TOP:])
        picture.remark(f"{len(rows) - TOP} more lines took {seconds(rest_s)} together.")
    return picture


def _draw(axes: Axes, rows: Sequence[Mapping[str, Any]], scale: float) -> None:
    waits = [min(row["wait_s"] or 0.0, row["self_s"]) for row in rows]
    for place, (row, wait_s) in enumerate(zip(rows, waits, strict=True)):
        running = (row["self_s"] - wait_s) / scale
        axes.barh(place + 0.2, running, height=0.34, color=BLUE)
        axes.barh(place + 0.2, wait_s / scale, left=running, height=0.34, color=ORANGE, hatch="////",
                  edgecolor=INK, linewidth=0)  # fmt: skip
        _words(axes, place, row, scale)
    axes.set_ylim(len(rows) - 0.4, -0.7)
    axes.set_xlim(0, 1.18 * rows[0]["self_s"] / scale)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if any(row["wait_s"] is not None for row in rows):
        keys: list[Artist] = [Patch(facecolor=BLUE, label="running")]
        keys.append(Patch(facecolor=ORANGE, hatch="////", edgecolor=INK, linewidth=0, label="waiting"))
        legend(axes, keys)


def _words(axes: Axes, place: int, row: Mapping[str, Any], scale: float) -> None:
    """Place and source above the bar, time and share at its end."""
    where, source = f"{row['file']}:{row['line']}", row["source"] or ""
    share = f"  {_share(row['self_share'])}" if row["self_share"] is not None else ""
    axes.text(0, place - 0.03, plain(f"{where}  {source.strip()}", SOURCE_LENGTH), fontsize=9, color=INK,
              family="monospace", ha="left", va="bottom", **VERBATIM)  # fmt: skip
    axes.annotate(f"{seconds(row['self_s'])}{share}", (row["self_s"] / scale, place + 0.2), xytext=(4, 0),
                  textcoords="offset points", fontsize=9, color=INK, ha="left", va="center")  # fmt: skip


def _share(part: float) -> str:
    return "<1 %" if 0 < part < 0.005 else f"{100 * part:.0f} %"
