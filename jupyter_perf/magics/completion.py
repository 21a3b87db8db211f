"""Tab completion of the magics' options."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from jupyter_perf.magics.arguments import PARSER
from jupyter_perf.magics.comparison.arguments import COMPARE_PARSER
from jupyter_perf.store import Store


def complete(shell: Any) -> None:
    """Complete the options of our magics, and the labels that `%compare` takes."""
    for command, words in _WORDS.items():
        shell.set_hook("complete_command", words, str_key=command)


def complete_no_more(shell: Any) -> None:
    """Take the completions back."""
    dispatch = shell.strdispatchers.get("complete_command")
    for command in _WORDS:
        getattr(dispatch, "strs", {}).pop(command, None)


def _perf(_shell: Any, _event: SimpleNamespace) -> list[str]:
    return _options(PARSER)


def _compare_cell(_shell: Any, event: SimpleNamespace) -> list[str]:
    from jupyter_perf.equality import MODES

    typed = event.text_until_cursor.removesuffix(event.symbol).split()
    return list(MODES) if typed[-1:] == ["--equal"] else _options(COMPARE_PARSER)


def _compare_saved(_shell: Any, _event: SimpleNamespace) -> list[str]:
    return Store().labels()


def _options(parser: ArgumentParser) -> list[str]:
    return [name for action in parser._actions for name in action.option_strings if name.startswith("--")]


_WORDS: dict[str, Callable[[Any, SimpleNamespace], list[str]]] = {
    "%%perf": _perf,
    "%perf": _perf,
    "%%compare": _compare_cell,
    "%compare": _compare_saved,
}
