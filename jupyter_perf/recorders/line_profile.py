"""Counts and times of every line of the functions that the user names (`--lines`), by line_profiler.

line_profiler measures each line that it counts, at some tenths of a microsecond to a microsecond a line:
the times of many cheap lines are too long in proportion. From Python 3.12 on only the named functions are
watched, in every thread, and the rest of the cell runs at full speed. On 3.11 the whole cell is traced, and
calls on other threads are not seen.

What ran already when the cell began (a generator, a coroutine) keeps its old code and is not counted.
"""

from __future__ import annotations

import builtins
import dis
import functools
import inspect
import sys
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, ClassVar, NamedTuple

from jupyter_perf.context import Context, Options
from jupyter_perf.model import COLUMNS, Table
from jupyter_perf.recorders import Draft, Recorder, tool_ids
from jupyter_perf.sources import Sources


class Profiled(NamedTuple):
    """A FunctionType under the profiler: its name as the user gave it, and its own code."""

    name: str
    function: Any
    code: CodeType


class LineRecorder(Recorder):
    """line_profiler on the functions of `--lines`, from the start to the end of the cell."""

    order: ClassVar[int] = 92

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._profiler: Any = None
        self._tool: int | None = None
        self._tracer: Any = None
        self._profiled: list[Profiled] = []
        self._watched: list[CodeType] = []
        self._displaced = False

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """With `--lines`."""
        return bool(options.lines)

    def start(self) -> None:
        """Watch the functions.

        Raises ValueError for a name that is no function, RuntimeError where the thread is traced already;
        one sentence each.
        """
        namespace = self.context.namespace
        for name in self.context.options.lines:
            problem = unknown_function(name, namespace)
            if problem is not None:
                raise ValueError(problem)
        if sys.version_info >= (3, 12):
            self._tool = tool_ids.claim("jupyter_perf --lines")
        elif sys.gettrace() is not None:
            raise RuntimeError("a debugger or a coverage tool traces this thread, and Python 3.11 allows one")
        try:
            self._profiler = _make_profiler(self._tool)
            self._add(namespace)
            self._enable()
        except BaseException:
            self._restore()
            raise

    def stop(self) -> None:
        """Stop watching, and give the functions their own code back."""
        theirs = sys.gettrace()
        self._displaced = self._tool is None and theirs is not self._tracer
        if self._tool is not None and sys.version_info >= (3, 12):
            for code in self._watched:
                sys.monitoring.set_local_events(self._tool, code, 0)
        self._profiler.disable_by_count()
        if self._displaced:
            sys.settrace(theirs)
        self._restore()

    def collect(self, draft: Draft) -> None:
        """`profiled_lines`: every line of the functions, in the order in which they were named."""
        if self._displaced:
            self.context.note(
                "Lines were not counted: the cell set a trace function of its own, and on Python 3.11 a "
                "thread can have one at a time."
            )
            return
        stats = self._profiler.get_stats()
        rows: list[tuple[object, ...]] = []
        for profiled in self._profiled:
            code = profiled.code
            timings = stats.timings.get((code.co_filename, code.co_firstlineno, code.co_qualname), [])
            measured = {line: (hits, ticks * stats.unit) for line, hits, ticks in timings}
            if not measured:
                self._note_uncounted(profiled)
            rows += _rows(profiled, measured, self.context.sources)
        draft.tables["profiled_lines"] = Table.of_rows(list(COLUMNS["profiled_lines"]), rows)

    def _add(self, namespace: Mapping[str, Any]) -> None:
        for name in dict.fromkeys(self.context.options.lines):
            function = find_function(name, namespace)
            if function is None or any(function is other.function for other in self._profiled):
                continue
            self._profiled.append(Profiled(name, function, function.__code__))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                self._profiler.add_function(function)
            self._watched.append(function.__code__)

    def _enable(self) -> None:
        self._profiler.enable_by_count()
        self._tracer = sys.gettrace()
        if self._tool is not None and sys.version_info >= (3, 12):
            events = sys.monitoring.events
            # Exceptions cannot be watched by function; they are rare.
            sys.monitoring.set_events(self._tool, events.RAISE | events.RERAISE)
            for code in self._watched:
                watched = events.LINE | events.PY_RETURN | events.PY_YIELD
                sys.monitoring.set_local_events(self._tool, code, watched)

    def _restore(self) -> None:
        """The functions' own code, except where something else (autoreload) has changed it since."""
        for profiled, watched in zip(self._profiled, self._watched, strict=False):
            if profiled.function.__code__ is watched:
                profiled.function.__code__ = profiled.code
        if self._tool is not None and sys.version_info >= (3, 12):
            sys.monitoring.free_tool_id(self._tool)

    def _note_uncounted(self, profiled: Profiled) -> None:
        now = find_function(profiled.name, self.context.namespace)
        if not _executable_lines(profiled.code):
            reason = "its body is on the line of its `def`, where Python 3.12 and later report no lines."
        elif now is not None and now is not profiled.function:
            reason = "the cell defined it anew, and the lines of the earlier function were counted."
        else:
            reason = "the cell did not call it."
        self.context.note(f"--lines {profiled.name}: {reason}")


