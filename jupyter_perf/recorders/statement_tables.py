"""The frames `queries` and `statements`, made from the columns of a StatementLog."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_perf.drivers import Shape, StatementLog
from jupyter_perf.drivers.parameters import MANY, shown_types, without_secrets
from jupyter_perf.drivers.statement_log import UNCOUNTED
from jupyter_perf.model import COLUMNS, Column, Encoded, Table

_PERCENTILE = 0.95

_FEW = 5_000
"""Up to so many statements plain Python takes milliseconds, less than numpy takes to be imported."""

_BLOCK = 100_000
"""So many statements are worked on at a time, so that what numpy makes of them on the way is small."""

_MOST_IN_A_BYTE = 128

# Statements that neither return nor change rows: for them there is no number of rows, not even zero.
_WITHOUT_ROWS = frozenset(
    {"CREATE", "DROP", "ALTER", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH"}
)


@dataclass(frozen=True)
class Described:
    """What all statements of one shape show in the frames."""

    sql: str
    fingerprint: str
    operation: str
    params: str | None
    driver: str
    database: str | None
    file: str | None
    line: int | None
    function: str | None
    task: str | None
    thread: str


def describe_shapes(log: StatementLog) -> list[Described]:
    """Each shape of the log in words; each text is reduced to its fingerprint once."""
    # Imported when used: its patterns take longer to prepare than a cell without statements has.
    from jupyter_perf.fingerprint import fingerprint, operation

    reduced: dict[str, tuple[str, str, str]] = {}
    for shape in log.shapes:
        if shape.sql not in reduced:
            sql = without_secrets(shape.sql)
            reduced[shape.sql] = (sql, fingerprint(sql), operation(sql))
    return [_describe(log, shape, *reduced[shape.sql]) for shape in log.shapes]


def _describe(log: StatementLog, shape: Shape, sql: str, print_: str, verb: str) -> Described:
    place, sources = log.sites.places[shape.site], log.context.sources
    return Described(
        sql=sql,
        fingerprint=print_,
        operation=verb,
        params=shown_types(shape.masked),
        driver=shape.source.driver,
        database=shape.source.database,
        file=sources.shown_file(place.filename) if place else None,
        line=sources.shown_line(place.filename, place.line) if place else None,
        function=place.function if place else None,
        task=shape.sender.task,
        thread=shape.sender.thread,
    )


class _Measured(Sequence[Any]):
    """Numbers from zero on; any other one was not measured and reads as None."""

    def __init__(self, numbers: array[Any]) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, row: Any) -> Any:
        number = self._numbers[row]
        return number if number >= 0 else None

    def __iter__(self) -> Iterator[Any]:
        return (number if number >= 0 else None for number in self._numbers)


def queries_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """One row for each statement.

    All texts are shared by the statements of one shape. The numbers are those of the log itself, not
    copies, and so from here on the log's `starts` count from the start of the run, too.
    """
    _forget_rows(log, described)
    _count_from_origin(log)

    def shared(name: str) -> Encoded:
        return Encoded(log.shape_codes, [getattr(shape, name) for shape in described])

    own: dict[str, Column] = {
        "start_s": log.starts,
        "duration_s": _measured(log.durations),
        "rows": _measured(log.rows),
        "error": _errors(log),
    }
    if log.context.options.params:
        own["params"] = Encoded(log.parameters, [text or None for text in log.parameter_texts])
    return Table({name: own[name] if name in own else shared(name) for name in COLUMNS["queries"]})


def _forget_rows(log: StatementLog, described: Sequence[Described]) -> None:
    rowless = {code for code, shape in enumerate(described) if shape.operation in _WITHOUT_ROWS}
    rows = log.rows
    if len(rows) <= _FEW or not rowless:
        for row, code in enumerate(log.shape_codes if rowless else ()):
            if code in rowless and rows[row] == 0:
                rows[row] = UNCOUNTED
        return
    import numpy as np

    is_rowless = np.array([code in rowless for code in range(len(described))])
    codes, counts = _view(log.shape_codes), _view(rows)
    for block in _blocks(len(rows)):
        counts[block][is_rowless[codes[block]] & (counts[block] == 0)] = UNCOUNTED


def _count_from_origin(log: StatementLog) -> None:
    starts, origin_s = log.starts, log.context.origin_s
    if len(starts) <= _FEW:
        for row, time_s in enumerate(starts):
            starts[row] = time_s - origin_s
    else:
        times = _view(starts)
        times -= origin_s


def _measured(numbers: array[Any]) -> Sequence[Any]:
    if len(numbers) <= _FEW:
        is_whole = all(number >= 0 for number in numbers)
    else:
        is_whole = bool((_view(numbers) >= 0).all())
    return numbers if is_whole else _Measured(numbers)


def _view(numbers: array[Any]) -> Any:
    """The numbers as numpy sees them, in place."""
    import numpy as np

    return np.frombuffer(numbers, dtype=numbers.typecode)


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK))


def _errors(log: StatementLog) -> Encoded:
    values = {text: code for code, text in enumerate(dict.fromkeys(log.errors.values()))}
    codes = array("b" if len(values) <= _MOST_IN_A_BYTE else "i", [-1]) * len(log.shape_codes)
    for row, text in log.errors.items():
        codes[row] = values[text]
    return Encoded(codes, list(values))


@dataclass
class _Group:
    """Statements of one fingerprint, database and call site.

    `durations` are total, mean, 95th percentile (nearest rank) and maximum of the measured durations; the
    statements that share a row count in total and mean alone.
    """

    shape: Described
    calls: int = 0
    durations: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)
    distinct_params: int | None = None
    rows: int | None = None

    def row(self) -> tuple[object, ...]:
        """The group in the order of the frame's columns."""
        shape = self.shape
        return (
            *(shape.fingerprint, shape.operation, self.calls, *self.durations),
            *(self.rows, self.distinct_params, shape.database, shape.file, shape.line),
        )

    def add_durations(self, times: Any, unmeasured: int, merged_s: float) -> None:
        """Take the measured durations in order, without those that share a row; `merged_s` is theirs."""
        if len(times):
            total_s = math.fsum(times) + merged_s
            rank = math.ceil(_PERCENTILE * len(times)) - 1
            mean_s = total_s / (self.calls - unmeasured)
            self.durations = (total_s, mean_s, float(times[rank]), float(times[-1]))


