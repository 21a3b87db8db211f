"""The report as plain text: complete by itself, for a terminal, nbconvert, VS Code and papermill."""

from __future__ import annotations

from jupyter_perf.model import Finding, Report, Run
from jupyter_perf.renderers import Renderer, budget, sections, units, wording
from jupyter_perf.renderers.excerpt import clean, clean_block, fit, place, width
from jupyter_perf.renderers.series import memory_series
from jupyter_perf.renderers.text_comparison import comparison
from jupyter_perf.renderers.text_parts import COLUMNS, INDENT, grid_text, padded, wrapped

_HEIGHTS = "▁▂▃▄▅▆▇█"


class TextRenderer(Renderer):
    """Aligned tables and block bars, at most a hundred columns wide."""

    mime = "text/plain"

    def render(self, report: Report, *, top: int = 20) -> str:
        """The report as text, without a newline at its end; rows are left out until it fits its budget."""
        return budget.with_fewer_rows(lambda rows: _render(report, rows), top, budget.TEXT_BYTES)


def _render(report: Report, top: int) -> str:
    blocks = comparison(report, top) if report.comparisons else _of_run(report, top)
    return "\n\n".join(block for block in blocks if block)


def _of_run(report: Report, top: int) -> list[str]:
    run = report.run
    opening = (wording.partial(run), wording.headline(report), wording.restraint(report))
    blocks = [wrapped(sentence) for sentence in opening if sentence]
    if not wording.is_short(report):
        blocks += _body(report, top)
    blocks += [grid_text(grid) for grid in sections.requested(run, top)]
    if not wording.is_short(report):
        blocks += [grid_text(grid) for grid in sections.others(run, top)]
    return [*blocks, _closing(run)]


def _body(report: Report, top: int) -> list[str]:
    run = report.run
    facts = "   ".join(f"{name} {text}" for name, text in wording.facts(run))
    findings = [_finding(finding, run.wall_s) for finding in report.findings[:top]]
    hot = [grid_text(grid) for grid in sections.hot(run, top)]
    traffic = [grid_text(grid) for grid in sections.traffic(run, top)]
    return [wrapped(facts), *findings, _breakdown(run), *hot, *traffic, _memory(run)]


def _breakdown(run: Run) -> str:
    """One bar laid out as steps: each category begins where the one above it ends."""
    parts = sections.breakdown(run)
    if not parts:
        return ""
    names = max(width(name) for name, _, _ in parts)
    spent = max(len(units.seconds(seconds) or "") for _, seconds, _ in parts)
    room = COLUMNS - names - spent - 14
    rows, start = [], 0.0
    for name, seconds, share in parts:
        first, last = round(start * room), round((start + share) * room)
        start += share
        bar = " " * min(first, room - 1) + ("█" * (last - first) or "▏")
        figures = f"{units.seconds(seconds):>{spent}}  {units.share(share):>5}"
        rows.append(f"{INDENT}{padded(name, names)}  {figures}  {bar}")
    return "\n".join(["Where the time went", *rows])


def _memory(run: Run) -> str:
    series = memory_series(run, COLUMNS - 20)
    if series is None:
        return ""
    span = max(series.high - series.low, 1)
    heights = [_HEIGHTS[min((rss - series.low) * 8 // span, 7)] for rss in series.rss_bytes]
    return f"Memory. {series.sentence}\n{INDENT}{''.join(heights)}"


def _finding(finding: Finding, wall_s: float) -> str:
    """A fault with its evidence, what it costs, and the rewrite."""
    at = place(finding.file, finding.line)
    saving = wording.finding_saving(finding, wall_s)
    title = ", ".join(part for part in (f"{finding.severity}: {clean(finding.rule, 60)}", at, saving) if part)
    lines = [wrapped(title), wrapped(clean(finding.message, 500), INDENT)]
    lines += [wrapped(f"- {clean(item, 300)}", INDENT) for item in finding.evidence[:8]]
    fix = finding.fix
    if fix is not None:
        lines.append(wrapped(clean(fix.explanation, 500), INDENT))
        lines += [*_code("before", fix.before), *_code("after", fix.after)]
    proof = wording.proof(finding)
    return "\n".join([*lines, wrapped(proof, INDENT)] if proof else lines)


def _code(title: str, source: str) -> list[str]:
    code = clean_block(source, 1500).splitlines()[:20]
    return [f"{INDENT}{title}:", *(fit(f"{INDENT}  | {line}", COLUMNS) for line in code)]


def _closing(run: Run) -> str:
    return "\n".join(wrapped(sentence) for sentence in wording.measured(run))
