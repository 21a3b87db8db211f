"""The parts of a `%%compare` cell: where they begin, and how each runs with names of its own.

`#%% setup` runs once, before everything, and the other parts see its names; `#%% setup-each` runs before each
sample, outside the clock; `#%% before` is what the others are compared with, and `#%% after` a rewrite of it,
or one of several: `#%% after: join`, `#%% after: cache`.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from IPython.core.error import UsageError

from jupyter_perf.magics.compiling import compiled, compiled_module

_HEAD = re.compile(r"#\s?%%\s*(?P<words>.*?)\s*$")
_NAMED = re.compile(r"after\s*:\s*(?P<name>.+)$")
SETUP, SETUP_EACH, BEFORE, AFTER = "setup", "setup-each", "before", "after"
KNOWN = f"the parts are {SETUP}, {SETUP_EACH}, {BEFORE}, {AFTER} and {AFTER}: NAME"
# The loop around a part takes its turns from here; no user's name begins so.
_TURNS, _TURN = "__jupyter_perf_turns__", "__jupyter_perf_turn__"
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL"}
_STORES = {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}


@dataclass(frozen=True)
class Text:
    """The text of one part; `line` is the number of its first line in the cell."""

    kind: str
    name: str
    text: str
    line: int


def split(body: str, first_line: int = 2) -> list[Text]:
    """The parts of a cell's body, which begins at `first_line`. Raises UsageError, in one sentence."""
    parts: list[Text] = []
    # A text in quotes may have other line breaks, which are not Python's.
    lines = body.split("\n")
    heads = [(at, match) for at, line in enumerate(lines) if (match := _HEAD.match(line))]
    _refuse_loose(lines[: heads[0][0]] if heads else lines, first_line)
    ends = [*(at for at, _ in heads), len(lines)][1:]
    for (at, match), end in zip(heads, ends, strict=True):
        kind, name = _kind(match["words"], first_line + at)
        _refuse_twice(kind, name, parts)
        parts.append(Text(kind, name, "\n".join(lines[at + 1 : end]), first_line + at + 1))
    _refuse_missing(parts)
    return parts


def _refuse_loose(lines: list[str], first_line: int) -> None:
    for number, line in enumerate(lines, first_line):
        if line.strip() and not line.lstrip().startswith("#"):
            raise UsageError(f"line {number} belongs to no part: begin with a line `#%% before` ({KNOWN})")


def _refuse_twice(kind: str, name: str, parts: list[Text]) -> None:
    if all(part.name != name for part in parts):
        return
    if kind == AFTER:
        raise UsageError(f"two parts are called {name!r}: give each `#%% after: NAME` a name of its own")
    raise UsageError(f"two parts are called {name!r}, which can be there once: put them together")


def _kind(words: str, line: int) -> tuple[str, str]:
    named = _NAMED.match(words)
    if named is not None:
        return AFTER, named["name"]
    if words not in (SETUP, SETUP_EACH, BEFORE, AFTER):
        raise UsageError(f"line {line} begins an unknown part {words!r}: {KNOWN}")
    return words, words


def _refuse_missing(parts: list[Text]) -> None:
    kinds = [part.kind for part in parts]
    for kind in (BEFORE, AFTER):
        if kind not in kinds:
            raise UsageError(f"%%compare needs a part `#%% {kind}`, and has {', '.join(kinds) or 'none'}")
    for part in parts:
        is_code = any(line.strip() and not line.lstrip().startswith("#") for line in part.text.splitlines())
        if part.kind in (BEFORE, AFTER) and not is_code:
            raise UsageError(f"part {part.name!r} is empty: write the code to compare below its line")


class Compiler:
    """Compiles parts of one cell, so that errors show the cell's own lines."""

    def __init__(self, shell: Any, cell: str, number: int) -> None:
        self._shell = shell
        self._filename = shell.compile.cache(cell, number, raw_code=cell)

    def tree(self, text: Text) -> ast.Module:
        """The part with IPython's syntax resolved, its lines counted as in the cell. Raises SyntaxError."""
        lines = text.text.splitlines(keepends=True)
        blank = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
        source = self._shell.transform_cell("".join(lines[blank:]))
        above = text.line + blank - 1
        try:
            tree = self._shell.compile.ast_parse(source, self._filename)
        except SyntaxError as error:
            if error.lineno is not None:
                error.lineno += above
            raise
        transformed: ast.Module = self._shell.transform_ast(ast.increment_lineno(tree, above))
        return transformed

    def steps(self, tree: ast.Module) -> list[CodeType]:
        """Its statements, and its last expression apart."""
        return compiled(self._shell, tree, self._filename, with_value=True)

    def loop(self, tree: ast.Module) -> CodeType | None:
        """All of it, as often as there are turns; None where it cannot stand in a loop."""
        turns, turn = ast.Name(_TURNS, ast.Load()), ast.Name(_TURN, ast.Store())
        loop = ast.copy_location(ast.For(turn, turns, tree.body, []), tree.body[0])
        module = ast.fix_missing_locations(ast.Module([loop], tree.type_ignores))
        try:
            return compiled_module(self._shell, module, self._filename)
        except SyntaxError:  # `from __future__ import` stands at the top only
            return None


