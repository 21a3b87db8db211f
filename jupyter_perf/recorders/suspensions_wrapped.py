"""Suspensions seen by wrapping coroutines, on Python 3.11.

A task factory gives each new task a thin object around its coroutine, which times the gaps between the
task's steps and, at the end of a step, walks along what is awaited to the innermost line of the user's.
The cell's own task exists before the recording: there IPython's `run_code`, which awaits the cell's
code one statement at a time, hands out such an object instead.
"""

from __future__ import annotations

import gc
from asyncio import AbstractEventLoop, Task, all_tasks, current_task, get_event_loop_policy
from collections.abc import Callable, Coroutine, Iterator
from inspect import CO_ITERABLE_COROUTINE
from types import AsyncGeneratorType, CodeType, CoroutineType, GeneratorType
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_perf.recorders.suspensions import Group, Ledger, Waiter

_ABSENT = object()


class TimedCoroutine(Waiter):
    """A coroutine, and the time between its steps; whoever looks at it sees the coroutine.

    asyncio and `await` drive it through `__next__` and `throw`. Its own frame is taken out of the
    tracebacks that pass through. Once let go, it only hands on.
    """

    # With a `__getattr__` in place of the properties below, each `self._...` would take four times as long.
    __slots__ = (
        "__name__",
        "__qualname__",
        "__weakref__",
        "_coroutine",
        "_group",
        "_inner",
        "_ledger",
        "_send",
    )

    def __init__(self, coroutine: CoroutineType[Any, Any, Any], ledger: Ledger, *, is_cell: bool) -> None:
        super().__init__(is_cell=is_cell)
        self._group: Group | None = None
        self.__name__ = coroutine.__name__
        self.__qualname__ = coroutine.__qualname__
        self._coroutine = coroutine
        self._inner = coroutine
        self._send = coroutine.send
        self._ledger: Ledger | None = ledger

    def send(self, value: Any = None) -> Any:
        """One step of the coroutine; raises what the coroutine raises, StopIteration at its end.

        It runs at every suspension, and so writes out what `Ledger.end` does for other tasks than the cell's.
        """
        ledger = self._ledger
        site = self.site
        if site is not None and ledger is not None:
            if self.is_cell:
                ledger.end(self, ledger.clock())
            else:
                waited_s = ledger.clock() - self.since_s
                self.site = None
                site.calls += 1
                site.wait_s += waited_s
                if waited_s > site.max_s:
                    site.max_s = waited_s
                ledger.waiting -= 1
        try:
            result = self._send(value)
        except BaseException as error:
            _hide_frame(error)
            raise
        if ledger is not None:
            self._suspend(ledger)
        return result

    __next__ = send

    def throw(self, *exception: Any) -> Any:
        """One step that begins with an exception at the place of suspension; raises as `send` does."""
        ledger = self._ledger
        if self.site is not None and ledger is not None:
            ledger.end(self, ledger.clock())
        try:
            result = self._coroutine.throw(*exception)
        except BaseException as error:
            _hide_frame(error)
            raise
        if ledger is not None:
            self._suspend(ledger)
        return result

    def close(self) -> None:
        """End the coroutine; raises what it raises."""
        self.let_go()
        try:
            self._coroutine.close()
        except BaseException as error:
            _hide_frame(error)
            raise

    def let_go(self) -> None:
        """End an open suspension now, and time no more."""
        ledger = self._ledger
        if self.site is not None and ledger is not None:
            ledger.end(self, ledger.clock())
        self._ledger = self._group = None

    def __del__(self) -> None:
        self.let_go()

    def _suspend(self, ledger: Ledger) -> None:
        """Begin a suspension at the innermost line of the user's in the chain of what is awaited.

        The way down begins at the user's innermost coroutine of the last time: unless it has ended since,
        it is awaited still.
        """
        user_files = ledger.user_files
        found: CodeType | None = None
        inner: Any = self._inner
        if inner.cr_frame is None:
            inner = self._coroutine
        while inner is not None:
            kind = type(inner)
            if kind is CoroutineType:
                code = inner.cr_code
                if user_files[code.co_filename]:
                    found, frame = code, inner.cr_frame
                    self._inner = inner
                inner = inner.cr_await
            elif kind is GeneratorType:
                code = inner.gi_code
                if user_files[code.co_filename] and code.co_flags & CO_ITERABLE_COROUTINE:
                    found, frame = code, inner.gi_frame
                inner = inner.gi_yieldfrom
            elif kind is AsyncGeneratorType:
                code = inner.ag_code
                if user_files[code.co_filename]:
                    found, frame = code, inner.ag_frame
                inner = inner.ag_await
            else:
                inner = _held_by(inner) if kind.__module__ == "builtins" else None
        if found is None or frame is None:
            return
        group = self._group or self._join_group(ledger)
        if group is None:
            return
        try:
            site = group.sites[id(found) + frame.f_lasti]
        except KeyError:
            site = ledger.add_site(group, found, frame.f_lasti)
        if not self.is_cell:
            ledger.waiting = waiting = ledger.waiting + 1
            if waiting > ledger.most_waiting:
                ledger.most_waiting = waiting
        self.site = site
        self.since_s = ledger.clock()

    def _join_group(self, ledger: Ledger) -> Group | None:
        task = _running_task()
        self._group = ledger.group_of(task) if task is not None else None
        return self._group

    def __await__(self) -> Iterator[Any]:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    cr_await = property(lambda self: self._coroutine.cr_await)
    cr_code = property(lambda self: self._coroutine.cr_code)
    cr_frame = property(lambda self: self._coroutine.cr_frame)
    cr_origin = property(lambda self: self._coroutine.cr_origin)
    cr_running = property(lambda self: self._coroutine.cr_running)
    cr_suspended = property(lambda self: self._coroutine.cr_suspended)

    def __repr__(self) -> str:
        return repr(self._coroutine)

    # `isinstance`, and with it `inspect.iscoroutine`, ask an object for its class.
    __class__ = property(lambda _self: CoroutineType)


