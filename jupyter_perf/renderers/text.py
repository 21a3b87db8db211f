"""The report as plain text: complete by itself, for a terminal, nbconvert, VS Code and papermill."""

from __future__ import annotations

import textwrap

from jupyter_perf.model import Finding, Report, Run
from jupyter_perf.renderers import Renderer, budget, sections, units, wording
from jupyter_perf.renderers.excerpt import clean, clean_block, fit, place, width
from jupyter_perf.renderers.grids import Bar, Grid
from jupyter_perf.renderers.series import memory_series

COLUMNS = 100
_INDENT = "  "
_BAR_COLUMNS = 12
_WIDEST = {"number": 24, "place": 30, "text": 50, "code": COLUMNS}
_ORDER = {"place": 0, "text": 0, "number": 1, "code": 2}
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_HEIGHTS = "▁▂▃▄▅▆▇█"


class TextRenderer(Renderer):
    """Aligned tables and block bars, at most a hundred columns wide."""

    mime = "text/plain"

    def render(self, report: Report, *, top: int = 20) -> str:
        """The report as text, without a newline at its end; rows are left out until it fits its budget."""
        return budget.with_fewer_rows(lambda rows: _render(report, rows), top, budget.TEXT_BYTES)


def _render(report: Report, top: int) -> str:
    run = report.run
    opening = (wording.partial(run), wording.headline(report), wording.restraint(report))
    blocks = [_wrapped(sentence) for sentence in opening if sentence]
    if not wording.is_short(report):
        blocks += _body(report, top)
    blocks += [_grid(grid) for grid in sections.requested(run, top)]
    if not wording.is_short(report):
        blocks += [_grid(grid) for grid in sections.others(report, top)]
    blocks.append(_closing(run))
    return "\n\n".join(block for block in blocks if block)


def _body(report: Report, top: int) -> list[str]:
    run = report.run
    facts = "   ".join(f"{name} {text}" for name, text in wording.facts(run))
    findings = [_finding(finding, run.wall_s) for finding in report.findings[:top]]
    hot = [_grid(grid) for grid in sections.hot(run, top)]
    traffic = [_grid(grid) for grid in sections.traffic(run, top)]
    return [_wrapped(facts), *findings, _breakdown(run), *hot, *traffic, _memory(run)]


def _wrapped(text: str, indent: str = "") -> str:
    """Lines of at most `COLUMNS`; a word that is longer is broken."""
    return textwrap.fill(text, COLUMNS, initial_indent=indent, subsequent_indent=indent)


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
        rows.append(f"{_INDENT}{_padded(name, names)}  {figures}  {bar}")
    return "\n".join(["Where the time went", *rows])


def _grid(grid: Grid) -> str:
    """A title, its sentence and an aligned table: places, numbers and the bar first, long code last."""
    order = sorted(range(len(grid.headings)), key=lambda i: _ORDER[grid.headings[i].kind])
    columns = [_column(grid, i) for i in order]
    code_at = next((at for at, i in enumerate(order) if grid.headings[i].kind == "code"), len(order))
    if grid.bars:
        bars = ["", *(_bar(bar) for bar in grid.bars)]
        columns.insert(code_at, [_padded(bar, _BAR_COLUMNS) for bar in bars])
    lines = [_wrapped(grid.title if grid.lead is None else f"{grid.title}. {grid.lead}")]
    lines += [fit(_INDENT + "  ".join(cells).rstrip(), COLUMNS) for cells in zip(*columns, strict=True)]
    if grid.left_out:
        lines.append(f"{_INDENT}{wording.left_out(grid.left_out, grid.frame)}")
    return "\n".join(lines)


def _column(grid: Grid, index: int) -> list[str]:
    """A column's cells under its title, all of one width."""
    heading = grid.headings[index]
    texts = [heading.title, *(row[index] for row in grid.rows)]
    widest = min(max(width(text) for text in texts), _WIDEST[heading.kind])
    if heading.kind == "number":
        return [" " * (widest - width(text)) + text for text in texts]
    cut = _fit_end if heading.kind == "place" else fit
    return [_padded(cut(text, widest), widest) for text in texts]


def _fit_end(text: str, columns: int) -> str:
    """The end of a place: the line number says more than the first folder."""
    return text if width(text) <= columns else "…" + text[1 - columns :]


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _bar(bar: Bar) -> str:
    """A bar to an eighth of a column; the part that was waiting is shaded instead of solid."""
    eighths = round(bar.share * _BAR_COLUMNS * 8)
    if bar.share > 0 and eighths == 0:
        eighths = 1
    shaded = round(bar.waiting * _BAR_COLUMNS)
    whole, rest = divmod(eighths, 8)
    if shaded == 0:
        return "█" * whole + _EIGHTHS[rest]
    return "█" * max(whole - shaded, 0) + "░" * min(shaded, max(whole, 1))


def _memory(run: Run) -> str:
    series = memory_series(run, COLUMNS - 20)
    if series is None:
        return ""
    span = max(series.high - series.low, 1)
    heights = [_HEIGHTS[min((rss - series.low) * 8 // span, 7)] for rss in series.rss_bytes]
    return f"Memory. {series.sentence}\n{_INDENT}{''.join(heights)}"


def _finding(finding: Finding, wall_s: float) -> str:
    """A fault with its evidence, what it costs, and the rewrite."""
    at = place(finding.file, finding.line)
    saving = wording.finding_saving(finding, wall_s)
    title = ", ".join(part for part in (f"{finding.severity}: {clean(finding.rule, 60)}", at, saving) if part)
    lines = [_wrapped(title), _wrapped(clean(finding.message, 500), _INDENT)]
    lines += [_wrapped(f"- {clean(item, 300)}", _INDENT) for item in finding.evidence[:8]]
    fix = finding.fix
    if fix is not None:
        lines.append(_wrapped(clean(fix.explanation, 500), _INDENT))
        lines += [*_code("before", fix.before), *_code("after", fix.after)]
    proof = wording.proof(finding)
    return "\n".join([*lines, _wrapped(proof, _INDENT)] if proof else lines)


def _code(title: str, source: str) -> list[str]:
    code = clean_block(source, 1500).splitlines()[:20]
    return [f"{_INDENT}{title}:", *(fit(f"{_INDENT}  | {line}", COLUMNS) for line in code)]


def _closing(run: Run) -> str:
    return "\n".join(_wrapped(sentence) for sentence in wording.measured(run))