class CellPart:
    """A part that runs in names of its own: those of `names` (the user's, and setup's), and what it assigns.

    `result_name` is the variable that is its result; without one it is the value of the last expression.
    """

    def __init__(
        self, name: str, tree: ast.Module, compiler: Compiler, names: dict[str, Any], result_name: str | None
    ) -> None:
        self.name = name
        self._names = names
        self._result_name = result_name
        self._steps = compiler.steps(tree)
        self._loop = compiler.loop(tree)
        self.is_async = any(_awaits(step) for step in self._steps)
        self.has_result = result_name is not None or isinstance(tree.body[-1], ast.Expr)
        instructions = [one for step in self._steps for one in _instructions(step)]
        self._mentioned = {str(one.argval) for one in instructions if one.opname in _LOADS}
        stored = {str(one.argval) for one in instructions if one.opname in _STORES}
        # What the part assigns over must be as before when it runs again.
        self._overwritten = stored & names.keys()
        self._touches_result = result_name in stored | self._mentioned

    def inputs(self) -> Mapping[str, Any]:
        """The values that the part reads, by name, without functions, classes and modules."""
        found = {name: self._names[name] for name in sorted(self._mentioned) if name in self._names}
        return {name: value for name, value in found.items() if not isinstance(value, _CODE)}

    def run(self) -> Any:
        """Run once; the result, or an awaitable of it. Raises UsageError where there is no such result."""
        __tracebackhide__ = True
        return self._run_async() if self.is_async else self._run()

    def _run(self) -> Any:
        __tracebackhide__ = True
        names = dict(self._names)
        value = None
        for step in self._steps:
            value = eval(step, names)
        return self._result(names, value)

    async def _run_async(self) -> Any:
        __tracebackhide__ = True
        names = dict(self._names)
        value = None
        for step in self._steps:
            value = eval(step, names)
            if _awaits(step):
                value = await value
        return self._result(names, value)

    def _result(self, names: dict[str, Any], value: Any) -> Any:
        if self._result_name is None:
            return value if self.has_result else None
        name = self._result_name
        if name not in names:
            raise UsageError(f"--result {name}: part {self.name!r} assigns no such variable")
        if not self._touches_result and names[name] is self._names.get(name):
            raise UsageError(f"--result {name}: part {self.name!r} has nothing to do with this variable")
        return names[name]

    def repeat(self, times: int) -> Any:
        """Run so many times in a row, without a result; awaitable where the part awaits."""
        __tracebackhide__ = True
        names = dict(self._names)
        if self._loop is not None and (times == 1 or not self._overwritten):
            names[_TURNS] = itertools.repeat(None, times)
            return eval(self._loop, names)
        return self._repeat_async(names, times) if self.is_async else self._repeat(names, times)

    def _repeat(self, names: dict[str, Any], times: int) -> None:
        __tracebackhide__ = True
        again = {name: self._names[name] for name in self._overwritten}
        for _ in range(times):
            for step in self._steps:
                eval(step, names)
            names.update(again)

    async def _repeat_async(self, names: dict[str, Any], times: int) -> None:
        __tracebackhide__ = True
        again = {name: self._names[name] for name in self._overwritten}
        for _ in range(times):
            for step in self._steps:
                value = eval(step, names)
                if _awaits(step):
                    await value
            names.update(again)


class Setup:
    """A part whose names stay in `names`, for the others to see."""

    def __init__(self, tree: ast.Module, compiler: Compiler, names: dict[str, Any]) -> None:
        self._names = names
        self._steps = compiler.steps(tree)
        self.is_async = any(_awaits(step) for step in self._steps)

    def __call__(self) -> Any:
        """Run; awaitable where it awaits."""
        __tracebackhide__ = True
        if self.is_async:
            return self._run_async()
        for step in self._steps:
            eval(step, self._names)
        return None

    async def _run_async(self) -> None:
        __tracebackhide__ = True
        for step in self._steps:
            value = eval(step, self._names)
            if _awaits(step):
                await value


_CODE = (ModuleType, FunctionType, type, type(len))


def fresh_names(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Names for the parts to start from: the user's, in a dictionary that is not the user's."""
    return {"__builtins__": builtins, **namespace}


def _awaits(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)
