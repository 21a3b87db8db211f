"""The results: sections kept as JSON, so that one can be measured again alone, and the page made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine

INTRODUCTION = """\
# Benchmarks

Made by `python -m benchmarks`; do not edit. Figures in brackets are 95 % intervals (percentile bootstrap).
Where two things are compared they ran in turns, in one run, and a ratio is the median of the pairs' ratios.
Whether a budget is met is judged by the figure itself; where its interval or range reaches across the
budget, that is said."""


@dataclass
class Verdict:
    """A figure against its budget, both in `unit`; `low` and `high` are the ends of its interval or range.

    The budget is the largest figure that meets it, or with `is_floor` the smallest.
    """

    what: str
    figure: float
    budget: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    is_floor: bool = False

    def cells(self) -> list[str]:
        """The row of the table of budgets."""
        unit = f" {self.unit}" if self.unit else ""
        sign = "≥" if self.is_floor else "≤"
        return [self.what, f"{sign} {self.budget:g}{unit}", f"{_number(self.figure)}{unit}", self._word()]

    def _word(self) -> str:
        word = "met" if self._meets(self.figure) else "**not met**"
        if self.low is not None and self.high is not None and self._meets(self.low) != self._meets(self.high):
            word += f" ({_number(self.low)} to {_number(self.high)})"
        return word

    def _meets(self, figure: float) -> bool:
        return figure >= self.budget if self.is_floor else figure <= self.budget


@dataclass
class Grid:
    """A table: its head, and rows of text."""

    head: list[str]
    rows: list[list[str]]
    caption: str = ""


@dataclass
class Section:
    """One measurement: how it was made, tables, verdicts, remarks."""

    title: str
    how: str
    grids: list[Grid] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    circumstances: dict[str, str] = field(default_factory=dict)


def save(path: Path, name: str, section: Section, order: Sequence[str]) -> None:
    """Put a section among those measured before, and write the page again."""
    stored = path.with_suffix(".json")
    kept: dict[str, Any] = json.loads(stored.read_text("utf-8")) if stored.exists() else {"sections": {}}
    kept["machine"], kept["versions"] = machine.facts(), machine.versions()
    kept["sections"][name] = asdict(section)
    stored.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sections = [_section(kept["sections"][name]) for name in order if name in kept["sections"]]
    path.write_text(page(kept["machine"], kept["versions"], sections), "utf-8")


def page(facts: dict[str, str], versions: dict[str, str], sections: Sequence[Section]) -> str:
    """The page as Markdown."""
    where = ", ".join(f"{name}: {value}" for name, value in facts.items())
    what = ", ".join(f"{name} {value}" for name, value in versions.items())
    verdicts = [verdict.cells() for section in sections for verdict in section.verdicts]
    budgets = Grid(["what", "budget", "measured", "verdict"], verdicts)
    parts = [INTRODUCTION, f"- {where}\n- {what}", "## Budgets", _markdown(budgets)]
    return "\n\n".join(parts + [_text(section) for section in sections]) + "\n"


def _text(section: Section) -> str:
    when = ", ".join(f"{name} {value}" for name, value in section.circumstances.items())
    parts = [f"## {section.title}", section.how]
    for grid in section.grids:
        parts += [grid.caption] * bool(grid.caption) + [_markdown(grid)]
    parts += ["\n".join(f"- {remark}" for remark in section.remarks)] * bool(section.remarks)
    return "\n\n".join([*parts, f"*{when}*"])


def _markdown(grid: Grid) -> str:
    rule = ["---"] + ["---:"] * (len(grid.head) - 1)
    lines = [grid.head, rule, *grid.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _section(stored: dict[str, Any]) -> Section:
    grids = [Grid(**grid) for grid in stored["grids"]]
    verdicts = [Verdict(**verdict) for verdict in stored["verdicts"]]
    return Section(**{**stored, "grids": grids, "verdicts": verdicts})


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
