"""The tables of a comparison report: the parts with their times, and what else changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from jupyter_perf.model import COMPARISON_COLUMNS, Comparison, Report, Table
from jupyter_perf.renderers import units, verdicts
from jupyter_perf.renderers.excerpt import clean, short_file
from jupyter_perf.renderers.grids import Bar, Grid, Row, Spec, build, code, number, words

# Totals in seconds and bytes of one run each are shown from this part of the whole on; counts always.
_LEAST_SHARE = 0.01
# Of several parts, so many have a column in the table of totals, and so many rows
# each in tables that cannot be folded.
_MOST_COLUMNS, _FEW = 6, 3
_ARROW, _GONE = " → ", units.DASH
_FORMATS: dict[str, Callable[[float | None], str | None]] = {"s": units.seconds, "bytes": units.size}
_PART_COLUMNS = ("name", "verdict", "median_s", "first_s", "ratio", "interval", "count")


def parts(report: Report, top: int) -> Grid | None:
    """A row for each part, the one that the others are compared with first."""
    compared = report.comparisons
    known = [each for each in compared if each.verdict != "results differ"]
    if not any(verdicts.is_timed(each) for each in known):
        return None
    rows = [_baseline(known[0]), *(_part(each) for each in compared)]
    said = verdicts.confidence(compared[0])
    specs = [
        Spec("Part", "text", lambda row: clean(row["name"], 60)),
        words("Verdict", "verdict"),
        number("Median time", "median_s", units.seconds),
        number("First run", "first_s", units.seconds),
        Spec("Before ÷ after", "number", lambda row: row["ratio"]),
        Spec(f"{said} interval", "number", lambda row: row["interval"]),
        number("Pairs" if compared[0].is_paired else "Runs", "count", units.count),
    ]
    grid = build("comparisons", "Times", Table.of_rows(_PART_COLUMNS, rows), specs, top=max(top, 1) + 1)
    return None if grid is None else replace(grid, home="report")


def _baseline(compared: Comparison) -> tuple[object, ...]:
    runs = None if compared.is_paired else len(compared.before_s)
    return (compared.baseline, None, _median(compared.before_s), compared.first_before_s, None, None, runs)


def _part(compared: Comparison) -> tuple[object, ...]:
    shown = f"{verdicts.SIGNS.get(compared.verdict, '?')} {compared.verdict}"
    if compared.verdict == "results differ":
        return (compared.name, shown, None, None, None, None, None)
    low, high = (verdicts.ratio(compared, value) for value in (compared.low, compared.high))
    return (
        compared.name,
        shown,
        _median(compared.after_s),
        compared.first_after_s,
        verdicts.ratio(compared, compared.ratio),
        f"{low}{units.DASH}{high}" if low and high else None,
        verdicts.pairs(compared) if compared.is_paired else len(compared.after_s),
    )


def _median(times: Sequence[float]) -> float | None:
    return median(times) if times else None


def totals(report: Report, top: int) -> Grid | None:
    """Counts, bytes and times of one recorded run of each part; counts that stayed stand in the lead."""
    compared = report.comparisons
    found: dict[str, dict[str, Any]] = {}
    for i, each in enumerate(compared):
        for row in _totals(each):
            entry = found.setdefault(row["what"], {**row, "size": 0.0})
            entry[f"after{i}"] = row["after"]
            entry["size"] = max(entry["size"], _size(each, row))
    shown = sorted((row for row in found.values() if row["size"]), key=lambda row: -row["size"])
    same = [
        _counted(row)
        for row in found.values()
        if not row["size"] and row["before"] and row["unit"] not in _FORMATS
    ]
    lead = "One recorded run of each: counts are exact, times and memory vary from run to run."
    if same:
        lead += f" The same in {'both' if len(compared) == 1 else 'all'}: {', '.join(same)}."
    specs = [words("What", "what"), _side(compared[0].baseline, "before")]
    specs += [_side(each.name, f"after{i}") for i, each in enumerate(compared[:_MOST_COLUMNS])]
    if len(compared) == 1:
        specs.append(Spec("Change", "number", _change))
    columns = ["what", "unit", "before", "change", *(f"after{i}" for i in range(len(compared)))]
    table = Table.of_rows(columns, [[row.get(name) for name in columns] for row in shown])
    grid = build("comparison.changes", "What else changed", table, specs, top=top, lead=lead)
    return None if grid is None else replace(grid, home="report")


def _totals(compared: Comparison) -> list[dict[str, Any]]:
    """The totals to be shown: where pairs were timed, a recorded wall time would only be in their way."""
    rows = _rows(compared, "total")
    if verdicts.is_timed(compared):
        rows = [row for row in rows if row["what"] != "wall time"]
    return [row for row in rows if row["unit"] != "s"] if compared.verdict == "results differ" else rows


def _size(compared: Comparison, row: Row) -> float:
    """The change as a part of the whole of its unit; 0 for what one run each cannot show."""
    wholes = {"s": _most(compared, "wall time"), "bytes": _most(compared, "peak memory")}
    whole = wholes.get(row["unit"]) or _most(compared, row["what"])
    size = abs(row["change"]) / whole if whole else 0.0
    return 0.0 if row["unit"] in wholes and size < _LEAST_SHARE else size


def details(compared: Comparison, index: int, top: int) -> list[Grid]:
    """What changed line by line and statement by statement; without times where the results differ."""
    found = [statements(compared, top)]
    if compared.verdict != "results differ":
        found.insert(0, lines(compared, top))
    return [replace(grid, home=f"report.comparisons[{index}]") for grid in found if grid is not None]


def changes(report: Report, top: int) -> list[Grid]:
    """What else changed, one table after the other; of several parts each by its largest few."""
    total, several = totals(report, top), len(report.comparisons) > 1
    grids = [] if total is None else [total]
    for i, compared in enumerate(report.comparisons[: max(top, 1)]):
        for grid in details(compared, i, min(top, _FEW) if several else top):
            title = f"{clean(compared.name, 60)}: {grid.title.lower()}" if several else grid.title
            grids.append(replace(grid, title=title))
    return grids


def lines(compared: Comparison, top: int) -> Grid | None:
    """The user's lines by how much their time changed, each side sampled once."""
    rows = _rows(compared, "line")
    if not rows:
        return None
    is_gone = any(row["before"] is None or row["after"] is None for row in rows)
    lead = "A dash: the line is not there, or too quick to be seen." if is_gone else None
    longest_s = max(abs(row["change"]) for row in rows)
    specs = [
        Spec("Line", "place", _place),
        code("Source", "what"),
        _side(compared.baseline, "before"),
        _side(compared.name, "after"),
        Spec("Change", "number", _change),
    ]
    return build(
        "changes",
        "Line by line",
        _table(rows),
        specs,
        top=top,
        lead=lead,
        bar=lambda row: _bar(row["change"], longest_s),
    )


