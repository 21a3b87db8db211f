"""The report as HTML: one self-contained fragment without any script, for a notebook's output.

Everything of the user's passes through `html_parts.tag`, which escapes it. Lengths are custom properties
in `style`, so that where a viewer strips styles (an untrusted notebook, GitHub) plain tables remain.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jupyter_perf.model import Report, Run
from jupyter_perf.renderers import Renderer, budget, html_pictures, sections, wording
from jupyter_perf.renderers.grids import Grid
from jupyter_perf.renderers.html_comparison import comparison
from jupyter_perf.renderers.html_findings import findings
from jupyter_perf.renderers.html_parts import Markup, join, prose, section, table, tag

# Frames of the icicle graph for each row of a table.
_FRAMES_PER_ROW, _MOST_FRAMES = 8, 160


class HtmlRenderer(Renderer):
    """The fragment that a notebook displays."""

    mime = "text/html"

    def render(self, report: Report, *, top: int = 20) -> str:
        """The report as an HTML fragment; rows and frames are left out until it fits its budget."""
        return fragment(report, top, budget.HTML_BYTES)


def fragment(report: Report, top: int, most_bytes: int) -> str:
    """The report with as many rows, up to `top`, as fit into `most_bytes`."""
    return budget.with_fewer_rows(lambda rows: _fragment(report, rows), top, most_bytes)


@cache
def stylesheet() -> str:
    """The style of the fragment, without the blanks and comments of its file."""
    source = (files("jupyter_perf.renderers") / "report.css").read_text(encoding="utf-8")
    without_comments = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return (
        re.sub(r"\s*([{};,])\s*|\s+", lambda found: found.group(1) or " ", without_comments)
        .replace(";}", "}")
        .strip()
    )


def _fragment(report: Report, top: int) -> str:
    identity = "jperf-" + re.sub(r"[^A-Za-z0-9_-]", "", report.run.run_id)[:40]
    parts = comparison(report, top) if report.comparisons else _of_run(report, top, identity)
    style = tag("style", Markup(stylesheet()))
    # The last two classes keep MathJax from reading dollar signs in SQL as formulas.
    return (
        f"<div id='{identity}' class='jperf mathjax_ignore tex2jax_ignore' role='region' "
        f"aria-label='Performance report'>{style}{join(parts)}</div>"
    )


def _of_run(report: Report, top: int, identity: str) -> list[Markup]:
    run = report.run
    parts = [_opening(report)]
    figures = _figures(report, top, identity)
    if not wording.is_short(report):
        parts += figures
    elif figures:
        parts.append(tag("details", tag("summary", "The figures all the same"), *figures, cls="fold"))
    parts += [_section(grid) for grid in sections.requested(run, top)]
    return [*parts, _closing(run)]


def _opening(report: Report) -> Markup:
    run = report.run
    stopped, nothing = wording.partial(run), wording.restraint(report)
    parts = [tag("div", stopped, cls="partial", role="note")] if stopped else []
    parts.append(tag("div", tag("b", prose(wording.headline(report))), cls="headline"))
    if nothing:
        parts.append(tag("div", prose(nothing), cls="restraint"))
    facts = [] if wording.is_short(report) else wording.facts(run)
    if facts:
        items = [tag("span", f"{name} ", tag("b", prose(text)), " ", cls="fact") for name, text in facts]
        parts.append(tag("div", *items, cls="facts"))
    return join(parts)


def _figures(report: Report, top: int, identity: str) -> list[Markup]:
    run = report.run
    parts = [findings(report.findings, run.wall_s, top), html_pictures.breakdown(run)]
    parts += [_section(grid, _unfolded(run, grid, top)) for grid in sections.hot(run, top)]
    parts.append(html_pictures.icicle(run, identity, min(_FRAMES_PER_ROW * top, _MOST_FRAMES)))
    parts += [_section(grid) for grid in sections.traffic(run, top)]
    parts.append(html_pictures.memory(run))
    parts += [_section(grid) for grid in sections.others(run, top)]
    return [part for part in parts if part]


def _unfolded(run: Run, grid: Grid, top: int) -> Markup:
    """Below the user's functions, all of them: shown on request."""
    every = sections.functions(run, top) if grid.frame == "user_functions" else None
    if every is None:
        return Markup("")
    return tag("details", tag("summary", every.title), table(every), cls="fold")


def _section(grid: Grid, below: Markup | None = None) -> Markup:
    return section(grid.title, grid.lead, table(grid), below or Markup(""))


def _closing(run: Run) -> Markup:
    sentences = wording.measured(run)
    return tag("div", prose(" ".join(sentences)), cls="closing") if sentences else Markup("")
