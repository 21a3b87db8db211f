"""A comparison report in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from jupyter_perf.model import Comparison, Report
from jupyter_perf.renderers import comparison_grids, scales, units, verdicts, wording
from jupyter_perf.renderers.excerpt import clean, fit, width
from jupyter_perf.renderers.scales import Scale
from jupyter_perf.renderers.text_parts import COLUMNS, INDENT, grid_text, padded, wrapped

_NAME = 24


def comparison(report: Report, top: int) -> list[str]:
    """The blocks of the report, in their order."""
    times = comparison_grids.parts(report, top)
    return [
        _verdicts(report, top),
        "\n".join(_note(note) for note in verdicts.notes(report.comparisons)),
        grid_text(times) if times else "",
        _ranges(report.comparisons, top),
        *(grid_text(grid) for grid in comparison_grids.changes(report, top)),
        "\n".join(wrapped(sentence) for sentence in verdicts.closing(report)),
    ]


def _verdicts(report: Report, top: int) -> str:
    found = verdicts.verdicts(report)
    shown = found[: max(top, 1)]
    lines = [_hanging(f"{each.sign} {each.sentence}") for each in shown]
    stopped = wording.partial(report.run)
    if stopped:
        lines.insert(0, wrapped(stopped))
    if len(found) > len(shown):
        lines.append(wording.left_out(len(found) - len(shown), "report.comparisons"))
    return "\n".join(lines)


def _note(note: str) -> str:
    return _hanging(f"- {note}")


def _hanging(text: str) -> str:
    """A sentence behind a sign: further lines begin below its words."""
    return wrapped(text, INDENT).removeprefix(INDENT)


def _ranges(comparisons: Sequence[Comparison], top: int) -> str:
    """Where the times of each part lie: all of them, their middle half, their median."""
    drawn = [each for each in comparisons if verdicts.is_drawn(each)][: max(top, 1)]
    if not drawn:
        return ""
    rows = [(drawn[0].baseline, drawn[0].before_s), *((each.name, each.after_s) for each in drawn)]
    scale = scales.of_times([times for _, times in rows])
    names = [fit(clean(name, 200), _NAME) for name, _ in rows]
    widest = max(width(name) for name in names)
    room = COLUMNS - widest - len(INDENT) - 2
    bars = [
        f"{INDENT}{padded(name, widest)}  {_range(scale, times, room)}"
        for name, (_, times) in zip(names, rows, strict=True)
    ]
    left, right = units.seconds(scale.low) or "", units.seconds(scale.high) or ""
    axis = f"{left}{' ' * (room - width(left) - width(right))}{right}"
    title = f"Time of one execution{scale.remark}: ─ all, ━ the middle half, ┃ the median"
    return "\n".join([title, *bars, f"{INDENT}{' ' * widest}  {axis}"])


def _range(scale: Scale, times: Sequence[float], room: int) -> str:
    def at(value: float) -> int:
        return min(int(scale.share(value) * room), room - 1)

    low, high = at(min(times)), at(max(times))
    quarters = quantiles(times, n=4, method="inclusive") if len(times) > 1 else [times[0]] * 3
    first, last = at(quarters[0]), at(quarters[2])
    signs = ["━" if first <= i <= last else "─" if low <= i <= high else " " for i in range(high + 1)]
    signs[at(median(times))] = "┃"
    return "".join(signs)
