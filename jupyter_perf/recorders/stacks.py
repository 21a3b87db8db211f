"""Stretches folded into one sum for each distinct stack, so that an hour takes no more room than a minute."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jupyter_perf.samplers import Frame, Stretch
from jupyter_perf.sources import Sources, is_own, is_recording

# Distinct stacks kept whole; beyond that, stacks are cut to the user's last three frames, and beyond twice
# as many to the last one, of which there are no more than lines of code.
STACKS_LIMIT = 20_000
# Idle times of the event loop kept apart; neighbours are merged beyond that.
IDLE_LIMIT = 100_000
SUSPENDED = Frame("(suspended)", "", 0)
_SHELL = os.path.join("IPython", "core", "")
_IMPORTER = "importlib._bootstrap"

Stack = tuple[Frame, ...]


@dataclass
class Spent:
    """Seconds in one stack: all, and the part off the processor."""

    wall_s: float = 0.0
    wait_s: float = 0.0


@dataclass(frozen=True)
class _Kind:
    """What a sampled stack comes to: the part that is shown (None for machinery), and whether it imports."""

    shown: Stack | None
    is_import: bool


@dataclass
class StackSums:
    """Sums by thread and stack.

    `idle` holds (start, seconds) of the cell's thread without code of the user's on it: the event loop, and
    IPython. `import_s` is the cell's thread's time in imports, `ran_by_native` its processor time by whether
    the innermost frame is native.
    """

    sources: Sources
    cell_thread: int
    ran_s: Callable[[Stretch], float | None]
    names: Mapping[int, str] = field(default_factory=dict)
    known_threads: frozenset[int] = frozenset()
    spent: dict[tuple[str, Stack], Spent] = field(default_factory=dict)
    ran_by_native: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    idle: list[tuple[float, float]] = field(default_factory=list)
    import_s: float = 0.0
    is_folded: bool = False
    _kinds: dict[Stack, _Kind] = field(default_factory=dict)

    def add(self, stretch: Stretch) -> None:
        """Count one stretch; `start_s` counts from the start of the run."""
        kind = self._kind(stretch.stack)
        in_cell = stretch.thread_ident == self.cell_thread and stretch.process == os.getpid()
        if in_cell:
            self.import_s += stretch.duration_s if kind.is_import else 0.0
        if kind.shown is not None:
            self._count(stretch, kind.shown, in_cell=in_cell)
        elif in_cell:
            self._add_idle(stretch)
        elif stretch.thread_ident not in self.known_threads and not is_ours(stretch.stack):
            self._count(stretch, stretch.stack, in_cell=False)

    def _count(self, stretch: Stretch, stack: Stack, *, in_cell: bool) -> None:
        ran_s = self.ran_s(stretch)
        wait_s = stretch.duration_s - ran_s if ran_s is not None else 0.0
        # Another thread that waits is not a cost: what it is waited for shows in the cell's thread.
        wall_s = stretch.duration_s if in_cell else stretch.duration_s - wait_s
        self.credit(self._label(stretch, in_cell=in_cell), stack, wall_s, wait_s if in_cell else 0.0)
        if in_cell and ran_s is not None:
            self.ran_by_native[stack[-1].native] += ran_s

    def credit(self, thread: str, stack: Stack, wall_s: float, wait_s: float) -> None:
        """Add seconds to a stack."""
        key = (thread, stack)
        if key not in self.spent and len(self.spent) >= STACKS_LIMIT:
            self.is_folded = True
            users = tuple(frame for frame in stack if self.sources.is_user(frame.filename))
            key = (thread, users[-3:] if len(self.spent) < 2 * STACKS_LIMIT else users[-1:])
        spent = self.spent.setdefault(key, Spent())
        spent.wall_s += wall_s
        spent.wait_s += wait_s

    def _label(self, stretch: Stretch, *, in_cell: bool) -> str:
        if in_cell:
            return "MainThread" if not stretch.thread else stretch.thread
        name = stretch.thread or self.names.get(stretch.thread_ident) or f"thread {stretch.thread_ident}"
        return name if stretch.process == os.getpid() else f"process {stretch.process}: {name}"

    def _add_idle(self, stretch: Stretch) -> None:
        if len(self.idle) >= IDLE_LIMIT:
            start_s, seconds = self.idle[-1]
            self.idle[-1] = (start_s, seconds + stretch.duration_s)
        else:
            self.idle.append((stretch.start_s, stretch.duration_s))

    def _kind(self, stack: Stack) -> _Kind:
        kind = self._kinds.get(stack)
        if kind is None:
            if len(self._kinds) >= STACKS_LIMIT:
                self._kinds.clear()
            kind = self._kinds[stack] = self._classify(stack)
        return kind

    def _classify(self, stack: Stack) -> _Kind:
        is_user = self.sources.is_user
        users = [at for at, frame in enumerate(stack) if is_user(frame.filename)]
        shells = [at for at, frame in enumerate(stack) if _SHELL in frame.filename]
        # Code that a magic runs, or a nested run_cell, begins below the shell's last frame.
        first = next((at for at in users if not shells or at > shells[-1]), users[0] if users else None)
        if first is None:
            return _Kind(None, False)
        below = stack[first:]
        # Behind the user's last frame, our own machinery: it does not run code of the user's then.
        if any(is_recording(frame.filename) for frame in stack[users[-1] + 1 :]):
            return _Kind(None, False)
        shown = tuple(frame for frame in below if not is_own(frame.filename))
        return _Kind(shown, any(_IMPORTER in frame.filename for frame in below))


def is_ours(stack: Stack) -> bool:
    """Whether this stack is one of our own threads'."""
    return any(is_own(frame.filename) for frame in stack)
