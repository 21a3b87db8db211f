"""The frames `queries` and `statements`, made from the columns of a StatementLog."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_perf.drivers import Shape, StatementLog
from jupyter_perf.drivers.parameters import MANY, shown_types, without_secrets
from jupyter_perf.drivers.statement_log import UNCOUNTED
from jupyter_perf.fingerprint import fingerprint, operation
from jupyter_perf.model import COLUMNS, Column, Encoded, Table

_PERCENTILE = 0.95

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


def queries_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """One row for each statement.

    All texts are shared by the statements of one shape.
    """
    if log.shape_codes:
        _forget_rows(log, described)

    def shared(name: str) -> Encoded:
        return Encoded(log.shape_codes, [getattr(shape, name) for shape in described])

    own: dict[str, Column] = {
        "start_s": _since(log.starts, log.context.origin_s),
        "duration_s": _measured(log.durations),
        "rows": _counted(log.rows),
        "error": _errors(log),
    }
    if log.context.options.params:
        own["params"] = Encoded(log.parameters, [text or None for text in log.parameter_texts])
    return Table({name: own[name] if name in own else shared(name) for name in COLUMNS["queries"]})


def _forget_rows(log: StatementLog, described: Sequence[Described]) -> None:
    import numpy as np

    rows = np.frombuffer(log.rows, dtype=np.int64)
    rowless = np.array([shape.operation in _WITHOUT_ROWS for shape in described])
    rows[rowless[np.frombuffer(log.shape_codes, dtype=np.intc)] & (rows == 0)] = UNCOUNTED


def _since(times: array[float], origin_s: float) -> array[float]:
    import numpy as np

    since = array("d")
    since.frombytes((np.frombuffer(times) - origin_s).tobytes() if times else b"")
    return since


def _measured(durations: array[float]) -> Sequence[float | None]:
    if not any(map(math.isnan, durations)):
        return durations
    return [None if math.isnan(duration) else duration for duration in durations]


def _counted(rows: array[int]) -> Sequence[int | None]:
    if not rows or min(rows) >= 0:
        return rows
    return [None if count < 0 else count for count in rows]


def _errors(log: StatementLog) -> Encoded:
    codes = array("i", [-1]) * len(log.shape_codes)
    values: dict[str, int] = {}
    for row, text in log.errors.items():
        codes[row] = values.setdefault(text, len(values))
    return Encoded(codes, list(values))


@dataclass
class _Group:
    """Statements of one fingerprint, database and call site.

    `times` are the measured durations in order, without those that share a row; `merged_s` is theirs.
    """

    shape: Described
    calls: int = 0
    times: Any = ()
    unmeasured: int = 0
    merged_s: float = 0.0
    distinct_params: int | None = None
    rows: int | None = None

    def row(self) -> tuple[object, ...]:
        """The group in the order of the frame's columns."""
        shape = self.shape
        return (
            *(shape.fingerprint, shape.operation, self.calls, *self._durations()),
            *(self.rows, self.distinct_params, shape.database, shape.file, shape.line),
        )

    def _durations(self) -> tuple[float | None, float | None, float | None, float | None]:
        """Total, mean, 95th percentile (nearest rank) and maximum of the measured durations."""
        if not len(self.times):
            return None, None, None, None
        total_s = math.fsum(self.times) + self.merged_s
        rank = math.ceil(_PERCENTILE * len(self.times)) - 1
        mean_s = total_s / (self.calls - self.unmeasured)
        return total_s, mean_s, float(self.times[rank]), float(self.times[-1])


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
    if log.shape_codes:
        _fill(log, groups, of_shape)
    rows = [group.row() for group in groups if group.calls]
    rows.sort(key=lambda row: row[3] if isinstance(row[3], float) else -1.0, reverse=True)
    return Table.of_rows(list(COLUMNS["statements"]), rows)


def _fill(log: StatementLog, groups: Sequence[_Group], of_shape: Sequence[int]) -> None:
    import numpy as np

    of_row = np.array(of_shape, dtype=np.intc)[np.frombuffer(log.shape_codes, dtype=np.intc)]
    durations = np.frombuffer(log.durations)
    parameters = np.frombuffer(log.parameters, dtype=np.int64)
    rows = np.frombuffer(log.rows, dtype=np.int64)
    many = {of_shape[code] for code, shape in enumerate(log.shapes) if shape.masked == MANY}
    order = np.argsort(of_row, kind="stable")
    ends = np.cumsum(np.bincount(of_row, minlength=len(groups)))
    first_shared = len(of_row) - len(log.merged_calls)
    for number, group in enumerate(groups):
        every = order[ends[number - 1] if number else 0 : ends[number]]
        own = every[: np.searchsorted(every, first_shared)]
        shared = every[len(own) :]
        times = durations[own]
        times.sort()  # what was not measured comes last
        group.unmeasured = int(np.isnan(times).sum())
        group.times = times[: len(times) - group.unmeasured]
        group.calls = len(own) + sum(log.merged_calls[row] for row in shared.tolist())
        group.merged_s = float(np.nansum(durations[shared]))
        counted = rows[every]
        counted = counted[counted >= 0]
        group.rows = int(counted.sum()) if len(counted) else None
        if number not in many:
            values = parameters[own]
            values.sort()
            group.distinct_params = int(np.count_nonzero(values[1:] != values[:-1])) + bool(len(values))


def time_of_thread(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """The wall time that one thread spent in SQL; None where statements ran but none was measured.

    Statements of a thread follow one another, so that their times add up; those of an event loop's
    tasks overlap, and count together once.
    """
    if not log.shape_codes:
        return 0.0
    import numpy as np

    codes = np.frombuffer(log.shape_codes, dtype=np.intc)
    starts, durations = np.frombuffer(log.starts), np.frombuffer(log.durations)
    measured = ~np.isnan(durations)
    mine = np.array([shape.sender.ident == ident for shape in log.shapes])[codes]
    if mine.any() and not (mine & measured).any():
        return None
    overlaps = np.array([shape.source.overlaps for shape in log.shapes])[codes]
    in_turn = durations[mine & measured & ~overlaps]
    together = mine & measured & overlaps
    ends = starts[together] + durations[together]
    covered_s = _covered_s(zip(starts[together].tolist(), ends.tolist(), strict=True))
    return min(float(in_turn.sum()) + covered_s, wall_s)


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
