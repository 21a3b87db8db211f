"""The pictures of the HTML: where the time went, the icicle graph, memory over time. No script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_perf.model import Run
from jupyter_perf.renderers import sections, units
from jupyter_perf.renderers.excerpt import clean, short_file
from jupyter_perf.renderers.flame import Frame, flame, label, split
from jupyter_perf.renderers.html_parts import Markup, percent, section, tag
from jupyter_perf.renderers.series import MemorySeries, memory_series

# Each known category has a colour and a pattern of its own in report.css; others share one.
CATEGORIES = {
    "python": "python",
    "native code": "native",
    "sql": "sql",
    "network": "network",
    "files": "files",
    "sleeping and locks": "sleep",
    "waiting": "sleep",
    "waiting for its turn": "queued",
    "python and native code": "python",
    "child processes": "children",
    "imports": "imports",
    "gc": "gc",
    "garbage collection": "gc",
    "event loop": "loop",
}
_NAMED_FROM = 0.09
_WIDTH, _HEIGHT = 600.0, 60.0


def breakdown(run: Run) -> Markup:
    """One bar that adds up to the run's wall time, with a legend that says the same in figures."""
    parts = sections.breakdown(run)
    if not parts:
        return Markup("")
    pieces, entries = [], []
    for name, spent, share in parts:
        kind = CATEGORIES.get(name.lower(), "other")
        said = f"{name}: {units.seconds(spent)}, {units.share(share)}"
        inside = tag("span", name) if share >= _NAMED_FROM else Markup("")
        pieces.append(tag("span", inside, cls=f"piece {kind}", title=said, style=f"--w:{percent(share)}"))
        swatch = tag("span", cls=f"swatch {kind}", aria_hidden="true")
        figures = tag("span", f"{units.seconds(spent)} · {units.share(share)}", cls="figure")
        entries.append(tag("li", swatch, tag("span", name), " ", figures))
    spoken = ", ".join(f"{name} {units.share(share)}" for name, _, share in parts)
    bar = tag("div", *pieces, cls="whole", role="img", aria_label=f"Where the time went: {spoken}")
    return tag("div", bar, tag("ul", *entries, cls="legend"), cls="section")


def icicle(run: Run, identity: str, frames: int) -> Markup:
    """Call stacks as an icicle graph: a nested list that style alone draws as bars.

    A frame holds a radio button: choosing it gives the frame the whole width (CSS `:has`), choosing the
    topmost one gives everything back, and arrow keys walk. Without style it is a nested list.
    """
    root = flame(run, frames)
    if root is None or not any(child.children for child in root.children.values()):
        return Markup("")
    drawer = _Icicle(root.total_s, f"{identity}-zoom", _sources(run))
    tree = tag("ul", drawer.frame(root, root.total_s, is_top=True), cls="flame")
    key = tag(
        "div",
        tag("span", cls="swatch own", aria_hidden="true"),
        " your code ",
        tag("span", cls="swatch library", aria_hidden="true"),
        " libraries",
        cls="key",
    )
    lead = "As wide as their time, callees below. Click a frame to widen it, the topmost to go back."
    return section("Call stacks", lead, key, tree)


def _sources(run: Run) -> dict[str, str]:
    """The source of lines, by `file:line`: what a line of a cell says on its frame."""
    table = run.table("lines")
    columns = (table.columns.get(name, [None] * len(table)) for name in ("file", "line", "source"))
    return {
        f"{file}:{line}": clean(source, 100) for file, line, source in zip(*columns, strict=True) if source
    }


@dataclass(frozen=True)
class _Icicle:
    """Draws frames: `whole_s` is the width of the picture, `group` the name that its buttons share."""

    whole_s: float
    group: str
    sources: Mapping[str, str]

    def frame(self, frame: Frame, parent_s: float, *, is_top: bool = False) -> Markup:
        """A frame and all below it, as wide as its part of the frame above."""
        function, spot = split(frame.name)
        spent = f"{units.seconds(frame.total_s)}, {units.share(frame.total_s / self.whole_s)}"
        source = self.sources.get(spot) if function == "<module>" else None
        about = [clean(function, 160), clean(short_file(spot), 160), spent]
        text = tag(
            "label",
            Markup(f"<input type='radio' name='{self.group}'{' checked' if is_top else ''}>"),
            tag("span", label(frame.name), cls="name"),
            tag("code", source) if source else Markup(""),
            tag("span", f" {spent}", cls="spent"),
            title="\n".join(line for line in about if line),
        )
        below = [self.frame(child, frame.total_s) for child in frame.ordered()]
        inside = tag("ul", *below) if below else Markup("")
        style = f"--w:{percent(frame.total_s / parent_s)}"
        return tag("li", text, inside, cls="own" if frame.is_own else None, style=style)


def memory(run: Run) -> Markup:
    """Resident memory over time as a line, with its peak."""
    series = memory_series(run, 150)
    if series is None:
        return Markup("")
    span_s = max(series.at_s[-1] - series.at_s[0], 1e-9)
    points = [
        f"{(at - series.at_s[0]) / span_s * _WIDTH:.0f},{_height(series, rss):.1f}"
        for at, rss in zip(series.at_s, series.rss_bytes, strict=True)
    ]
    area = tag("polygon", points=f"0,{_HEIGHT:.0f} {' '.join(points)} {_WIDTH:.0f},{_HEIGHT:.0f}", cls="area")
    line = tag("polyline", points=" ".join(points), cls="line")
    top = f"{_height(series, series.high):.1f}"
    peak = tag("line", x1="0", x2=f"{_WIDTH:.0f}", y1=top, y2=top, cls="peak")
    picture = tag(
        "svg",
        area,
        line,
        peak,
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Memory over time. {series.sentence}",
        cls="picture",
    )
    scale = tag(
        "div",
        tag("span", units.size(series.high) or ""),
        tag("span", units.size(series.low) or ""),
        cls="scale",
    )
    times = tag("div", tag("span", "0 s"), tag("span", units.seconds(series.at_s[-1]) or ""), cls="times")
    return section("Memory", series.sentence, tag("div", picture, scale, cls="plot"), times)


def _height(series: MemorySeries, rss: int) -> float:
    """From the top of the picture; a margin keeps the line's own width inside."""
    span = max(series.high - series.low, 1)
    return 3 + (series.high - rss) / span * (_HEIGHT - 6)
