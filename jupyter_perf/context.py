"""The live objects of one recording, and what was asked for.

The host makes one Context and hands it to recorders; nothing else sees live objects, and nothing of
them is kept in a Run.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_perf.sources import Sources


@dataclass(frozen=True)
class Options:
    """What a recording was asked to do; the defaults are those of `%config JupyterPerf`."""

    label: str | None = None
    name: str | None = None
    top: int = 20
    exact: bool = False
    snakeviz: bool = False
    lines: tuple[str, ...] = ()
    memory: bool = False
    native: bool = False
    subprocesses: bool = False
    engine: str | None = None
    sql: bool = True
    params: bool = False
    dump: str | None = None
    quiet: bool = False


@dataclass
class Context:
    """What one recording may touch.

    `namespace` is the user's; `task` is the asyncio task that runs the cell, where there is one, and
    `is_async` says whether the cell itself awaits. `clock` gives seconds; every time in a Run counts
    from `origin_s` on that clock. `ended_s` is when the user's code came to its end, once it has. `late_s`
    is how much later than asked the watch thread last woke. `counters` tell how far the run has come,
    while it runs: `statements`, `rss_bytes`.
    """

    options: Options = field(default_factory=Options)
    namespace: dict[str, Any] = field(default_factory=dict)
    sources: Sources = field(default_factory=Sources)
    thread_ident: int = field(default_factory=threading.get_ident)
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[Any] | None = None
    is_async: bool = False
    shell: Any = None
    cell_id: str | None = None
    notebook: str | None = None
    clock: Callable[[], float] = time.perf_counter
    origin_s: float = 0.0
    ended_s: float | None = None
    late_s: float = 0.0
    timed: Callable[[Any], Any] = lambda statement: statement
    notes: list[str] = field(default_factory=list)
    counters: dict[str, Callable[[], int]] = field(default_factory=dict)
    begin_callbacks: list[Callable[[], None]] = field(default_factory=list)
    tick_callbacks: list[Callable[[float], None]] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Say something in the report, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def now_s(self) -> float:
        """Seconds since the recording began."""
        return self.clock() - self.origin_s

    def at_begin(self, callback: Callable[[], None]) -> None:
        """Have `callback()` called when every recorder has started, right before the user's code begins."""
        self.begin_callbacks.append(callback)

    def every_tick(self, callback: Callable[[float], None]) -> None:
        """Have `callback(now_s)` called on the watch thread, five to fifty times a second.

        It must take microseconds, and must not raise.
        """
        self.tick_callbacks.append(callback)
