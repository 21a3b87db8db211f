"""What suspended tasks have waited for, added up by task and awaiting line.

A suspension begins when a task gives control back to its event loop and ends when the loop lets it go
on. It belongs to the innermost line of the user's code in the task's chain of coroutines, and counts
once however long that chain is. How suspensions are seen is the matter of the `suspensions_*` modules.
"""

from __future__ import annotations

import re
from asyncio import Task
from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from types import CodeType
from typing import Any

from jupyter_perf.context import Context

MOST_NAMES = 1000
MOST_INTERVALS = 100_000
CELL = "cell"

# The names that asyncio gives where the program gives none (asyncio/tasks.py, `_task_name_counter`);
# "None" is what Python 3.13 makes of no name for the tasks of a task factory.
_AUTOMATIC_NAME = re.compile(r"Task-\d+|None")

Interval = tuple[float, float, str, int, str]


class Site:
    """A place where tasks of one group were suspended: how often, how long, and the longest."""

    __slots__ = ("calls", "code", "line", "max_s", "wait_s")

    def __init__(self, code: CodeType, line: int) -> None:
        self.code = code
        self.line = line
        self.calls = 0
        self.wait_s = 0.0
        self.max_s = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one name. A site is found by `id(code) + offset` of the instruction that suspends.

    The number is unique: a code object's id is its address, and its instructions lie inside of it.
    """

    name: str
    function: str
    sites: dict[int, Site]


class Waiter:
    """A task as the ledger knows it; `site` is where it is suspended, None while it runs."""

    __slots__ = ("is_cell", "since_s", "site")

    def __init__(self, *, is_cell: bool) -> None:
        self.is_cell = is_cell
        self.site: Site | None = None
        self.since_s = 0.0


@dataclass(frozen=True)
class Row:
    """Suspensions of the tasks of one name at one line; `line` is the code object's."""

    task: str
    filename: str
    line: int
    calls: int
    wait_s: float
    max_s: float


class UserFiles(dict[str, bool]):
    """Whether a code object's file is the user's, asked once for each file."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._is_user = context.sources.is_user

    def __missing__(self, filename: str) -> bool:
        answer = self[filename] = self._is_user(filename)
        return answer


class Ledger:
    """Suspensions added up while the code runs; bounded by the lines that await, not by the tasks.

    `most_waiting` is how many tasks were suspended at once, the cell's own left out. `intervals` are
    the suspensions of the cell's own task, in seconds on the context's clock.
    """

    def __init__(self, context: Context) -> None:
        self.clock = context.clock
        self.user_files = UserFiles(context)
        self.waiting = 0
        self.most_waiting = 0
        self.intervals: list[Interval] = []
        self.folded: list[str] = []
        self._cell_task = context.task
        self._in_shell = context.shell is not None
        self._groups: dict[str, Group] = {}
        self._names_folded = False

    def group_of(self, task: Task[Any]) -> Group:
        """The group that a task's suspensions are added to."""
        function = _function_of(task)
        name = task.get_name()
        if _AUTOMATIC_NAME.fullmatch(name):
            name = function
            if task is self._cell_task and self._in_shell:
                name = function = CELL
        group = self._groups.get(name)
        if group is None and len(self._groups) >= MOST_NAMES:
            self._names_folded = True
            name = function
            group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = Group(name, function, {})
        return group

    def add_site(self, group: Group, code: CodeType, offset: int) -> Site:
        """A new place of suspension; it keeps the code object, so that its id stays its own."""
        site = group.sites[id(code) + offset] = Site(code, line_at(code, offset))
        return site

    def end(self, waiter: Waiter, at_s: float) -> None:
        """The task, suspended until then, runs again or is no more."""
        site = waiter.site
        if site is None:
            return
        waiter.site = None
        waited_s = at_s - waiter.since_s
        site.calls += 1
        site.wait_s += waited_s
        if waited_s > site.max_s:
            site.max_s = waited_s
        if waiter.is_cell:
            code = site.code
            self.intervals.append((waiter.since_s, at_s, code.co_filename, site.line, code.co_qualname))
            if len(self.intervals) > MOST_INTERVALS:
                self._fold_intervals()
        else:
            self.waiting -= 1

    def rows(self) -> list[Row]:
        """The sums by task name and line, longest wait first."""
        sums: dict[tuple[str, str, int], list[Site]] = defaultdict(list)
        for group in self._groups.values():
            name = group.function if self._names_folded else group.name
            for site in group.sites.values():
                if site.calls:
                    sums[name, site.code.co_filename, site.line].append(site)
        rows = [
            Row(
                *key,
                sum(site.calls for site in sites),
                sum(s.wait_s for s in sites),
                max(s.max_s for s in sites),
            )
            for key, sites in sums.items()
        ]
        if self._names_folded:
            self.folded.append(
                f"Tasks of more than {MOST_NAMES:,} names waited: they are shown by their coroutine function."
            )
        return sorted(rows, key=lambda row: row.wait_s, reverse=True)

    def _fold_intervals(self) -> None:
        """Join neighbours at one line that lie closer than the later is long; then keep the longest half."""
        joined: list[Interval] = []
        for interval in self.intervals:
            start_s, end_s, *place = interval
            if joined and [*joined[-1][2:]] == place and start_s - joined[-1][1] <= end_s - start_s:
                joined[-1] = (joined[-1][0], *interval[1:])
            else:
                joined.append(interval)
        if len(joined) > MOST_INTERVALS // 2:
            joined = sorted(nlargest(MOST_INTERVALS // 2, joined, key=lambda one: one[1] - one[0]))
        self.intervals = joined
        sentence = f"The cell waited more than {MOST_INTERVALS:,} times: its shortest waits were merged."
        if sentence not in self.folded:
            self.folded.append(sentence)


def line_at(code: CodeType, offset: int) -> int:
    """The line of the instruction at a byte offset; the function's first where it has none (PEP 626)."""
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno


def _function_of(task: Task[Any]) -> str:
    """The name of the coroutine function that a task runs, without the functions around it."""
    coroutine = task.get_coro()
    name = getattr(coroutine, "__qualname__", None) or type(coroutine).__name__
    return str(name).rpartition("<locals>.")[2]