def statements(compared: Comparison, top: int) -> Grid | None:
    """Statements by how much their calls, rows or time changed."""
    groups: dict[tuple[object, object], dict[str, Any]] = {}
    for row in _rows(compared, "statement"):
        group = groups.setdefault((row["what"], row["place"]), {"what": row["what"], "place": row["place"]})
        before, after = _amount(row, "before"), _amount(row, "after")
        group[row["unit"]] = before if before == after else f"{before}{_ARROW}{after}"
    titles = [("calls", "Calls"), ("rows", "Rows"), ("s", "Time")]
    if compared.verdict == "results differ":
        titles.pop()
    columns = ("what", "place", "calls", "rows", "s")
    table = Table.of_rows(columns, [[group.get(name) for name in columns] for group in groups.values()])
    specs = [
        Spec("Called at", "place", _place),
        code("Statement", "what"),
        *(Spec(title, "number", _cell(unit)) for unit, title in titles),
    ]
    return build("changes", "Statement by statement", table, specs, top=top)


def _place(row: Row) -> str | None:
    """Where it was and where it is, without the first folders of a path."""
    if row["place"] is None:
        return None
    return clean(_ARROW.join(short_file(part) for part in row["place"].split(_ARROW)), 200)


def _cell(name: str) -> Callable[[Row], str | None]:
    return lambda row: row[name]


def _rows(compared: Comparison, kind: str) -> list[dict[str, Any]]:
    return [
        row for row in compared.table("changes").rows() if row["kind"] == kind and row["change"] is not None
    ]


def _table(rows: Sequence[Row]) -> Table:
    names = list(COMPARISON_COLUMNS["changes"])
    return Table.of_rows(names, [[row.get(name) for name in names] for row in rows])


def _most(compared: Comparison, what: str) -> float:
    """The larger of both sides of a total; 0 where it was not measured."""
    sides = ((row["before"], row["after"]) for row in _rows(compared, "total") if row["what"] == what)
    return max((abs(value) for pair in sides for value in pair if value is not None), default=0.0)


def _side(name: str, column: str) -> Spec:
    return Spec(clean(name, 40), "number", lambda row: _amount(row, column))


def _bar(change: float, longest_s: float) -> Bar:
    share = abs(change) / longest_s if longest_s else 0.0
    return Bar(share, share if change > 0 else 0.0)


def _amount(row: Row, side: str) -> str:
    return _FORMATS.get(row["unit"], units.count)(row.get(side)) or _GONE


def _counted(row: Row) -> str:
    return units.counted(row["before"], row["unit"].removesuffix("s"), row["unit"]) or ""


def _change(row: Row) -> str:
    """The difference with its sign."""
    change = row["change"]
    shown = _FORMATS.get(row["unit"], units.count)(abs(change)) or ""
    return f"{'+' if change > 0 else units.MINUS}{shown}" if change else shown