def unknown_function(name: str, namespace: Mapping[str, Any]) -> str | None:
    """Why the lines of what this name stands for cannot be measured, in one sentence, or None."""
    try:
        value = _look_up(name, namespace)
    except (KeyError, AttributeError):
        return f"there is no function {name!r}; define or import it in a cell before this one"
    if _python_function(value) is not None:
        return None
    if isinstance(value, type):
        return f"{name!r} is a class; name one of its methods, as {name}.method"
    if isinstance(value, ModuleType):
        return f"{name!r} is a module; name one of its functions, as {name}.function"
    if isinstance(value, BuiltinFunctionType) or inspect.isroutine(value):
        return f"{name!r} is not written in Python, so it has no lines to measure"
    return f"{name!r} is not a function but a value of type {type(value).__name__}"


def find_function(name: str, namespace: Mapping[str, Any]) -> FunctionType | None:
    """The function in Python behind a name such as `f`, `module.f` or `Class.method`; None where none is."""
    try:
        return _python_function(_look_up(name, namespace))
    except (KeyError, AttributeError):
        return None


def _look_up(name: str, namespace: Mapping[str, Any]) -> Any:
    first, *rest = name.split(".")
    value = namespace[first] if first in namespace else vars(builtins)[first]
    for index, part in enumerate(rest):
        if index == len(rest) - 1:
            try:
                # As it is in the class: a property is not asked for its value.
                return inspect.getattr_static(value, part)
            except AttributeError:
                pass
        value = getattr(value, part)
    return value


def _python_function(value: Any) -> FunctionType | None:
    """The innermost function in Python under decorators, `partial`, properties and bound methods."""
    found = None
    for _ in range(100):
        if isinstance(value, FunctionType):
            found = value
        inner = _inside(value)
        if inner is None:
            break
        value = inner
    return found


def _inside(value: Any) -> Any:
    if isinstance(value, (staticmethod, classmethod, MethodType)):
        return value.__func__
    if isinstance(value, property):
        return value.fget
    if isinstance(value, (functools.partial, functools.partialmethod, functools.cached_property)):
        return value.func
    return getattr(value, "__wrapped__", None) if callable(value) else None


def _make_profiler(tool: int | None) -> Any:
    """A line_profiler of a class of its own, which shares nothing with the user's profilers.

    Neither the monitoring id that cProfile needs, nor line_profiler's lists of threads and of known code.
    """
    from line_profiler import LineProfiler

    attributes: dict[str, Any] = {"_managers": {}, "_all_paddings": {}}
    if tool is not None:
        attributes["tool_id"] = tool
    return type("LineProfiler", (LineProfiler,), attributes)()


def _rows(
    profiled: Profiled, measured: Mapping[int, tuple[int, float]], sources: Sources
) -> Iterator[tuple[object, ...]]:
    """A row for each line of the function; a line that holds no statement has no numbers."""
    code = profiled.code
    executable = _executable_lines(code)
    file = sources.shown_file(code.co_filename)
    for line in _line_numbers(code, sources):
        hits: int | None = None
        total_s: float | None = None
        if line in measured:
            hits, total_s = measured[line]
        elif line in executable:
            hits, total_s = 0, 0.0
        mean_s = total_s / hits if hits and total_s is not None else None
        shown = sources.shown_line(code.co_filename, line)
        source = sources.source_line(code.co_filename, line)
        yield profiled.name, file, shown, source, hits, total_s, mean_s


def _executable_lines(code: CodeType) -> set[int]:
    """The lines of the function's body that hold instructions and can be counted.

    The line of its `def` counts where it holds the whole body, but not from Python 3.12 on, which
    reports no line event there.
    """
    instructions = list(dis.get_instructions(code))
    names = [instruction.opname for instruction in instructions]
    begin = names.index("RESUME")
    header = instructions[begin].positions
    body = {each.positions.lineno for each in instructions[begin + 1 :] if each.positions is not None}
    lines = {line for line in body if line is not None}
    below = lines - {header.lineno if header is not None else None}
    return below if below or sys.version_info >= (3, 12) else lines


def _line_numbers(code: CodeType, sources: Sources) -> range:
    """The function's lines, from its first decorator to its end."""
    first = code.co_firstlineno
    texts: list[str] = []
    while (text := sources.source_line(code.co_filename, first + len(texts))) is not None:
        texts.append(f"{text}\n")
    try:
        return range(first, first + len(inspect.getblock(texts)))
    except (SyntaxError, tokenize.TokenError):
        return range(first, max(_executable_lines(code), default=first) + 1)
