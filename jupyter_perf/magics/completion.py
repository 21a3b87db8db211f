"""Tab completion of the magics' options."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jupyter_perf.magics.arguments import PARSER

_COMMANDS = ("%%perf", "%perf")


def complete(shell: Any) -> None:
    """Complete `--` after `%perf` and `%%perf`."""
    for command in _COMMANDS:
        shell.set_hook("complete_command", _options, str_key=command)


def complete_no_more(shell: Any) -> None:
    """Take the completions back."""
    dispatch = shell.strdispatchers.get("complete_command")
    for command in _COMMANDS:
        getattr(dispatch, "strs", {}).pop(command, None)


def _options(_shell: Any, _event: SimpleNamespace) -> list[str]:
    return [name for action in PARSER._actions for name in action.option_strings if name.startswith("--")]
