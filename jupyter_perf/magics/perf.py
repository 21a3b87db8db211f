"""`%%perf` and `%perf`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Awaitable
from types import FrameType
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, magics_class

from jupyter_perf.context import Options
from jupyter_perf.magics.arguments import PARSER, check, parse, parse_statement
from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.magics.host import CellHost
from jupyter_perf.session import AlreadyRecordingError, Recording, partial_of


@magics_class
class PerfMagics(HostedMagics):
    """Profiles a cell or a statement.

    A cell that begins with `%%perf` never reaches these functions: the host has made that line a comment.
    They see what is left: `%perf`, refused options, and `run_cell_magic`.
    """

    @line_cell_magic
    def perf(self, line: str, cell: str | None = None) -> Any:
        """Profile a cell (%%perf) or a statement (%perf): where time, memory, SQL and waiting went."""
        config = self.host.config
        if cell is None:
            options, code = parse_statement(line, config)
        else:
            options, code = parse(line, config), cell
        check(options, self.shell.user_ns)
        if not code.strip():
            raise UsageError("%perf needs a statement, and %%perf a cell below it")
        return self._run(options, code, is_statement=cell is None)

    def _run(self, options: Options, code: str, *, is_statement: bool) -> Any:
        shell = self.shell
        transformed = shell.transform_cell(code)
        caller = self._caller() if is_statement else None
        if caller is not None:
            name, line = caller.f_code.co_filename, caller.f_lineno
        else:
            name, line = shell.compile.cache(transformed, shell.execution_count - 1, raw_code=code), 1
        tree = shell.transform_ast(shell.compile.ast_parse(transformed, filename=name))
        steps = _compiled(ast.increment_lineno(tree, line - 1), name, shell.compile.flags)
        if not any(step.co_flags & inspect.CO_COROUTINE for step in steps):
            return self._run_steps(options, code, steps)
        if not is_statement:
            raise UsageError(
                "await is not to be had here, where the magic is called by other code: "
                "put %%perf first in a cell of its own"
            )
        return self._await_steps(options, code, steps)

    def _caller(self) -> FrameType | None:
        """The frame of the cell that holds the statement: its file and line are the statement's."""
        frame = inspect.currentframe()
        while frame is not None and frame.f_globals is not self.shell.user_ns:
            frame = frame.f_back
        return frame

    def _run_steps(self, options: Options, code: str, steps: list[Any]) -> Any:
        with _Recorded(self.host, options, code, is_async=False):
            return self._last_value(steps)

    def _last_value(self, steps: list[Any]) -> Any:
        value = None
        for step in steps:
            value = eval(step, self.shell.user_global_ns, self.shell.user_ns)
        return value

    async def _await_steps(self, options: Options, code: str, steps: list[Any]) -> Any:
        with _Recorded(self.host, options, code, is_async=True):
            value = None
            for step in steps:
                value = eval(step, self.shell.user_global_ns, self.shell.user_ns)
                if step.co_flags & inspect.CO_COROUTINE and isinstance(value, Awaitable):
                    value = await value
            return value


class _Recorded:
    """Records a block and presents its report; inside another recording it only runs, and says so."""

    def __init__(self, host: CellHost, options: Options, code: str, *, is_async: bool) -> None:
        self._host = host
        self._code = code
        context = host.context(options, code)
        context.is_async = is_async
        self._recording: Recording | None = Recording(context)

    def __enter__(self) -> None:
        assert self._recording is not None
        try:
            self._recording.start()
        except AlreadyRecordingError as error:
            self._recording = None
            self._host.presenter.say(str(error))

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if self._recording is not None:
            self._host.presenter.finish(self._recording, partial_of(error), self._code)


def _compiled(tree: ast.Module, name: str, flags: int) -> list[Any]:
    """The statements as one code object, and a last expression as another, whose value is wanted."""
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    body, last = tree.body, None
    if body and isinstance(body[-1], ast.Expr):
        last = ast.Expression(body[-1].value)
        body = body[:-1]
    steps = []
    if body:
        steps.append(compile(ast.Module(body, tree.type_ignores), name, "exec", flags, dont_inherit=True))
    if last is not None:
        steps.append(compile(last, name, "eval", flags, dont_inherit=True))
    return steps


def _help() -> str:
    """The magic's docstring: what it does, and every option."""
    return f"{PerfMagics.perf.__doc__}\n\n{PARSER.format_help()}"


PerfMagics.perf.__doc__ = _help()
