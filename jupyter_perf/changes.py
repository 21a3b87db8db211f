"""What changed between two runs of different code: totals, lines and statements. Pure.

Counts (statements, rows, calls, awaits) are exact and need no statistics. Times and bytes are of one run
each: large differences mean something, small ones nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from jupyter_perf.model import COMPARISON_COLUMNS, Comparison, Run, Table

# Of the lines, and of the statements, so many with the largest changes are kept.
MOST_ROWS = 500

# Times of a line or statement that differ by less than this part of the longer run are left out: two runs
# of the same code differ by as much.
LEAST_SHARE = 0.01

_ONE_RUN = "one run each proves nothing about small differences"


@dataclass(frozen=True)
class _Change:
    """A row of the table; `whole` is the larger run's total in this unit, by which it is ranked."""

    kind: str
    what: str
    place: str | None
    before: float | None
    after: float | None
    unit: str
    whole: float

    @property
    def change(self) -> float:
        return (self.after or 0) - (self.before or 0)

    @property
    def size(self) -> float:
        return abs(self.change) / self.whole if self.whole > 0 else 0.0


def changes(before: Run, after: Run) -> Table:
    """A table of what changed, in the columns of `COMPARISON_COLUMNS["changes"]`, largest first.

    `kind` is "total", "line" or "statement"; `unit` is "s", "bytes" or what is counted. To rank seconds,
    bytes and counts in one order, each change is taken as a part of the larger run's whole of its unit: of
    the wall time, the peak of memory, all statements, rows, calls or awaits. Totals are there changed or
    not, unless either run did not measure them; lines and statements only where something of them changed.
    A line or statement that one run does not have is missing on that side, and counts as nothing in
    `change`; lines are matched as `_paired` describes, statements by their fingerprint.
    """
    rows = [*_totals(before, after), *_largest(_lines(before, after)), *_largest(_statements(before, after))]
    rows.sort(key=lambda row: -row.size)
    names = list(COMPARISON_COLUMNS["changes"])
    return Table.of_rows(names, [[getattr(row, name) for name in names] for row in rows])


def exact_changes(before: Run, after: Run) -> dict[str, Any]:
    """The fields of a Comparison that are counted or taken exactly: after minus before."""
    totals = {row.what: row for row in _totals(before, after)}
    named = {
        "statements_change": "statements",
        "rows_change": "rows",
        "bytes_change": "peak memory",
        "calls_change": "function calls",
    }
    return {name: round(totals[what].change) if what in totals else None for name, what in named.items()}


def single_runs(before: Run, after: Run) -> Comparison:
    """Two runs recorded on their own, by what changed between them: no claim about speed.

    Each is named by its label. The times are those of the two recorded runs, which were not taken in pairs.
    """
    return Comparison(
        name=after.label or "after",
        verdict="inconclusive",
        before_s=(before.wall_s,),
        after_s=(after.wall_s,),
        reason=_ONE_RUN,
        baseline=before.label or "before",
        **exact_changes(before, after),
        tables={"changes": changes(before, after)},
    )


def _totals(before: Run, after: Run) -> Iterator[_Change]:
    longest_s = max(before.wall_s, after.wall_s)
    peak = max(before.peak_bytes or 0, after.peak_bytes or 0) or 1
    measures: list[tuple[str, str, Callable[[Run], float | None], float | None]] = [
        ("wall time", "s", lambda run: run.wall_s, longest_s),
        ("processor time", "s", lambda run: run.cpu_s, longest_s),
        ("waiting", "s", lambda run: run.wait_s, longest_s),
        ("SQL time", "s", lambda run: run.sql_s, longest_s),
        ("garbage collection", "s", lambda run: run.gc_s, longest_s),
        ("suspended in awaits", "s", lambda run: _sum(run, "awaits", "wait_s"), longest_s),
        ("peak memory", "bytes", lambda run: run.peak_bytes, peak),
        ("memory growth", "bytes", lambda run: run.growth_bytes, peak),
        ("statements", "statements", lambda run: _sum(run, "statements", "calls"), None),
        ("rows", "rows", lambda run: _sum(run, "statements", "rows"), None),
        ("function calls", "calls", lambda run: _sum(run, "exact_functions", "calls"), None),
        ("awaits", "awaits", lambda run: _sum(run, "awaits", "calls"), None),
    ]
    for what, unit, measure, whole in measures:
        first, second = measure(before), measure(after)
        if first is not None and second is not None:
            size = max(abs(first), abs(second)) if whole is None else whole
            yield _Change("total", what, None, first, second, unit, size)


def _sum(run: Run, name: str, column: str) -> float | None:
    """The sum of a column; None where the table or the column was not recorded."""
    table = run.tables.get(name)
    if table is None or (len(table) and column not in table.columns):
        return None
    values = [value for value in table.columns.get(column, ()) if value is not None]
    return sum(values) if values or not len(table) else None


def _lines(before: Run, after: Run) -> Iterator[_Change]:
    if "lines" not in before.tables or "lines" not in after.tables:
        return
    longest_s = max(before.wall_s, after.wall_s)
    for first, second in _paired(before, after):
        what = next(line.source for line in (first, second) if line is not None)
        place = _moved(first.place if first else None, second.place if second else None)
        before_s, after_s = first.self_s if first else None, second.self_s if second else None
        row = _Change("line", what, place, before_s, after_s, "s", longest_s)
        if row.size >= LEAST_SHARE:
            yield row


