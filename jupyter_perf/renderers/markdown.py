"""The report as Markdown with GitHub's tables, for issues, pull requests and `--dump PATH.md`."""

from __future__ import annotations

import re

from jupyter_perf.model import Finding, Report, Run
from jupyter_perf.renderers import Renderer, comparison_grids, sections, units, verdicts, wording
from jupyter_perf.renderers.excerpt import clean, clean_block, place, shorten
from jupyter_perf.renderers.grids import Grid, Kind
from jupyter_perf.renderers.series import memory_series

# What Markdown, and the HTML inside it, give a meaning to.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@$])")
_BLOCK_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")
_CODE_LIMIT = 300


class MarkdownRenderer(Renderer):
    """Headings, sentences and tables."""

    ending = ".md"

    def render(self, report: Report, *, top: int = 20) -> str:
        """The report as GitHub-flavoured Markdown."""
        blocks = _of_comparisons(report, top) if report.comparisons else _of_run(report, top)
        return "\n\n".join(block for block in blocks if block) + "\n"


def _of_comparisons(report: Report, top: int) -> list[str]:
    found = verdicts.verdicts(report)
    times = comparison_grids.parts(report, top)
    return [
        prose(wording.partial(report.run) or ""),
        *(f"{each.sign} **{prose(each.who + each.claim)}**{prose(each.evidence)}." for each in found),
        "\n".join(f"- {prose(note)}" for note in verdicts.notes(report.comparisons)),
        _grid(times) if times else "",
        *(_grid(grid) for grid in comparison_grids.changes(report, top)),
        " ".join(prose(sentence) for sentence in verdicts.closing(report)),
    ]


def _of_run(report: Report, top: int) -> list[str]:
    run = report.run
    stopped, nothing = wording.partial(run), wording.restraint(report)
    blocks = [f"**{prose(stopped)}**" if stopped else "", f"**{prose(wording.headline(report))}**"]
    blocks.append(prose(nothing) if nothing else "")
    if not wording.is_short(report):
        blocks += _body(report, top)
    blocks += [_grid(grid) for grid in sections.requested(run, top)]
    if not wording.is_short(report):
        blocks += [_grid(grid) for grid in sections.others(run, top)]
    return [*blocks, " ".join(prose(sentence) for sentence in wording.measured(run))]


def _body(report: Report, top: int) -> list[str]:
    run = report.run
    facts = " · ".join(f"{name} {prose(text)}" for name, text in wording.facts(run))
    series = memory_series(run, 10)
    return [
        facts,
        *(_finding(finding, run.wall_s) for finding in report.findings[:top]),
        _breakdown(run),
        *(_grid(grid) for grid in (*sections.hot(run, top), *sections.traffic(run, top))),
        f"### Memory\n\n{prose(series.sentence)}" if series else "",
    ]


def prose(text: str) -> str:
    """Text that stands as it is: what Markdown or HTML would read as markup is escaped."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _BLOCK_START.sub(r"\1\\\2", escaped)


def code(text: str, *, in_table: bool = False) -> str:
    """A code span that no backtick in the text ends.

    In a table a bar ends the cell even there, and a backslash before it only helps where no other one
    stands before that: such text is written as HTML, in which a bar can be named.
    """
    if not text:
        return ""
    if in_table and "|" in text:
        return f"<code>{_SPECIAL.sub(lambda found: f'&#{ord(found.group())};', text)}</code>"
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def block(text: str, language: str) -> str:
    """A fenced block that nothing in the text ends."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _breakdown(run: Run) -> str:
    rows: list[tuple[str, ...]] = [
        (prose(name), units.seconds(spent) or "", units.share(share) or "")
        for name, spent, share in sections.breakdown(run)
    ]
    if not rows:
        return ""
    return "### Where the time went\n\n" + _table(("", "Time", "Share"), ("text", "number", "number"), rows)


def _grid(grid: Grid) -> str:
    rows = [
        tuple(_cell(text, heading.kind) for text, heading in zip(row, grid.headings, strict=True))
        for row in grid.rows
    ]
    titles = tuple(heading.title for heading in grid.headings)
    table = _table(titles, tuple(heading.kind for heading in grid.headings), rows)
    more = prose(wording.left_out(grid.left_out, grid.address)) if grid.left_out else ""
    parts = [f"### {grid.title}", prose(grid.lead) if grid.lead else "", table, more]
    return "\n\n".join(part for part in parts if part)


def _cell(text: str, kind: Kind) -> str:
    if kind in ("code", "place"):
        return code(shorten(text, _CODE_LIMIT), in_table=True)
    return prose(text)


def _table(titles: tuple[str, ...], kinds: tuple[Kind, ...], rows: list[tuple[str, ...]]) -> str:
    rule = ["---:" if kind == "number" else ":---" for kind in kinds]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, rule, *rows))


def _finding(finding: Finding, wall_s: float) -> str:
    at, saving = place(finding.file, finding.line), wording.finding_saving(finding, wall_s)
    title = f"### {prose(finding.severity)}: {prose(clean(finding.rule, 60))}"
    where = ", ".join(part for part in (code(at) if at else "", prose(saving) if saving else "") if part)
    evidence = "\n".join(f"- {prose(clean(item, 300))}" for item in finding.evidence[:8])
    parts = [title, where, prose(clean(finding.message, 500)), evidence]
    if finding.fix is not None:
        language = "sql" if finding.fix.kind in ("sql", "index") else "python"
        parts.append(prose(clean(finding.fix.explanation, 500)))
        for name, source in (("Before", finding.fix.before), ("After", finding.fix.after)):
            parts.append(f"{name}:\n\n{block(clean_block(source, 1500), language)}")
    parts.append(prose(wording.proof(finding) or ""))
    return "\n\n".join(part for part in parts if part)
