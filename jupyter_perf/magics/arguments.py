"""The options of `%%perf`, parsed and checked before anything runs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser

from jupyter_perf import session
from jupyter_perf.context import Options
from jupyter_perf.magics.config import JupyterPerf
from jupyter_perf.renderers.dump import check_dump, resolve

# A word of an option line; quotes keep spaces together. A backslash is itself, as in paths on Windows.
_WORD = re.compile(r"""(?P<name>-[\w-]*=)?(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>\S+))""")


def _parser() -> MagicArgumentParser:
    # IPython puts one more percent sign before the name.
    parser = MagicArgumentParser("%perf")
    parser.allow_abbrev = False
    add = parser.add_argument
    add("-l", "--label", metavar="LABEL", help="a name for this run, to compare with later")
    add("-o", "--output", dest="name", metavar="NAME", help="bind the report to this variable")
    add("--top", type=int, metavar="N", help="rows of each table (default 20)")
    add("--exact", action="store_true", default=None, help="count calls with cProfile: exact, and slower")
    add("--snakeviz", action="store_true", default=None, help="snakeviz's view, below the report")
    add("--lines", nargs="+", metavar="FUNC", help="time each line of these functions with line_profiler")
    add("--memory", action="store_true", default=None, help="memory by line: slower")
    add("--native", action="store_true", default=None, help="show C, C++ and Cython frames: pauses the cell")
    add("--subprocesses", action="store_true", default=None, help="sample child processes too")
    add("--engine", metavar="NAME", help="sample with py-spy, signal or thread (default: the best there is)")
    add("--no-sql", dest="sql", action="store_false", default=None, help="leave SQL unrecorded")
    add("--params", action="store_true", default=None, help="show parameters of SQL statements, not masked")
    add("--dump", metavar="PATH", help="also write .prof, .speedscope.json, .json, .html, .md, or a folder/")
    add("--quiet", action="store_true", default=None, help="show nothing; see -o and last_report()")
    return parser


PARSER = _parser()


def parse(line: str, config: JupyterPerf) -> Options:
    """The options in `line`, over those of `%config JupyterPerf`. Raises UsageError, in one sentence."""
    return _parsed(words_of(line), config)


def words_of(line: str) -> list[str]:
    """The words of an option line, without their quotes. Raises UsageError where a quote is not closed."""
    words, rest = [], line.lstrip()
    while rest:
        word, rest = _next_word(rest)
        words.append(word)
    return words


def parse_statement(line: str, config: JupyterPerf) -> tuple[Options, str]:
    """The options in `line`, and the statement after them. Raises UsageError, in one sentence."""
    words, statement = split_statement(line)
    options = _parsed(words, config)
    if not statement and options.lines:
        raise UsageError("%perf needs a statement: put -- between the names of --lines and the statement")
    return options, statement


def split_statement(line: str) -> tuple[list[str], str]:
    """The options that `line` begins with, word by word, and the statement after them, to the letter.

    `--` ends the options where the statement would be taken for one more value of `--lines`, or begins
    with a minus. Raises UsageError where a quote is not closed.
    """
    rest = line.lstrip()
    words: list[str] = []
    while rest.startswith("-"):
        word, rest = _next_word(rest)
        if word == "--":
            break
        words.append(word)
        values = 0 if "=" in word else _values(word)
        while rest and not rest.startswith("-") and values > 0:
            word, rest = _next_word(rest)
            words.append(word)
            values -= 1
    return words, rest


def _next_word(text: str) -> tuple[str, str]:
    """The first word without its quotes, and what follows it."""
    match = _WORD.match(text)
    assert match is not None
    bare = match["bare"]
    if bare is not None and bare[0] in "'\"":
        raise UsageError(f"a quote is not closed: {text}")
    value = next(part for part in (match["single"], match["double"], bare) if part is not None)
    return (match["name"] or "") + value, text[match.end() :].lstrip()


def _parsed(words: list[str], config: JupyterPerf) -> Options:
    given, left = PARSER.parse_known_args(words)
    if left:
        minus = left[0].startswith("-") and not left[0].startswith("--")
        hint = "; -- goes before a statement that begins with a minus" if minus else ""
        raise UsageError(f"unrecognized arguments: {' '.join(left)}{hint}")
    return _options(given, config)


def _values(word: str) -> int:
    """How many values an option takes; many for `--lines`, which reads up to `--`."""
    for action in PARSER._actions:
        if word in action.option_strings:
            return 0 if action.nargs == 0 else 1000 if action.nargs == "+" else 1
    return 0


def _options(given: argparse.Namespace, config: JupyterPerf) -> Options:
    chosen: dict[str, Any] = {name: value for name, value in vars(given).items() if value is not None}
    chosen["lines"] = tuple(chosen.get("lines", ()))
    if "dump" in chosen:
        chosen["dump"] = resolve(chosen["dump"])
    return Options(**{**config.defaults(), **chosen})


def check(options: Options, namespace: Mapping[str, Any]) -> None:
    """Raise UsageError, in one sentence, where the options ask for what cannot be."""
    problem = _problem(options, namespace)
    if problem is not None:
        raise UsageError(problem)


def _problem(options: Options, namespace: Mapping[str, Any]) -> str | None:
    if options.top < 1:
        return f"--top takes a number from 1 on, not {options.top}"
    if options.name is not None and not options.name.isidentifier():
        return f"-o takes the name of a variable, and {options.name!r} is not one"
    if options.dump is not None:
        problem = check_dump(options.dump, exact=options.exact or options.snakeviz)
        if problem is not None:
            return f"--dump: {problem}"
    return session.problem(options, namespace)
