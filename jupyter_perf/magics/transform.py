"""How a cell's text is changed before it runs: its own magic line becomes a comment, and nothing else.

IPython may transform a cell more than once, so that these are pure.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import tokenize
from collections.abc import Callable

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import (
    TokenTransformBase,
    assemble_continued_line,
    find_end_of_continued_line,
)

from jupyter_perf.magics.arguments import split_statement
from jupyter_perf.magics.comparison.parts import split

_CELL_MAGIC = re.compile(r"%%perf(?:\s+(?P<options>.*?))?\s*$")
_COMPARE = re.compile(r"%%compare(?:\s+(?P<options>.*?))?\s*$")
# Magics that run the rest of the cell in place, so that `%%perf` may stand below them.
AROUND = ("%%time", "%%timeit")


def magic_options(cell: str | list[str]) -> str | None:
    """The options of the `%%perf` that begins the cell; None where there is none, or help is asked for."""
    at, lines = _magic_line(cell)
    if at is None or lines[at].rstrip().endswith("?"):
        return None
    match = _CELL_MAGIC.match(lines[at])
    return (match["options"] or "") if match else None


def stacked_options(cell: str) -> str | None:
    """The same, also where `%%time` stands above."""
    lines = cell.splitlines()
    while lines and (not lines[0].strip() or lines[0].split()[0] in AROUND):
        del lines[0]
    return magic_options(lines)


def magic_above(cell: str) -> str | None:
    """The first of the magics that stand above the cell's `%%perf`; None where none does."""
    lines = [line for line in cell.splitlines() if line.strip()]
    above = list(itertools.takewhile(lambda line: magic_options([line]) is None and line[:2] == "%%", lines))
    is_below = len(above) < len(lines) and magic_options([lines[len(above)]]) is not None
    return above[0].split()[0] if above and is_below else None


def has_body(cell: str | list[str]) -> bool:
    """Whether anything follows the magic's line."""
    at, lines = _magic_line(cell)
    return at is not None and any(line.strip() for line in lines[at + 1 :])


def _magic_line(cell: str | list[str]) -> tuple[int | None, list[str]]:
    lines = cell.splitlines() if isinstance(cell, str) else cell
    at = next((at for at, line in enumerate(lines) if line.strip()), None)
    return (at if at is not None and lines[at].startswith("%%perf") else None), lines


def hide_magic_line(lines: list[str], is_refused: Callable[[str], bool]) -> list[str]:
    """The cell with its `%%perf` line as a comment, so that lines keep their numbers.

    The comment is indented as the line below it, since IPython lets a whole cell be indented. It is a
    blank line instead where another `%%magic` follows, which must come first. The cell is left alone,
    so that the magic itself can speak, where there is no body or `is_refused` says so of the options.
    """
    options = magic_options(lines)
    if options is None or not has_body(lines) or is_refused(options):
        return lines
    at = next(at for at, line in enumerate(lines) if line.strip())
    below = next(line for line in lines[at + 1 :] if line.strip())
    indent = below[: len(below) - len(below.lstrip())]
    hidden = "\n" if below.startswith("%%") else f"{indent}# {lines[at].rstrip()}\n"
    return [*lines[:at], hidden, *lines[at + 1 :]]


def await_compare(lines: list[str], awaits_within: Callable[[str], bool]) -> list[str]:
    """A `%%compare` cell in which a part awaits, as a cell that awaits the magic; any other as it is."""
    at = next((at for at, line in enumerate(lines) if line.strip()), None)
    match = _COMPARE.match(lines[at]) if at is not None else None
    if at is None or match is None or lines[at].rstrip().endswith("?"):
        return lines
    body = "".join(lines[at + 1 :])
    try:
        parts = split(body)
    except UsageError:
        return lines
    if not any(awaits_within(part.text) for part in parts):
        return lines
    options = match["options"] or ""
    return [f"await get_ipython().run_cell_magic('compare', {options!r}, {body!r})\n"]


class AwaitedPerf(TokenTransformBase):
    """`%perf await …`, `x = %perf await …`: the magic gives something to await, and the cell awaits it."""

    priority = 5

    @classmethod
    def find(cls, tokens_by_line: list[list[tokenize.TokenInfo]]) -> AwaitedPerf | None:
        """The first logical line with a `%perf` that may await."""
        for tokens in tokens_by_line:
            words = [token for token in tokens if token.type not in (tokenize.INDENT, tokenize.DEDENT)]
            texts = [token.string for token in words]
            at = 0 if texts[:1] == ["%"] else _after_assignment(texts)
            if texts[at : at + 2] == ["%", "perf"] and not {"await", "async"}.isdisjoint(texts):
                return cls(words[at].start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """The line as a call of the magic, awaited where the statement awaits."""
        end = find_end_of_continued_line(lines, self.start_line)
        line = assemble_continued_line(lines, (self.start_line, self.start_col), end)
        before = lines[self.start_line][: self.start_col]
        statement = line.removeprefix("%perf").strip()
        awaited = "await " if _is_awaited(statement) else ""
        call = f"{before}{awaited}get_ipython().run_line_magic('perf', {statement!r})\n"
        return [*lines[: self.start_line], call, *lines[end + 1 :]]


def _after_assignment(texts: list[str]) -> int:
    """Where the value of an assignment begins; the end of the line where it is none."""
    depth = 0
    for at, text in enumerate(texts):
        depth += (text in "([{") - (text in ")]}") if len(text) == 1 else 0
        if text == "=" and depth == 0:
            return at + 1
    return len(texts)


def _is_awaited(line: str) -> bool:
    try:
        return awaits(split_statement(line)[1])
    except UsageError:
        return False


def awaits(statement: str) -> bool:
    """Whether a statement awaits at its top level; one with a mistake does not."""
    try:
        code = compile(statement, "<statement>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return bool(code.co_flags & inspect.CO_COROUTINE)
