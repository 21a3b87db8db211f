"""Suspensions seen through `sys.monitoring` (PEP 669), from Python 3.12 on.

A coroutine that suspends its task runs a yield instruction in every frame of the chain, innermost
first, and each of them runs its resume instruction, outermost first, when the task goes on. Events of
library code and of plain generators are disabled one instruction at a time, at their first occurrence,
so that code that never awaits pays for that one occurrence.
"""

from __future__ import annotations

import sys
import weakref
from asyncio import AbstractEventLoop, Task, all_tasks, current_task
from collections.abc import Callable
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from types import CodeType
from typing import Any

from jupyter_perf.recorders import tool_ids
from jupyter_perf.recorders.suspensions import Group, Ledger, Waiter

# Absent before Python 3.12, where this module is imported but not used.
_monitoring: Any = getattr(sys, "monitoring", None)

_AWAITING = CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR
# What `yield value` of an asynchronous generator hands over: no suspension (Objects/genobject.c).
_ASYNC_YIELD = "async_generator_wrapped_value"


class MonitoredTask(Waiter):
    """A task that was suspended at least once; `reference` does not keep it alive.

    `thrown_s` is when an exception was thrown into a library frame of the suspended task: the library
    may go on waiting, or return to the user's code.
    """

    __slots__ = ("group", "reference", "thrown_s")

    def __init__(self, group: Group, reference: weakref.ref[Task[Any]], *, is_cell: bool) -> None:
        super().__init__(is_cell=is_cell)
        self.group = group
        self.reference = reference
        self.thrown_s: float | None = None


