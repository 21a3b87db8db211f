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
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_perf.recorders.suspensions import Group, Ledger, Waiter

_ABSENT = object()


class TimedCoroutine(Waiter):
    """A coroutine, and the time between its steps; whoever looks at it sees the coroutine.

    asyncio and `await` drive it through `__next__` and `throw`. Its own frame is taken out of the
    tracebacks that pass through. Once let go, it only hands on.
    """

    __slots__ = ("__weakref__", "_coroutine", "_group", "_ledger", "_send")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], ledger: Ledger, *, is_cell: bool) -> None:
        super().__init__(is_cell=is_cell)
        self._group: Group | None = None
        self._coroutine: Any = coroutine
        self._send = coroutine.send
        self._ledger: Ledger | None = ledger

    def send(self, value: Any = None) -> Any:
        """One step of the coroutine; raises what the coroutine raises, StopIteration at its end."""
        ledger = self._ledger
        if self.site is not None and ledger is not None:
            ledger.end(self, ledger.clock())
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
        if ledger is not None:
            ledger.end(self, ledger.clock())
        self._ledger = self._group = None

    def _suspend(self, ledger: Ledger) -> None:
        """Begin a suspension at the innermost line of the user's in the chain of what is awaited."""
        user_files = ledger.user_files
        found: CodeType | None = None
        inner = self._coroutine
        while inner is not None:
            if type(inner) is CoroutineType:
                code = inner.cr_code
                if user_files[code.co_filename]:
                    found, frame = code, inner.cr_frame
                inner = inner.cr_await
            else:
                user_code, user_frame, inner = _look_into(inner)
                if user_code is not None and user_files[user_code.co_filename]:
                    found, frame = user_code, user_frame
        group = self._group or self._join_group(ledger)
        if found is None or frame is None or group is None:
            return
        offset = frame.f_lasti
        ledger.begin(self, group.sites.get((id(found), offset)) or ledger.add_site(group, found, offset))

    def _join_group(self, ledger: Ledger) -> Group | None:
        task = _running_task()
        self._group = ledger.group_of(task) if task is not None else None
        return self._group

    def __await__(self) -> Iterator[Any]:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._coroutine, name)

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


def _look_into(awaited: Any) -> tuple[CodeType | None, FrameType | None, Any]:
    """Code and frame of what is awaited, where it has any that awaits, and what it awaits in turn.

    The objects between a coroutine and an asynchronous generator, or around a coroutine's `__await__`,
    show what they hold to the garbage collector alone.
    """
    if isinstance(awaited, GeneratorType):
        code: CodeType | None = awaited.gi_code
        is_coroutine = awaited.gi_code.co_flags & CO_ITERABLE_COROUTINE
        return (code if is_coroutine else None), awaited.gi_frame, awaited.gi_yieldfrom
    if isinstance(awaited, AsyncGeneratorType):
        return awaited.ag_code, awaited.ag_frame, awaited.ag_await
    if isinstance(awaited, CoroutineType):
        return awaited.cr_code, awaited.cr_frame, awaited.cr_await
    if type(awaited).__module__ != "builtins":
        return None, None, None
    held = (CoroutineType, GeneratorType, AsyncGeneratorType)
    return None, None, next((one for one in gc.get_referents(awaited) if isinstance(one, held)), None)


def _running_task() -> Task[Any] | None:
    try:
        return current_task()
    except RuntimeError:
        return None


def _hide_frame(error: BaseException) -> None:
    """Take the handling frame, the outermost, out of an exception's traceback."""
    trace = error.__traceback__
    error.__traceback__ = trace.tb_next if trace is not None else None