@dataclass(frozen=True)
class _Line:
    """A line with the wall time spent at it."""

    file: str
    number: int
    source: str
    self_s: float

    @property
    def place(self) -> tuple[str, int]:
        return self.file, self.number


def _paired(before: Run, after: Run) -> Iterator[tuple[_Line | None, _Line | None]]:
    """The lines of both runs, each with its like in the other run where it has one there.

    First by position: where both runs know the source of a cell (the profiled one, one of the same cell id,
    or one of the same name) its versions are compared as `diff` does, and lines that stayed belong
    together. What is left is matched by its text alone, the first of a text with the first, and so on:
    lines that moved, and the lines that two parts of one `%%compare` cell share.
    """
    firsts = {line.place: line for line in _seen(before)}
    seconds = {line.place: line for line in _seen(after)}
    for here, there in _kept_positions(before, after):
        if here in firsts and there in seconds:
            yield firsts.pop(here), seconds.pop(there)
    by_text: dict[str, deque[_Line]] = defaultdict(deque)
    for place in sorted(seconds):
        by_text[seconds[place].source].append(seconds[place])
    for place in sorted(firsts):
        line = firsts[place]
        others = by_text[line.source]
        yield line, others.popleft() if others else None
    yield from ((None, line) for others in by_text.values() for line in others)


def _seen(run: Run) -> Iterator[_Line]:
    for row in run.table("lines").rows():
        file, number, self_s = row.get("file"), row.get("line"), row.get("self_s")
        if file is not None and number is not None and self_s is not None:
            source = (row.get("source") or "").strip()
            yield _Line(file, number, source or f"{file}:{number}", self_s)


def _kept_positions(before: Run, after: Run) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Files and lines before and after, of the lines that stayed between two versions of a cell."""
    cells = {row["file"]: row for row in after.table("cells").rows()}
    for cell in before.table("cells").rows():
        other = next((each for each in cells.values() if _is_same_cell(cell, each, before, after)), None)
        if other is None:
            other = cells.get(cell["file"])
            if other is None or (cell.get("cell_id") is not None and other.get("cell_id") is not None):
                continue
        del cells[other["file"]]
        old, new = ([line.strip() for line in (each["source"] or "").splitlines()] for each in (cell, other))
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            for i in range(block.size):
                yield (cell["file"], block.a + i + 1), (other["file"], block.b + i + 1)


def _is_same_cell(cell: dict[str, Any], other: dict[str, Any], before: Run, after: Run) -> bool:
    identity, other_identity = cell.get("cell_id"), other.get("cell_id")
    if identity is None or other_identity is None:
        return False
    are_profiled = identity == before.cell_id and other_identity == after.cell_id
    return bool(identity == other_identity or are_profiled)


def _statements(before: Run, after: Run) -> Iterator[_Change]:
    """Calls, rows and time of each fingerprint, over all its call sites and databases."""
    if "statements" not in before.tables or "statements" not in after.tables:
        return
    groups = [_by_fingerprint(run) for run in (before, after)]
    counts = {
        name: max(_sum(run, "statements", name) or 0 for run in (before, after)) for name in ("calls", "rows")
    }
    wholes = {"s": max(before.wall_s, after.wall_s), **counts}
    for fingerprint in dict.fromkeys([*groups[0], *groups[1]]):
        first, second = (group.get(fingerprint, {}) for group in groups)
        place = _moved(first.get("place"), second.get("place"))
        found = []
        for column, unit in (("calls", "calls"), ("rows", "rows"), ("total_s", "s")):
            if any(group and group.get(column) is None for group in (first, second)):
                continue
            sides = (first.get(column), second.get(column))
            found.append(_Change("statement", fingerprint, place, *sides, unit, wholes[unit]))
        if any(row.change and (row.unit != "s" or row.size >= LEAST_SHARE) for row in found):
            yield from found


def _by_fingerprint(run: Run) -> dict[str, dict[str, Any]]:
    """Sums by fingerprint, and the place of the first call site."""
    groups: dict[str, dict[str, Any]] = {}
    for row in run.table("statements").rows():
        if row.get("fingerprint") is None:
            continue
        place = (row["file"], row["line"]) if row.get("file") and row.get("line") else None
        group = groups.setdefault(row["fingerprint"], {"place": place})
        for column in ("calls", "rows", "total_s"):
            if row.get(column) is not None:
                group[column] = group.get(column, 0) + row[column]
    return groups


def _moved(first: tuple[str, int] | None, second: tuple[str, int] | None) -> str | None:
    """Where it was and where it is: `In[3]:4`, `In[3]:4 → 6`, `In[3]:4 → In[7]:6`."""
    known = first or second
    if known is None:
        return None
    place = f"{known[0]}:{known[1]}"
    if first is None or second is None or first == second:
        return place
    return f"{place} → {second[1]}" if first[0] == second[0] else f"{place} → {second[0]}:{second[1]}"


def _largest(rows: Iterable[_Change]) -> list[_Change]:
    return sorted(rows, key=lambda row: -row.size)[:MOST_ROWS]
