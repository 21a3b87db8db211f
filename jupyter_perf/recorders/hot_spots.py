"""The tables that users read first, from the sums by stack: lines, functions, stacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_perf.model import Table
from jupyter_perf.recorders.draft import Place
from jupyter_perf.recorders.stacks import SUSPENDED, Spent, Stack
from jupyter_perf.samplers import Frame
from jupyter_perf.sources import Sources

Function = tuple[str, str]
Spending = Mapping[tuple[str, Stack], Spent]


@dataclass
class _Sums:
    self_s: float = 0.0
    total_s: float = 0.0
    wait_s: float = 0.0
    first_line: int = 0


@dataclass
class HotSpots:
    """Makes the tables of one run; `waits_known` is false where no processor clock was to be had."""

    spent: Spending
    sources: Sources
    wall_s: float
    waits_known: bool
    _labels: dict[Frame, str] = field(default_factory=dict)

    def lines(self, waits: Mapping[Place, float], memory: Mapping[Place, float]) -> Table:
        """The user's lines; `waits` and `memory` add suspended seconds and bytes by raw file and line."""
        sums: dict[Place, _Sums] = defaultdict(_Sums)
        for (_thread, stack), spent in self.spent.items():
            places = [(f.filename, f.line) for f in stack if self.sources.is_user(f.filename)]
            for place in set(places):
                sums[place].total_s += spent.wall_s
            if places:
                sums[places[-1]].self_s += spent.wall_s
                sums[places[-1]].wait_s += 0.0 if stack[-1] is SUSPENDED else spent.wait_s
        for place, suspended_s in waits.items():
            sums[place].wait_s += suspended_s
        for place in memory:
            sums.setdefault(place, _Sums())
        all_s = sum(line.self_s for line in sums.values()) or 1.0
        rows, so_far_s = [], 0.0
        for place, line in sorted(sums.items(), key=lambda item: (-item[1].self_s, -item[1].total_s)):
            so_far_s += line.self_s
            rows.append((*self._shown(place), line.self_s, line.total_s, self._share(line.self_s),
                         so_far_s / all_s, self._wait(line, place, waits), memory.get(place)))  # fmt: skip
        names = ("file", "line", "source", "self_s", "total_s", "self_share", "cumulative_share", "wait_s",
                 "memory_bytes")  # fmt: skip
        return Table.of_rows(names, rows)

    def _shown(self, place: Place) -> tuple[str, int, str | None]:
        source = self.sources.source_line(*place)
        return self.sources.shown_file(place[0]), self.sources.shown_line(*place), source

    def _wait(self, line: _Sums, place: Place, waits: Mapping[Place, float]) -> float | None:
        return line.wait_s if self.waits_known or place in waits else None

    def _share(self, seconds: float) -> float:
        return seconds / self.wall_s if self.wall_s else 0.0

    def functions(self, calls: Mapping[tuple[str, str, int], int]) -> Table:
        """Every function; `calls` counts them by name, raw file and first line."""
        sums = self._function_sums(users_only=False)
        return self._function_table(sums, calls)

    def user_functions(self) -> Table:
        """The user's functions, with the time of the libraries that they called as their own."""
        sums = self._function_sums(users_only=True)
        table = self._function_table(sums, {})
        return Table({name: column for name, column in table.columns.items() if name != "calls"})

    def _function_sums(self, *, users_only: bool) -> dict[Function, _Sums]:
        is_user = self.sources.is_user
        sums: dict[Function, _Sums] = defaultdict(_Sums)
        first_lines: dict[Function, int] = {}
        for (_thread, stack), spent in self.spent.items():
            names = []
            for function, filename, line, _native in stack:
                if filename and (not users_only or is_user(filename)):
                    name = (function, filename)
                    names.append(name)
                    if line < first_lines.setdefault(name, line):
                        first_lines[name] = line
            for name in set(names):
                sums[name].total_s += spent.wall_s
            if names:
                sums[names[-1]].self_s += spent.wall_s
        for name, line in first_lines.items():
            sums[name].first_line = line
        return sums

    def _function_table(
        self, sums: Mapping[Function, _Sums], calls: Mapping[tuple[str, str, int], int]
    ) -> Table:
        rows = []
        for (name, filename), known in sorted(sums.items(), key=lambda item: -item[1].self_s):
            first = self._first_line(name, filename, known.first_line)
            rows.append((name, self.sources.shown_file(filename), self.sources.shown_line(filename, first),
                         known.self_s, known.total_s, self._share(known.self_s), self._share(known.total_s),
                         calls.get((name, filename, first))))  # fmt: skip
        names = ("function", "file", "line", "self_s", "total_s", "self_share", "total_share", "calls")
        return Table.of_rows(names, rows)

    def _first_line(self, name: str, filename: str, seen: int) -> int:
        """Where the function begins: the nearest `def` of its name above a line of it that was seen.

        Without a source, or for code without a `def`, the first line that was seen.
        """
        short = name.rpartition(".")[2]
        if short == "<module>":
            return 1
        if not short.isidentifier():
            return seen
        above = self.sources.source_lines(filename)[:seen]
        return next(
            (n for n in range(len(above), 0, -1) if short in above[n - 1] and _defines(above[n - 1], short)),
            seen,
        )

    def stacks(self) -> Table:
        """One row for each thread and stack, by own time."""
        ordered = sorted(self.spent.items(), key=lambda item: -item[1].wall_s)
        rows = [(tuple(map(self._label, stack)), thread, spent.wall_s) for (thread, stack), spent in ordered]
        return Table.of_rows(("stack", "thread", "self_s"), rows)

    def _label(self, frame: Frame) -> str:
        label = self._labels.get(frame)
        if label is None:
            label = self._labels[frame] = self._make_label(frame)
        return label

    def _make_label(self, frame: Frame) -> str:
        if not frame.filename:
            return frame.function
        line = self.sources.shown_line(frame.filename, frame.line)
        return f"{frame.function} ({self.sources.shown_file(frame.filename)}:{line})"


def _defines(line: str, name: str) -> bool:
    """Whether a line of source begins the definition of a function of this name."""
    if name not in line:
        return False
    words = line.replace("(", " ").replace("[", " ").replace(":", " ").split(None, 3)
    return words[:2] == ["def", name] or words[:3] == ["async", "def", name]
