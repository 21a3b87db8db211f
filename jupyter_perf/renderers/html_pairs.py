"""The picture of a comparison: every time as a dot, and every pair's ratio with the interval. No script.

Places along an axis are per cent of the picture's width, so that it fits any width without distortion.
Shapes tell apart what colours do too: rings before, discs after, a bar for the median, a bracket for the
interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from jupyter_perf.model import Comparison
from jupyter_perf.renderers import scales, units, verdicts
from jupyter_perf.renderers.excerpt import clean
from jupyter_perf.renderers.html_parts import Markup, percent, tag
from jupyter_perf.renderers.scales import Scale
from jupyter_perf.renderers.series import spread

_ROW, _AXIS = 34.0, 20.0
_INSET = 6.0
_MOST_DOTS, _ALL_DOTS, _FEWEST_DOTS = 60, 500, 8
_MOST_ROWS = 12
_NAME = 40


def pairs(comparisons: Sequence[Comparison]) -> Markup:
    """Times on the left, ratios on the right; nothing where no pairs were timed or results differ."""
    drawn = [each for each in comparisons if verdicts.is_drawn(each)][:_MOST_ROWS]
    if not drawn:
        return Markup("")
    dots = max(_FEWEST_DOTS, min(_MOST_DOTS, _ALL_DOTS // (2 * len(drawn) + 1)))
    paired = [each for each in drawn if each.is_paired]
    ratios = _ratios(paired, dots) if paired else Markup("")
    panels = tag("div", _times(drawn, dots), ratios, cls="panels")
    return tag("div", panels, cls="section")


def _times(drawn: Sequence[Comparison], dots: int) -> Markup:
    rows = [(drawn[0].baseline, drawn[0].before_s, "before")]
    rows += [(each.name, each.after_s, "after") for each in drawn]
    scale = scales.of_times([times for _, times, _ in rows])
    ticks = scale.ticks()
    body = [
        _row(
            name, units.seconds(median(times)) or "", [_grid(scale, ticks), *_strip(scale, times, dots, kind)]
        )
        for name, times, kind in rows
    ]
    labels = [units.tick_seconds(value) for value in ticks]
    spoken = ", ".join(
        f"{clean(name, _NAME)} median {units.seconds(median(times))}" for name, times, _ in rows
    )
    title = f"Time of one execution{scale.remark}"
    return _panel(title, f"Times of one execution: {spoken}", body, _axis(scale, ticks, labels))


def _ratios(drawn: Sequence[Comparison], dots: int) -> Markup:
    found = {id(each): _pair_ratios(each) for each in drawn}
    bounds = [value for each in drawn for value in (each.ratio, each.low, each.high) if value]
    scale = scales.of_ratios([*bounds, *(value for values in found.values() for value in values)])
    ticks = scale.ticks(4)
    ticks = sorted({*(tick for tick in ticks if abs(scale.share(tick) - scale.share(1.0)) > 0.08), 1.0})
    body = []
    for each in drawn:
        marks = [*_floor(scale, each), _grid(scale, ticks), _line(scale.share(1.0), 0, _ROW, "one")]
        marks += [_dots(scale, found[id(each)], dots, "after"), *_interval(scale, each)]
        factor = verdicts.ratio(each, each.ratio)
        body.append(_row(each.name, f"{factor}{units.TIMES}" if factor else "", marks))
    spoken = "; ".join(verdicts.verdict(each, named=True).sentence for each in drawn)
    labels = [f"{units.tick_factor(value)}{units.TIMES}" for value in ticks]
    title = "Before ÷ after, pair by pair: right of 1 is faster"
    return _panel(title, f"Ratios of the pairs: {spoken}", body, _axis(scale, ticks, labels))


def _pair_ratios(compared: Comparison) -> list[float]:
    couples = zip(compared.before_s, compared.after_s, strict=False)
    return [before_s / after_s for before_s, after_s in couples if before_s > 0 and after_s > 0]


def _panel(title: str, spoken: str, rows: Sequence[Markup], axis: Markup) -> Markup:
    heading = tag("div", title, cls="panelhead")
    return tag("div", heading, *rows, axis, cls="panel", role="img", aria_label=spoken)


def _row(name: str, figure: str, marks: Sequence[Markup]) -> Markup:
    who = tag("span", tag("b", clean(name, _NAME)), " ", tag("span", figure, cls="figure"), cls="who")
    return tag("div", who, tag("svg", *marks, height=f"{_ROW:.0f}", cls="strip"), cls="pairrow")


def _axis(scale: Scale, ticks: Sequence[float], labels: Sequence[str]) -> Markup:
    texts = []
    for value, label in zip(ticks, labels, strict=True):
        share = scale.share(value)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        texts.append(tag("text", label, x=percent(share), y="13", text_anchor=anchor))
    svg = tag("svg", *texts, height=f"{_AXIS:.0f}", cls="strip axis")
    return tag("div", tag("span", cls="who"), svg, cls="pairrow")


def _grid(scale: Scale, ticks: Sequence[float]) -> Markup:
    return tag("g", *(_line(scale.share(value), 0, _ROW, None) for value in ticks), cls="grid")


def _strip(scale: Scale, times: Sequence[float], dots: int, kind: str) -> list[Markup]:
    """Dots from top to bottom in the order of measuring, and their median."""
    return [_dots(scale, times, dots, kind), _line(scale.share(median(times)), 2, _ROW - 2, "median")]


def _dots(scale: Scale, values: Sequence[float], most: int, kind: str) -> Markup:
    shown = spread(values, most)
    step = (_ROW - 2 * _INSET) / max(len(shown) - 1, 1)
    top = _INSET if len(shown) > 1 else _ROW / 2
    circles = [
        tag("circle", cx=percent(scale.share(value)), cy=f"{top + i * step:.1f}", r="2.5")
        for i, value in enumerate(shown)
    ]
    return tag("g", *circles, cls=f"dots {kind}")


def _floor(scale: Scale, compared: Comparison) -> list[Markup]:
    """The band in which the same code differs from itself."""
    floor = compared.floor
    if floor is None or floor <= 1:
        return []
    left, right = scale.share(1 / floor), scale.share(floor)
    return [
        tag("rect", x=percent(left), width=percent(right - left), y="0", height=f"{_ROW:.0f}", cls="floor")
    ]


def _interval(scale: Scale, compared: Comparison) -> list[Markup]:
    if not compared.low or not compared.high or not compared.ratio:
        return []
    middle = _ROW / 2
    left, right = scale.share(compared.low), scale.share(compared.high)
    bar = tag("line", x1=percent(left), x2=percent(right), y1=f"{middle}", y2=f"{middle}")
    ends = [_line(share, middle - 6, middle + 6, None) for share in (left, right)]
    return [
        tag("g", bar, *ends, cls="interval"),
        _line(scale.share(compared.ratio), middle - 10, middle + 10, "median"),
    ]


def _line(share: float, top: float, bottom: float, kind: str | None) -> Markup:
    x = percent(share)
    return tag("line", x1=x, x2=x, y1=f"{top:.0f}", y2=f"{bottom:.0f}", cls=kind)