class TimingFactory:
    """A loop's task factory that hands timed coroutines to the factory that was there before."""

    def __init__(self, loop: AbstractEventLoop, ledger: Ledger) -> None:
        self._previous = loop.get_task_factory()
        self._ledger: Ledger | None = ledger
        loop.set_task_factory(self)

    def __call__(self, loop: AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
        """A new task of the loop's."""
        if self._ledger is not None and type(coroutine) is CoroutineType:
            coroutine = TimedCoroutine(coroutine, self._ledger, is_cell=False)
        if self._previous is not None:
            return self._previous(loop, coroutine, **options)
        task: Task[Any] = Task(coroutine, loop=loop, **options)
        trace = getattr(task, "_source_traceback", None)
        if trace:
            # In debug mode a task remembers who made it: asyncio leaves its own frame out, and so do we ours.
            del trace[-2:]
        return task

    def remove(self, loop: AbstractEventLoop) -> None:
        """Put the former factory back, unless the user has set another; tasks go on as they are."""
        if loop.get_task_factory() is self:
            loop.set_task_factory(self._previous)
        for task in all_tasks(loop):
            coroutine: Any = task.get_coro()
            if type(coroutine) is TimedCoroutine:
                coroutine.let_go()
        self._ledger = None


class Replacement:
    """An attribute set on one object, and put back to what the object had itself, or had not."""

    def __init__(self, owner: Any, name: str, value: Any) -> None:
        self._owner, self._name, self._value = owner, name, value
        self._previous = vars(owner).get(name, _ABSENT)
        setattr(owner, name, value)

    def remove(self) -> None:
        """Put it back, unless somebody has set another meanwhile."""
        if vars(self._owner).get(self._name) is not self._value:
            return
        if self._previous is _ABSENT:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._previous)


class WrappedSuspensions:
    """Tells a ledger of suspensions for as long as it is started.

    `loop` and the loops made meanwhile get a task factory; `shell` is IPython's, where it runs the cell
    in `cell_task`. `saw_cell` says whether it did: code of that task which ran before cannot be timed.
    """

    def __init__(
        self, ledger: Ledger, loop: AbstractEventLoop | None, cell_task: Task[Any] | None, shell: Any
    ) -> None:
        self._ledger = ledger
        self._loop = loop
        self._cell_task = cell_task
        self._shell = shell
        self._factories: WeakKeyDictionary[AbstractEventLoop, TimingFactory] = WeakKeyDictionary()
        self._replacements: list[Replacement] = []
        self.saw_cell = False

    def start(self) -> None:
        """Set factories and replacements."""
        if self._loop is not None:
            self._watch(self._loop)
        policy = get_event_loop_policy()
        self._replacements.append(
            Replacement(policy, "new_event_loop", self._loop_maker(policy.new_event_loop))
        )
        if self._shell is not None:
            runner = self._statement_runner(self._shell.run_code)
            self._replacements.append(Replacement(self._shell, "run_code", runner))

    def stop(self) -> None:
        """Put everything back, and end what is still suspended."""
        for replacement in reversed(self._replacements):
            replacement.remove()
        for loop, factory in list(self._factories.items()):
            factory.remove(loop)
        self._replacements.clear()
        self._factories.clear()

    def timed(self, statement: CoroutineType[Any, Any, Any]) -> TimedCoroutine:
        """A coroutine of the cell's task that the host is about to await."""
        self.saw_cell = True
        return TimedCoroutine(statement, self._ledger, is_cell=True)

    def _watch(self, loop: AbstractEventLoop) -> None:
        self._factories[loop] = TimingFactory(loop, self._ledger)

    def _loop_maker(self, original: Callable[[], AbstractEventLoop]) -> Callable[[], AbstractEventLoop]:
        def new_event_loop() -> AbstractEventLoop:
            loop = original()
            self._watch(loop)
            return loop

        return new_event_loop

    def _statement_runner(self, original: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        def run_code(code: CodeType, result: Any = None, *, async_: bool = False) -> Any:
            self.saw_cell = True
            statement = original(code, result, async_=async_)
            if not async_ or type(statement) is not CoroutineType or _running_task() is not self._cell_task:
                return statement
            return TimedCoroutine(statement, self._ledger, is_cell=True)

        return run_code


def _held_by(awaited: object) -> Any:
    """The coroutine or generator inside one of the interpreter's own objects that can be awaited.

    They stand before an asynchronous generator, or for a coroutine's `__await__`, and show what they
    hold to the garbage collector alone.
    """
    kinds = (CoroutineType, GeneratorType, AsyncGeneratorType)
    return next((held for held in gc.get_referents(awaited) if isinstance(held, kinds)), None)


def _running_task() -> Task[Any] | None:
    try:
        return current_task()
    except RuntimeError:
        return None


def _hide_frame(error: BaseException) -> None:
    """Take the handling frame, the outermost, out of an exception's traceback."""
    trace = error.__traceback__
    error.__traceback__ = trace.tb_next if trace is not None else None
