"""Output that is dropped: what a part prints and displays shows once, not once for each sample."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any

from IPython.core.displaypub import DisplayPublisher


class _Nowhere(io.TextIOBase):
    """A stream that forgets what is written to it."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class _NoDisplays(DisplayPublisher):
    """A publisher that forgets what is published."""

    def publish(self, *data: Any, **options: Any) -> None:
        pass

    def clear_output(self, wait: bool = False) -> None:
        pass


@contextlib.contextmanager
def hidden_output(shell: Any) -> Iterator[None]:
    """Drop what is printed and displayed in this block, by children and C code too."""
    nowhere, publisher = _Nowhere(), shell.display_pub
    no_displays: Any = _NoDisplays
    shell.display_pub = no_displays()
    try:
        with (
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
            _dropped(1),
            _dropped(2),
        ):
            yield
    finally:
        shell.display_pub = publisher


@contextlib.contextmanager
def _dropped(descriptor: int) -> Iterator[None]:
    """Have what is written to a file descriptor go nowhere; nothing to do where there is none."""
    try:
        kept = os.dup(descriptor)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, descriptor)
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
        os.close(nowhere)
