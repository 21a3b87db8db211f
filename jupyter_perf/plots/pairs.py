"""Comparisons: each pair of times as two joined dots, and each pair's ratio with the interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from jupyter_perf.model import Comparison
from jupyter_perf.plots.picture import (
    BLUE,
    INK,
    PALE,
    VERBATIM,
    VERMILION,
    Picture,
    legend,
    plain,
    say,
    seconds,
    style,
    time_unit,
)

# From this ratio on the difference shows on an axis that starts at zero, and from this one it needs a
# logarithmic one.
CLEAR_RATIO, FAR_RATIO = 1.2, 8.0
_MOST = 8
_NAME = 30

Couples = list[tuple[float, float]]


def pairs(comparisons: Sequence[Comparison]) -> Picture:
    """The times before and after, pair by pair, and below them the ratios of the pairs.

    What gives other results is not drawn: its times say nothing.
    """
    drawn = [each for each in comparisons if _couples(each)][:_MOST]
    height_in = 4.5 + 0.45 * len(drawn)
    picture = Picture(max(7, 2.6 * len(drawn)), height_in, _title(comparisons))
    if not drawn:
        axes = picture.subplots()
        style(axes)
        say(axes, _why_nothing(comparisons))
        return picture
    times, ratios = picture.subplots(2, 1, height_ratios=(3.2, 0.5 + 0.5 * len(drawn)))
    remark = _times(times, drawn)
    _ratios(ratios, drawn)
    remarks = [each.reason for each in drawn if each.reason][:2]
    remarks += [f"{plain(each.name, _NAME)}: {each.verdict}" for each in comparisons if each not in drawn][:2]
    remarks += [remark] if remark else []
    if remarks:
        picture.remark("; ".join(remarks))
    return picture


def _couples(compared: Comparison) -> Couples:
    if compared.verdict == "results differ":
        return []
    return [pair for pair in zip(compared.before_s, compared.after_s, strict=False) if min(pair) > 0]


def _pair_ratios(compared: Comparison) -> list[float]:
    return [before_s / after_s for before_s, after_s in _couples(compared)] if compared.is_paired else []


def _why_nothing(comparisons: Sequence[Comparison]) -> str:
    first = comparisons[0]
    return first.differences[0] if first.differences else first.reason or "no times were measured"


def _title(comparisons: Sequence[Comparison]) -> str:
    if len(comparisons) > 1:
        return f"{len(comparisons)} parts compared with {plain(comparisons[0].baseline, _NAME)}"
    compared = comparisons[0]
    title = f"{plain(compared.name, _NAME)}: {compared.verdict}"
    if compared.ratio is None or compared.verdict == "results differ":
        return title
    title += f", {_factor(compared.ratio)} times as fast"
    if compared.low is not None and compared.high is not None:
        interval = f"{_factor(compared.low)} to {_factor(compared.high)}"
        title += f" ({100 * compared.confidence:g} % interval {interval})"
    return title


def _factor(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _times(axes: Axes, drawn: Sequence[Comparison]) -> str | None:
    """Before and after side by side for each comparison; what the reader must know of the axis."""
    scale, unit = time_unit(max(max(*each.before_s, *each.after_s) for each in drawn))
    style(axes, y_label=f"time ({unit})")
    for place, each in enumerate(drawn):
        _dots(axes, each, 3 * place, scale)
        _medians(axes, each, 3 * place, scale, is_alone=len(drawn) == 1)
    ticks = [tick for place in range(len(drawn)) for tick in (3 * place, 3 * place + 1)]
    names = [plain(name, _NAME) for each in drawn for name in (each.baseline, each.name)]
    axes.set_xticks(ticks, names, **VERBATIM)
    axes.set_xlim(-0.8, 3 * len(drawn) - 1.2)
    _key(axes, drawn)
    return _limit(axes, drawn, scale)


def _dots(axes: Axes, compared: Comparison, x: int, scale: float) -> None:
    """The two times of each pair joined by a line; single ones where they are no pairs."""
    if not compared.is_paired:
        for side, times in enumerate((compared.before_s, compared.after_s)):
            axes.plot([x + side] * len(times), [time / scale for time in times], "o", color=BLUE, alpha=0.6)
        return
    for before_s, after_s in _couples(compared):
        color, marker = (BLUE, "o") if after_s < before_s else (VERMILION, "s")
        axes.plot([x, x + 1], [before_s / scale, after_s / scale], color=color, marker=marker, markersize=5,
                  linewidth=0.8, alpha=0.6)  # fmt: skip


def _medians(axes: Axes, compared: Comparison, x: int, scale: float, *, is_alone: bool) -> None:
    offset = 26 if is_alone else 12
    for side, times in enumerate((compared.before_s, compared.after_s)):
        middle = median(times)
        axes.plot([x + side - 0.09, x + side + 0.09], [middle / scale] * 2, color=INK, linewidth=2.5)
        text = f"median {seconds(middle)}" if is_alone else seconds(middle)
        axes.annotate(text, (x + side, middle / scale), xytext=(offset if side else -offset, 0),
                      textcoords="offset points", ha="left" if side else "right", va="center",
                      fontsize=9, color=INK)  # fmt: skip


def _key(axes: Axes, drawn: Sequence[Comparison]) -> None:
    """What the two kinds of lines mean, and how many there are of each."""
    couples = [couple for each in drawn if each.is_paired for couple in _couples(each)]
    faster = sum(after_s < before_s for before_s, after_s in couples)
    handles: list[Artist] = [
        Line2D([], [], color=color, marker=marker, markersize=5, linewidth=0.8, alpha=0.6,
               label=f"{count} of {len(couples)} pairs {word} after")
        for color, marker, count, word in (
            (BLUE, "o", faster, "faster"),
            (VERMILION, "s", len(couples) - faster, "not faster"),
        )
        if count
    ]  # fmt: skip
    if handles:
        legend(axes, handles)


def _limit(axes: Axes, drawn: Sequence[Comparison], scale: float) -> str | None:
    """Start the axis at zero where the difference then still shows; what it is like where it does not."""
    middles = [median(times) for each in drawn for times in (each.before_s, each.after_s)]
    if max(middles) >= FAR_RATIO * min(middles):
        _logarithmic(axes.yaxis, axes.set_yscale)
        return "the axis of the times is logarithmic"
    if max(middles) < CLEAR_RATIO * min(middles):
        return "the axis does not start at zero"
    axes.set_ylim(0, 1.08 * max(max(*each.before_s, *each.after_s) for each in drawn) / scale)
    return None


def _logarithmic(axis: Axis, set_scale: Callable[[str], None]) -> None:
    set_scale("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _ratios(axes: Axes, drawn: Sequence[Comparison]) -> None:
    """The ratio of each pair as a dot, the interval as a bar with ends, and 1 where both take as long."""
    style(axes)
    axes.axvline(1.0, color=INK, linewidth=0.8, linestyle="--")
    for place, compared in enumerate(drawn):
        ratios = _pair_ratios(compared)
        offsets = [place - 0.3 + 0.6 * i / max(len(ratios) - 1, 1) for i in range(len(ratios))]
        axes.scatter(ratios, offsets, s=10, color=BLUE, alpha=0.45, linewidths=0)
        if compared.floor is not None and compared.floor > 1:
            axes.barh(place, compared.floor - 1 / compared.floor, left=1 / compared.floor, height=0.8,
                      color=PALE, zorder=0)  # fmt: skip
        if compared.ratio is not None:
            low, high = compared.low or compared.ratio, compared.high or compared.ratio
            errors = [[compared.ratio - low], [high - compared.ratio]]
            axes.errorbar([compared.ratio], [place], xerr=errors, fmt="D", markersize=4, color=INK,
                          elinewidth=2, capsize=5)  # fmt: skip
    axes.set_yticks(range(len(drawn)), [plain(each.name, _NAME) for each in drawn], **VERBATIM)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    shown = [1.0, *(ratio for each in drawn for ratio in (*_pair_ratios(each), each.ratio or 1.0))]
    if max(shown) >= FAR_RATIO * min(shown):
        _logarithmic(axes.xaxis, axes.set_xscale)
    axes.set_xlabel("time before ÷ time after of each pair, with the interval; right of 1 is faster",
                    color=INK, fontsize=9)  # fmt: skip
