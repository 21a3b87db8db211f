"""A comparison report in HTML: the verdicts, the pairs, what else changed, how it was measured."""

from __future__ import annotations

from jupyter_perf.model import Report
from jupyter_perf.renderers import comparison_grids, html_pairs, verdicts, wording
from jupyter_perf.renderers.excerpt import clean
from jupyter_perf.renderers.grids import Grid
from jupyter_perf.renderers.html_parts import Markup, prose, section, table, tag
from jupyter_perf.renderers.verdicts import Verdict

# The class of each verdict in report.css.
_KINDS = {
    "faster": "faster",
    "slower": "slower",
    "no difference shown": "same",
    "inconclusive": "open",
    "results differ": "differ",
}


def comparison(report: Report, top: int) -> list[Markup]:
    """The parts of the report, in their order."""
    times, totals = comparison_grids.parts(report, top), comparison_grids.totals(report, top)
    parts = [
        _verdicts(report, top),
        _notes(report),
        html_pairs.pairs(report.comparisons),
        *(_section(grid) for grid in (times, totals) if grid),
        *_details(report, top),
        _closing(report),
    ]
    return [part for part in parts if part]


def _details(report: Report, top: int) -> list[Markup]:
    """Line by line and statement by statement; of several parts each is folded away under its name."""
    found = [comparison_grids.details(each, i, top) for i, each in enumerate(report.comparisons)]
    if len(found) == 1:
        return [_section(grid) for grid in found[0]]
    return [
        tag(
            "details",
            tag("summary", f"{clean(each.name, 60)}, line by line"),
            *map(_section, grids),
            cls="fold",
        )
        for each, grids in zip(report.comparisons, found, strict=True)
        if grids
    ][: max(top, 1)]


def _verdicts(report: Report, top: int) -> Markup:
    found = verdicts.verdicts(report)
    shown = found[: max(top, 1)]
    lines = [_verdict(each) for each in shown]
    stopped = wording.partial(report.run)
    if stopped:
        lines.insert(0, tag("div", stopped, cls="partial", role="note"))
    if len(found) > len(shown):
        more = wording.left_out(len(found) - len(shown), "report.comparisons")
        lines.append(tag("div", more, cls="more"))
    return tag("div", *lines, cls="verdicts")


def _verdict(said: Verdict) -> Markup:
    sign = tag("span", said.sign, cls=f"sign {_KINDS.get(said.kind, 'open')}", aria_hidden="true")
    claim = tag("b", prose(said.who + said.claim))
    return tag("div", sign, tag("div", claim, prose(f"{said.evidence}.")), cls="verdict")


def _notes(report: Report) -> Markup:
    said = verdicts.notes(report.comparisons)
    return tag("ul", *(tag("li", prose(note)) for note in said), cls="notes") if said else Markup("")


def _section(grid: Grid) -> Markup:
    return section(grid.title, grid.lead, table(grid))


def _closing(report: Report) -> Markup:
    sentences = verdicts.closing(report)
    return tag("div", prose(" ".join(sentences)), cls="closing") if sentences else Markup("")