def statements_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """Statements grouped by fingerprint, database and call site, by total time."""
    numbers: dict[tuple[object, ...], int] = {}
    groups: list[_Group] = []
    of_shape: list[int] = []
    for shape in described:
        key = (shape.fingerprint, shape.database, shape.file, shape.line)
        if key not in numbers:
            numbers[key] = len(groups)
            groups.append(_Group(shape))
        of_shape.append(numbers[key])
    fill = _fill_few if len(log.shape_codes) <= _FEW else _fill
    fill(log, groups, of_shape)
    rows = [group.row() for group in groups if group.calls]
    rows.sort(key=lambda row: row[3] if isinstance(row[3], float) else -1.0, reverse=True)
    return Table.of_rows(list(COLUMNS["statements"]), rows)


def _fill_few(log: StatementLog, groups: Sequence[_Group], of_shape: Sequence[int]) -> None:
    """What `_fill` does, without numpy."""
    rows_of: list[list[int]] = [[] for _ in groups]
    for row, code in enumerate(log.shape_codes):
        rows_of[of_shape[code]].append(row)
    many = _groups_of_many(log, of_shape)
    for number, (group, every) in enumerate(zip(groups, rows_of, strict=True)):
        own = [row for row in every if row not in log.merged_calls]
        shared = [row for row in every if row in log.merged_calls]
        group.calls = len(own) + sum(log.merged_calls[row] for row in shared)
        times = sorted(log.durations[row] for row in own if not math.isnan(log.durations[row]))
        merged = (log.durations[row] for row in shared)
        merged_s = math.fsum(time_s for time_s in merged if not math.isnan(time_s))
        group.add_durations(times, len(own) - len(times), merged_s)
        counted = [log.rows[row] for row in every if log.rows[row] >= 0]
        group.rows = sum(counted) if counted else None
        if number not in many:
            group.distinct_params = len({log.parameters[row] for row in own})


def _groups_of_many(log: StatementLog, of_shape: Sequence[int]) -> set[int]:
    """The groups in which there is an `executemany`, whose values are not told apart."""
    return {of_shape[code] for code, shape in enumerate(log.shapes) if shape.masked == MANY}


def _fill(log: StatementLog, groups: Sequence[_Group], of_shape: Sequence[int]) -> None:
    """Fill the groups; no column is copied before the copy of the one before it is gone."""
    import numpy as np

    durations, parameters, rows = _view(log.durations), _view(log.parameters), _view(log.rows)
    many = _groups_of_many(log, of_shape)
    first_shared = len(rows) - len(log.merged_calls)
    order, ends = _rows_by_group(log, of_shape, len(groups))
    for number, group in enumerate(groups):
        every = order[ends[number - 1] if number else 0 : ends[number]]
        own = every[: np.searchsorted(every, first_shared)]
        shared = every[len(own) :]
        times = durations[own]
        times.sort()  # what was not measured comes last
        unmeasured = int(np.isnan(times).sum())
        group.calls = len(own) + sum(log.merged_calls[row] for row in shared.tolist())
        merged_s = float(np.nansum(durations[shared]))
        group.add_durations(times[: len(times) - unmeasured], unmeasured, merged_s)
        del times
        counted = rows[every]
        is_counted = counted >= 0
        group.rows = int(counted.sum(where=is_counted)) if is_counted.any() else None
        del counted, is_counted
        if number not in many:
            values = parameters[own]
            values.sort()
            group.distinct_params = int(np.count_nonzero(values[1:] != values[:-1])) + bool(len(values))
            del values


