"""Output that is dropped: what a part prints and displays shows once, not once for each sample."""

from __future__ import annotations

import contextlib
import io
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
    """Drop what is printed and displayed in this block."""
    nowhere, publisher = _Nowhere(), shell.display_pub
    no_displays: Any = _NoDisplays
    shell.display_pub = no_displays()
    try:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            yield
    finally:
        shell.display_pub = publisher
