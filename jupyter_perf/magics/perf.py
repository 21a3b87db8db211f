"""`%%perf` and `%perf`."""

from __future__ import annotations

import ast
import dis
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from jupyter_perf.context import Options
from jupyter_perf.magics.arguments import PARSER, check, parse, parse_statement
from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.magics.compiling import compiled
from jupyter_perf.magics.host import CellHost
from jupyter_perf.magics.progress import Progress
from jupyter_perf.session import AlreadyRecordingError, Recording, partial_of


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: the file and line it counts as, and the names that it sees."""

    filename: str
    line: int
    outer: dict[str, Any]
    inner: Mapping[str, Any]
    function: CodeType | None = None


@magics_class
class PerfMagics(HostedMagics):
    """Profiles a cell or a statement.

    A cell that begins with `%%perf` never reaches these functions: the host has made that line a comment.
    They see what is left: `%perf`, refused options, and `run_cell_magic`.
    """

    @no_var_expand
    @line_cell_magic
    def perf(self, line: str, cell: str | None = None) -> Any:
        """Profile a cell (%%perf) or a statement (%perf): where time, memory, SQL and waiting went."""
        __tracebackhide__ = True
        config = self.host.config
        if cell is None:
            options, code = parse_statement(line, config)
        else:
            options, code = parse(line, config), cell
        check(options, self.shell.user_ns)
        if not code.strip():
            raise UsageError("%perf needs a statement, and %%perf a cell below it")
        place = self._place() if cell is None else None
        steps = self._steps(code, place)
        is_async = any(step.co_flags & inspect.CO_COROUTINE for step in steps)
        if is_async and place is None:
            raise UsageError(
                "await is not to be had here, where the magic is called by other code: "
                "put %%perf first in a cell of its own"
            )
        place = place or _Place("", 1, self.shell.user_global_ns, self.shell.user_ns)
        recorded = _Recorded(self.host, options, code, cell, is_async=is_async)
        if is_async:
            return _run_async(steps, place, recorded)
        with recorded:
            return _run(steps, place)

    def _steps(self, code: str, place: _Place | None) -> list[CodeType]:
        """The code compiled; a mistake in it is told in one sentence."""
        shell = self.shell
        transformed = shell.transform_cell(code)
        if place is None:
            name, line = shell.compile.cache(transformed, self.host.book.number, raw_code=code), 1
        else:
            name, line = place.filename, place.line
        try:
            tree = shell.compile.ast_parse(transformed, name)
            tree = shell.transform_ast(ast.increment_lineno(tree, line - 1))
            value = not DisplayHook.semicolon_at_end_of_expression(code)
            steps = compiled(shell, tree, name, with_value=value)
        except SyntaxError as error:
            where = f" in line {error.lineno}" if place is None else ""
            raise UsageError(f"this is not Python{where}: {error.msg}") from None
        if place is not None and place.function is not None:
            _refuse_lost_names(steps, place.function)
        return steps

    def _place(self) -> _Place:
        """Where the code that called the magic stands."""
        frame = inspect.currentframe()
        while frame is not None and not self._is_users(frame):
            frame = frame.f_back
        if frame is None:
            names = self.shell.user_ns
            return _Place("<statement>", 1, self.shell.user_global_ns, names)
        code, names = frame.f_code, frame.f_locals
        if code.co_flags & inspect.CO_OPTIMIZED:
            # Nested scopes of the statement look into globals only.
            merged = {**frame.f_globals, **names}
            return _Place(code.co_filename, frame.f_lineno, merged, merged, code)
        return _Place(code.co_filename, frame.f_lineno, frame.f_globals, names)

    def _is_users(self, frame: FrameType) -> bool:
        module = str(frame.f_globals.get("__name__", "")).split(".")[0]
        return frame.f_globals is self.shell.user_ns or module not in ("IPython", "jupyter_perf", "decorator")


def _refuse_lost_names(steps: list[CodeType], function: CodeType) -> None:
    """Raise UsageError where the function would miss a name that the statement assigns."""
    known = {*function.co_names, *function.co_varnames, *function.co_cellvars, *function.co_freevars}
    for step in steps:
        for instruction in dis.get_instructions(step):
            if instruction.opname == "STORE_NAME" and instruction.argval in known:
                name = instruction.argval
                raise UsageError(
                    f"in a function, %perf cannot assign {name}, which the function uses: "
                    f"write {name} = %perf followed by the expression"
                )


def _run(steps: list[CodeType], place: _Place) -> Any:
    __tracebackhide__ = True
    value = None
    for step in steps:
        value = eval(step, place.outer, place.inner)
    return value


async def _run_async(steps: list[CodeType], place: _Place, recorded: _Recorded) -> Any:
    __tracebackhide__ = True
    with recorded:
        value = None
        for step in steps:
            value = eval(step, place.outer, place.inner)
            if step.co_flags & inspect.CO_COROUTINE:
                value = await recorded.timed(value)
        return value


class _Recorded:
    """Records a block and presents its report; inside another recording it only runs, and says so.

    `source` is what runs, and `cell` the same where it is a cell's text of its own.
    """

    def __init__(
        self, host: CellHost, options: Options, source: str, cell: str | None, *, is_async: bool
    ) -> None:
        self._host = host
        self._source = source
        self._context = context = host.context(options, cell)
        context.is_async = is_async
        self._recording: Recording | None = Recording(context)
        self._progress = Progress(host.shell, context, host.config.progress_after_s)

    def timed(self, statement: Any) -> Any:
        """What to await for the coroutine of a statement."""
        return self._context.timed(statement)

    def __enter__(self) -> None:
        assert self._recording is not None
        try:
            self._recording.start()
        except AlreadyRecordingError as error:
            self._recording = None
            self._host.presenter.say(str(error))

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if self._recording is not None:
            self._progress.clear()
            self._host.presenter.finish(self._recording, partial_of(error), self._source)


def _help() -> str:
    """The magic's docstring: what it does, and every option."""
    return f"{PerfMagics.perf.__doc__}\n\n{PARSER.format_help()}"


PerfMagics.perf.__doc__ = _help()
