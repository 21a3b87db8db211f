"""`jupyter_perf.compare`: functions instead of the parts of a cell."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_perf.comparing.paragraph import Comparing, RefusedError, Settings, run_now
from jupyter_perf.comparing.rollback import Rollback, RollbackError, before_each
from jupyter_perf.equality import MODES
from jupyter_perf.model import Comparison
from jupyter_perf.session import make_context
from jupyter_perf.tracebacks import remove_own_frames


class FunctionPart:
    """A function without arguments; what it returns is its result."""

    has_result = True

    def __init__(self, name: str, function: Callable[[], Any]) -> None:
        self.name = name
        self.is_async = inspect.iscoroutinefunction(function)
        self._function = function

    def inputs(self) -> Mapping[str, Any]:
        """What it reads from outside: its closure's variables and globals that are no code."""
        try:
            read = inspect.getclosurevars(self._function)
        except (TypeError, ValueError):
            return {}
        values = {**read.globals, **read.nonlocals}
        is_code = {name for name, value in values.items() if callable(value) or inspect.ismodule(value)}
        return {name: value for name, value in values.items() if name not in is_code}

    def run(self) -> Any:
        """Call it; what it returns is awaitable where it is a coroutine function."""
        return self._function()

    def repeat(self, times: int) -> Any:
        """Call it so many times in a row."""
        if self.is_async:
            return self._repeat_async(times)
        function = self._function
        for _ in itertools.repeat(None, times):
            function()
        return None

    async def _repeat_async(self, times: int) -> None:
        function = self._function
        for _ in itertools.repeat(None, times):
            await function()


def compare(
    parts: Mapping[str, Callable[[], Any]],
    *,
    budget: float = 10.0,
    equal: str = "exact",
    setup_each: Callable[[], Any] | None = None,
    rollback: Any = None,
) -> Any:
    """Time functions in pairs, their results first; the first is what the others are compared with.

        jupyter_perf.compare({"before": f, "after": g}).assert_faster(by=1.2)

    `budget` is in seconds and bounds the whole. `equal` says when results are the same: exact, unordered,
    close or off. `setup_each` is called before each sample, outside the clock. `rollback` is a connection on
    which what each sample writes is rolled back. Gives the Comparison of the second function with the first;
    `last_report().comparisons` has those of all. Where one of them is a coroutine function, it gives an
    awaitable of that. Raises ValueError, in one sentence, for what cannot be compared, TypeError for what
    is no function, and whatever the functions raise.
    """
    problem = _problem(parts, budget, equal, setup_each)
    if problem is not None:
        raise problem
    try:
        undo = Rollback(rollback, "the connection") if rollback is not None else None
    except RollbackError as error:
        raise ValueError(str(error)) from None
    settings = Settings(
        budget_s=budget,
        equal=equal,
        prepare=before_each(setup_each, undo),
        prepare_is_async=inspect.iscoroutinefunction(setup_each),
        has_rollback=undo is not None,
    )
    comparing = Comparing([FunctionPart(*item) for item in parts.items()], settings, make_context)
    compared = _compared(comparing, undo)
    if comparing.is_async:
        return compared
    try:
        return run_now(compared)
    except BaseException as error:
        remove_own_frames(error)
        raise


async def _compared(comparing: Comparing, undo: Rollback | None) -> Comparison:
    try:
        report = await comparing.report()
    except (RefusedError, RollbackError) as error:
        raise ValueError(str(error)) from None
    except BaseException as error:
        remove_own_frames(error)
        raise
    finally:
        if undo is not None:
            undo.undo()
    if comparing.is_interrupted:
        raise KeyboardInterrupt
    return report.comparisons[0]


def _problem(
    parts: Mapping[str, Callable[[], Any]], budget: float, equal: str, setup_each: Callable[[], Any] | None
) -> Exception | None:
    are_named = isinstance(parts, Mapping) and all(isinstance(name, str) for name in parts)
    if not are_named or not all(callable(part) for part in parts.values()):
        return TypeError('compare() takes functions by name: {"before": f, "after": g}')
    if setup_each is not None and not callable(setup_each):
        return TypeError(f"setup_each is a function, not {setup_each!r}")
    if len(parts) < 2:
        return ValueError("compare() takes two functions or more, the first of which is the baseline")
    if not (isinstance(budget, (int, float)) and math.isfinite(budget) and budget > 0):
        return ValueError(f"budget is a number of seconds above 0, not {budget!r}")
    if equal not in MODES:
        return ValueError(f"equal is one of {', '.join(MODES)}, not {equal!r}")
    return None
