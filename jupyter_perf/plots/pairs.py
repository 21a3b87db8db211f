"""A comparison: each pair of times as two joined dots."""

from __future__ import annotations

from statistics import median

from matplotlib.axes import Axes

from jupyter_perf.model import Comparison
from jupyter_perf.plots.picture import (
    BLUE,
    INK,
    VERMILION,
    Picture,
    legend,
    say,
    seconds,
    style,
    time_unit,
)

# From this ratio on the difference shows on an axis that starts at zero.
CLEAR_RATIO = 1.2


def pairs(comparison: Comparison) -> Picture:
    """The times before and after, pair by pair; the ratio and its interval stand in the title."""
    picture = Picture(7, 4.5, _title(comparison))
    axes = picture.subplots()
    style(axes)
    couples = list(zip(comparison.before_s, comparison.after_s, strict=False))
    if not couples:
        say(axes, comparison.reason or "no times were measured")
        return picture
    scale, unit = time_unit(max(max(couple) for couple in couples))
    style(axes, y_label=f"time ({unit})")
    _draw(axes, couples, scale)
    is_zoomed = _limit(axes, couples, scale)
    remarks = [comparison.reason] if comparison.reason else []
    remarks += ["the axis does not start at zero"] if is_zoomed else []
    if remarks:
        picture.remark("; ".join(remarks))
    return picture


def _title(comparison: Comparison) -> str:
    title = f"{comparison.name}: {comparison.verdict}"
    if comparison.ratio is None:
        return title
    title += f", {comparison.ratio:.2f} times as fast"
    if comparison.low is not None and comparison.high is not None:
        title += f" (95 % interval {comparison.low:.2f} to {comparison.high:.2f})"
    return title


def _draw(axes: Axes, couples: list[tuple[float, float]], scale: float) -> None:
    for is_faster, color, marker, word in (
        (True, BLUE, "o", "faster"),
        (False, VERMILION, "s", "not faster"),
    ):
        chosen = [couple for couple in couples if (couple[1] < couple[0]) is is_faster]
        label = f"{len(chosen)} of {len(couples)} pairs {word} after"
        for before_s, after_s in chosen:
            axes.plot([0, 1], [before_s / scale, after_s / scale], color=color, marker=marker, markersize=5,
                      linewidth=0.8, alpha=0.6, label=label)  # fmt: skip
            label = "_"
    for x, times in enumerate(zip(*couples, strict=True)):
        middle = median(times)
        axes.plot([x - 0.09, x + 0.09], [middle / scale] * 2, color=INK, linewidth=2.5)
        axes.annotate(f"median {seconds(middle)}", (x, middle / scale), xytext=(-26 if x == 0 else 26, 0),
                      textcoords="offset points", ha="right" if x == 0 else "left", va="center",
                      fontsize=9, color=INK)  # fmt: skip
    axes.set_xlim(-0.6, 1.6)
    axes.set_xticks([0, 1], ["before", "after"])


def _limit(axes: Axes, couples: list[tuple[float, float]], scale: float) -> bool:
    """Start the axis at zero where the difference then still shows; whether it does not."""
    before, after = (median(times) for times in zip(*couples, strict=True))
    is_zoomed = bool(max(before, after) < CLEAR_RATIO * min(before, after))
    if not is_zoomed:
        axes.set_ylim(0, 1.08 * max(max(couple) for couple in couples) / scale)
    legend(axes)
    return is_zoomed
