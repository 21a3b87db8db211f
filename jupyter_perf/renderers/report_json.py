"""The report as JSON for JupyterLab's panel: what `model.to_json` gives, cut to its part of the budget.

Rows are kept from the top of each table, which is where the largest are; `left_out` says how many are
not here. The whole of every table is in the store.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from jupyter_perf.model import Comparison, Finding, Fix, Report, Run, Table, to_json
from jupyter_perf.renderers import Renderer, budget
from jupyter_perf.renderers.excerpt import shorten
from jupyter_perf.renderers.series import spread, thinned

# Bytes for what is said about the run; the tables have the rest.
_FINDINGS, _COMPARISONS, _NOTES, _FOLDED, _ENVIRONMENT, _SCALARS = 12_000, 4_000, 3_000, 1_000, 1_000, 4_000

# How the tables divide the rest. What one does not need is there for those after it. `exact_callers` is
# not sent: it holds row numbers of a table that may be cut.
_WEIGHTS = {
    "breakdown": 20,
    "threads": 10,
    "lines": 140,
    "user_functions": 70,
    "statements": 100,
    "awaits": 40,
    "memory": 40,
    "timeline": 60,
    "plans": 20,
    "calls": 20,
    "requests": 20,
    "payloads": 20,
    "profiled_lines": 50,
    "memory_lines": 40,
    "exact_functions": 60,
    "cells": 100,
    "functions": 80,
    "stacks": 120,
    "queries": 60,
}
# A report of comparisons shares so many bytes among them; the run's tables are beside the point there.
_COMPARED = 44_000
_ROWS, _POINTS = 400, 150
_TEXT, _SOURCE = 300, 4_000
_DEEPEST, _FRAME_TEXT = 40, 120
_FEWEST_PAIRS, _MOST_PAIRS, _PAIR_BYTES = 60, 200, 46

Item = TypeVar("Item")


class JsonRenderer(Renderer):
    """What the panel reads."""

    mime = "application/vnd.jupyter-perf.report+json"

    def render(self, report: Report, *, top: int = 20) -> dict[str, Any]:
        """The report as JSON values that take at most 80 kB; a panel scrolls, so it gets more than `top`."""
        return cut(report, max(top, _ROWS), budget.JSON_BYTES)


def cut(report: Report, rows: int, most_bytes: int) -> dict[str, Any]:
    """The report as JSON values of at most `most_bytes`, a table at most `rows` rows.

    `left_out` counts, by table, the rows and items that are not here.
    """
    left_out: dict[str, int] = {}
    compared = _COMPARED if report.comparisons else _COMPARISONS
    said = _FINDINGS + compared + _NOTES + _FOLDED + _ENVIRONMENT + _SCALARS
    tables = _cut_tables(report.run, rows, most_bytes - said, left_out)
    previous = report.previous
    kept = Report(
        run=_short_run(report.run, tables),
        findings=_within(map(_short_finding, report.findings), _FINDINGS),
        comparisons=_within(_short_comparisons(report.comparisons, compared, left_out), compared),
        previous=None if previous is None else replace(previous, run_id=_text(previous.run_id, 120)),
    )
    for name, whole, part in (
        ("findings", report.findings, kept.findings),
        ("comparisons", report.comparisons, kept.comparisons),
        ("notes", report.run.notes, kept.run.notes),
    ):
        if len(part) < len(whole):
            left_out[name] = len(whole) - len(part)
    return {**to_json(kept), "left_out": left_out}


def _cut_tables(run: Run, rows: int, most_bytes: int, left_out: dict[str, int]) -> dict[str, Table]:
    total = sum(_WEIGHTS.values())
    kept: dict[str, Table] = {}
    spare = 0
    for name in _WEIGHTS:
        room = spare + most_bytes * _WEIGHTS[name] // total
        table, used = _cut_table(_chosen(name, run.table(name), rows), room)
        spare = room - used
        if len(table):
            kept[name] = table
        if len(table) < len(run.table(name)):
            left_out[name] = len(run.table(name)) - len(table)
    return kept


def _chosen(name: str, table: Table, rows: int) -> Table:
    """The rows worth sending: the slowest queries, fewer points of what lies over time, else the first."""
    if name == "queries" and len(table) > rows and "duration_s" in table.columns:
        return table.largest("duration_s", rows)
    return thinned(name, table, _POINTS).head(rows)


def _cut_table(table: Table, most_bytes: int) -> tuple[Table, int]:
    """The first rows that fit, with their strings cut, and the bytes that they take."""
    names = list(table.columns)
    used = sum(len(name) + 6 for name in names) + 30
    rows: list[list[Any]] = []
    for i in range(len(table)):
        row = [_value(name, table[name][i]) for name in names]
        used_with_row = used + budget.weight(row)
        if used_with_row > most_bytes:
            break
        rows.append(row)
        used = used_with_row
    return Table.of_rows(names, rows), used if rows else 0


def _value(column: str, value: Any) -> Any:
    if isinstance(value, str):
        return _text(value, _SOURCE if column == "source" else _TEXT)
    if isinstance(value, (tuple, list)):
        return tuple(_text(str(item), _FRAME_TEXT) for item in value[:_DEEPEST])
    return value


def _text(text: str, limit: int = _TEXT) -> str:
    """At most `limit` characters that UTF-8 can hold."""
    return shorten(text, limit).encode("utf-8", "replace").decode("utf-8")


def _within(items: Iterable[Item], most_bytes: int) -> tuple[Item, ...]:
    """The first items that fit; an item is a noun of the model or plain JSON values."""
    kept: list[Item] = []
    used = 2
    for item in items:
        plain = dataclasses.asdict(item) if isinstance(item, (Finding, Comparison)) else item
        used += budget.weight(plain) + 1
        if used > most_bytes:
            break
        kept.append(item)
    return tuple(kept)


def _short_run(run: Run, tables: Mapping[str, Table]) -> Run:
    environment = [(_text(key, 60), _text(value, 120)) for key, value in list(run.environment.items())[:50]]
    return replace(
        run,
        run_id=_text(run.run_id, 120),
        label=None if run.label is None else _text(run.label),
        cell_id=None if run.cell_id is None else _text(run.cell_id, 120),
        sampler=None if run.sampler is None else _text(run.sampler, 120),
        notes=_within((_text(note, 400) for note in run.notes), _NOTES),
        folded=_within((_text(note, 400) for note in run.folded), _FOLDED),
        environment=dict(_within(environment, _ENVIRONMENT)),
        tables=tables,
    )


def _short_finding(finding: Finding) -> Finding:
    return replace(
        finding,
        rule=_text(finding.rule, 80),
        message=_text(finding.message, 500),
        file=None if finding.file is None else _text(finding.file),
        evidence=tuple(_text(item) for item in finding.evidence[:8]),
        fix=None if finding.fix is None else _short_fix(finding.fix),
    )


def _short_fix(fix: Fix) -> Fix:
    proof = fix.proof
    if proof is not None:
        compared = None if proof.comparison is None else _short_comparison(proof.comparison)
        proof = replace(
            proof, reason=None if proof.reason is None else _text(proof.reason), comparison=compared
        )
    before, after = _text(fix.before, 1500), _text(fix.after, 1500)
    return replace(fix, before=before, after=after, explanation=_text(fix.explanation, 500), proof=proof)


def _short_comparisons(
    comparisons: Sequence[Comparison], most_bytes: int, left_out: dict[str, int]
) -> list[Comparison]:
    """Each with its part of the bytes: the pairs have about half, what changed the rest."""
    room = most_bytes // max(len(comparisons), 1)
    pairs = max(_FEWEST_PAIRS, min(_MOST_PAIRS, room // 2 // _PAIR_BYTES))
    kept = []
    for compared in comparisons:
        whole = compared.table("changes")
        changes, _ = _cut_table(whole.head(_ROWS), room // 3)
        if len(changes) < len(whole):
            left_out["changes"] = left_out.get("changes", 0) + len(whole) - len(changes)
        short = _short_comparison(compared, pairs)
        kept.append(replace(short, tables={"changes": changes} if len(changes) else {}))
        if len(short.before_s) < len(compared.before_s):
            left_out["samples"] = left_out.get("samples", 0) + len(compared.before_s) - len(short.before_s)
    return kept


def _short_comparison(compared: Comparison, pairs: int = _FEWEST_PAIRS) -> Comparison:
    """The comparison without its tables, with at most so many pairs, spread over all of them."""
    return replace(
        compared,
        name=_text(compared.name, 120),
        baseline=_text(compared.baseline, 120),
        before_s=tuple(spread(compared.before_s, pairs)),
        after_s=tuple(spread(compared.after_s, pairs)),
        reason=None if compared.reason is None else _text(compared.reason),
        differences=tuple(_text(item) for item in compared.differences[:8]),
        notes=tuple(_text(item, 400) for item in compared.notes[:12]),
        tables={},
    )
