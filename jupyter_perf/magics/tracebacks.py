"""What IPython shows of an exception while a cell is recorded: the traceback without our frames."""

from __future__ import annotations

import sys
from typing import Any

from jupyter_perf.tracebacks import remove_own_frames


class CleanTracebacks:
    """Stands in for a shell's `showtraceback` from `start` to `stop`."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._show = shell.showtraceback

    def start(self) -> None:
        """Clean what is shown from now on."""
        self._shell.showtraceback = self._clean_and_show

    def stop(self) -> None:
        """Put the shell's own method back, unless the user's code has replaced it."""
        if vars(self._shell).get("showtraceback") == self._clean_and_show:
            del self._shell.showtraceback

    def _clean_and_show(self, exc_tuple: Any = None, *args: Any, **options: Any) -> Any:
        remove_own_frames(exc_tuple[1] if exc_tuple else sys.exc_info()[1])
        return self._show(exc_tuple, *args, **options)