def _rows_by_group(log: StatementLog, of_shape: Sequence[int], groups: int) -> tuple[Any, Any]:
    """The numbers of the rows, group by group and rising, and where each group ends among them.

    They are sorted in place, as numbers of which the group is the upper half: to sort their positions
    would take twice the memory.
    """
    import numpy as np

    of_code, codes = np.array(of_shape, dtype=np.int64), _view(log.shape_codes)
    order = np.empty(len(codes), dtype=np.int64)
    sizes = np.zeros(groups, dtype=np.int64)
    for block in _blocks(len(codes)):
        numbers = of_code[codes[block]]
        sizes += np.bincount(numbers, minlength=groups)
        order[block] = (numbers << 32) + np.arange(block.start, block.stop)
    order.sort()
    order &= 0xFFFFFFFF
    return order, np.cumsum(sizes)


def time_of_thread(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """The wall time that one thread spent in SQL; None where statements ran but none was measured.

    Statements of a thread follow one another, so that their times add up; those of an event loop's
    tasks overlap, and count together once.
    """
    if len(log.shape_codes) <= _FEW:
        return _time_of_few(log, ident, wall_s)
    import numpy as np

    codes, starts, durations = _view(log.shape_codes), _view(log.starts), _view(log.durations)
    is_mine = np.array([shape.sender.ident == ident for shape in log.shapes])
    overlaps = np.array([shape.source.overlaps for shape in log.shapes])
    ran, measured, seconds, reached = 0, 0, [0.0], -math.inf
    # The rows are in the order of their starts, but for those that several share: they are one more block.
    first_shared = len(codes) - len(log.merged_calls)
    for block in (*_blocks(first_shared), slice(first_shared, len(codes))):
        times, mine, together = durations[block], is_mine[codes[block]], overlaps[codes[block]]
        ran += int(mine.sum())
        mine &= ~np.isnan(times)
        measured += int(mine.sum())
        seconds.append(float(times[mine & ~together].sum()))
        together &= mine
        covered_s, reached = _covered_from(reached, starts[block][together], times[together])
        seconds.append(covered_s)
    return None if ran and not measured else min(math.fsum(seconds), wall_s)


def _covered_from(reached: float, starts: Any, durations: Any) -> tuple[float, float]:
    """How much longer the union of intervals becomes by these, and how far it reaches then.

    None of these begins before those that led up to `reached`.
    """
    import numpy as np

    order = np.argsort(starts, kind="stable")
    begun = starts[order]
    ends = begun + durations[order]
    reaches = np.maximum.accumulate(np.concatenate(([reached], ends)))
    added = np.maximum(ends - np.maximum(begun, reaches[:-1]), 0.0)
    return float(added.sum()), float(reaches[-1])


def _time_of_few(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """What `time_of_thread` does, without numpy."""
    mine = [shape.sender.ident == ident for shape in log.shapes]
    rows = [row for row, code in enumerate(log.shape_codes) if mine[code]]
    measured = [row for row in rows if not math.isnan(log.durations[row])]
    if rows and not measured:
        return None
    in_turn_s, together = [], []
    for row in measured:
        start_s, duration_s = log.starts[row], log.durations[row]
        if log.shapes[log.shape_codes[row]].source.overlaps:
            together.append((start_s, start_s + duration_s))
        else:
            in_turn_s.append(duration_s)
    return min(math.fsum(in_turn_s) + _covered_s(together), wall_s)


def _covered_s(intervals: Iterable[tuple[float, float]]) -> float:
    """The length of the union of these intervals."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def folded_sentences(log: StatementLog) -> list[str]:
    """What was merged to keep the log bounded, in words."""
    sentences = []
    if log.merged_calls:
        sentences.append(
            f"SQL: {sum(log.merged_calls.values()):,} statements after the first {log.limit:,} are counted "
            "in the groups, and share one row of queries for each kind of statement."
        )
    if log.simplified:
        sentences.append(
            "SQL: there were very many or very long texts; the later ones are shown without their literals "
            "or cut short."
        )
    return sentences