class MonitoredSuspensions:
    """Tells a ledger of suspensions for as long as it is started.

    Tasks of `loop` that were there before are left out, the cell's own (`cell_task`) apart.
    """

    def __init__(self, ledger: Ledger, loop: AbstractEventLoop | None, cell_task: Task[Any] | None) -> None:
        self._ledger = ledger
        self._user_files = ledger.user_files
        self._loop = loop
        self._cell_task = cell_task
        self._tool_id: int | None = None
        self._tasks: dict[int, MonitoredTask | None] = {}
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._earlier: list[weakref.ref[Task[Any]]] = []

    def start(self) -> None:
        """Switch the events on; raises RuntimeError where every free tool id is taken."""
        self._tool_id = tool_ids.claim("jupyter_perf awaits")
        for task in all_tasks(self._loop) if self._loop is not None else ():
            if task is not self._cell_task:
                self._earlier.append(weakref.ref(task, self._forgetting(id(task))))
                self._tasks[id(task)] = None
        self._callbacks = self._make_callbacks()
        if all(_monitoring.get_tool(i) is None for i in range(6) if i != self._tool_id):
            # What an earlier holder of this id disabled is on again; with other tools about, theirs would be.
            _monitoring.restart_events()
        for event, callback in self._callbacks.items():
            _monitoring.register_callback(self._tool_id, event, callback)
        _monitoring.set_events(self._tool_id, sum(self._callbacks))

    def stop(self) -> None:
        """Switch the events off, give the tool id back, and end what is still suspended."""
        now_s = self._ledger.clock()
        if self._tool_id is None:
            return
        _monitoring.set_events(self._tool_id, 0)
        for event in self._callbacks:
            _monitoring.register_callback(self._tool_id, event, None)
        _monitoring.free_tool_id(self._tool_id)
        for waiter in list(self._tasks.values()):
            if waiter is not None:
                self._ledger.end(waiter, now_s)
        self._tasks.clear()
        self._earlier.clear()
        self._callbacks.clear()

    def _make_callbacks(self) -> dict[int, Callable[..., Any]]:
        events = _monitoring.events
        return {
            events.PY_YIELD: self._yield_callback(),
            events.PY_RESUME: self._resume_callback(),
            events.PY_THROW: self._on_throw,
        }

    # The next two run at every suspension. They keep what they need in local names, and write out what
    # `Ledger.end` does for other tasks than the cell's: that takes a fifth off their time.

    def _yield_callback(self) -> Callable[[CodeType, int, object], object]:
        ledger, clock, user_files = self._ledger, self._ledger.clock, self._ledger.user_files
        tasks, is_awaiting, disable = self._tasks, self._is_awaiting, _monitoring.DISABLE

        def on_yield(code: CodeType, offset: int, value: object) -> object:
            try:
                waiter = tasks[id(current_task())]
            except (KeyError, RuntimeError):
                waiter = self._meet_task() if is_awaiting(code) else None
            if waiter is None:
                return None if is_awaiting(code) else disable
            if waiter.site is not None:
                # An outer frame of the chain, as a rule: the innermost has begun the suspension.
                if not user_files[code.co_filename]:
                    return disable
                if waiter.thrown_s is None:
                    return None
                self._end_where_thrown(waiter)
            try:
                site = waiter.group.sites[id(code) + offset]
            except KeyError:
                if not is_awaiting(code) or type(value).__name__ == _ASYNC_YIELD:
                    return disable
                site = ledger.add_site(waiter.group, code, offset)
            if not waiter.is_cell:
                ledger.waiting = waiting = ledger.waiting + 1
                if waiting > ledger.most_waiting:
                    ledger.most_waiting = waiting
            waiter.site = site
            waiter.since_s = clock()
            return None

        return on_yield

    def _resume_callback(self) -> Callable[[CodeType, int], object]:
        ledger, clock, user_files = self._ledger, self._ledger.clock, self._ledger.user_files
        tasks, is_awaiting, disable = self._tasks, self._is_awaiting, _monitoring.DISABLE

        def on_resume(code: CodeType, _offset: int) -> object:
            try:
                waiter = tasks[id(current_task())]
            except (KeyError, RuntimeError):
                waiter = None
            site = waiter.site if waiter is not None else None
            if waiter is None or site is None:
                return None if user_files[code.co_filename] and code.co_flags & _AWAITING else disable
            waiter.thrown_s = None
            if waiter.is_cell:
                ledger.end(waiter, clock())
            else:
                waited_s = clock() - waiter.since_s
                waiter.site = None
                site.calls += 1
                site.wait_s += waited_s
                if waited_s > site.max_s:
                    site.max_s = waited_s
                ledger.waiting -= 1
            return None if site.code is code or is_awaiting(code) else disable

        return on_resume

    def _on_throw(self, code: CodeType, _offset: int, _error: BaseException) -> None:
        now_s = self._ledger.clock()
        try:
            waiter = self._tasks[id(current_task())]
        except (KeyError, RuntimeError):
            return
        if waiter is None or waiter.site is None:
            return
        if self._is_awaiting(code):
            waiter.thrown_s = None
            self._ledger.end(waiter, now_s)
        elif waiter.thrown_s is None:
            waiter.thrown_s = now_s

    def _end_where_thrown(self, waiter: MonitoredTask) -> None:
        """End a suspension from which a library, catching what was thrown, returned to the user's code."""
        if waiter.thrown_s is not None:
            self._ledger.end(waiter, waiter.thrown_s)
            waiter.thrown_s = None

    def _is_awaiting(self, code: CodeType) -> bool:
        return self._user_files[code.co_filename] and code.co_flags & _AWAITING != 0

    def _meet_task(self) -> MonitoredTask | None:
        """The running task on its first suspension; None outside asyncio."""
        try:
            task = current_task()
        except RuntimeError:
            return None
        if task is None:
            return None
        reference = weakref.ref(task, self._forgetting(id(task)))
        waiter = MonitoredTask(self._ledger.group_of(task), reference, is_cell=task is self._cell_task)
        self._tasks[id(task)] = waiter
        return waiter

    def _forgetting(self, key: int) -> Callable[[object], None]:
        """What to do when the task of this id is gone: its id may be another's next."""

        def forget(_reference: object) -> None:
            waiter = self._tasks.pop(key, None)
            if waiter is not None:
                self._ledger.end(waiter, self._ledger.clock())

        return forget
