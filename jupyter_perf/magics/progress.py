"""One line that says a long cell is being recorded; a display of its own, emptied at the end.

In a terminal there is none: what was printed there cannot be taken back without harm to what the user's
code prints meanwhile. Nor is there under `%%capture`, which would keep each of its states.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher

from jupyter_perf.context import Context

PERIOD_S = 1.0


class StatusLine:
    """One line of output that changes, and is empty at the end."""

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        self._display_id: str | None = None
        self._lock = threading.Lock()
        self._is_over = False
        self.is_possible = type(self._publisher) not in (DisplayPublisher, CapturingDisplayPublisher)

    def show(self, text: str) -> None:
        """Show this instead of what was shown before; nothing after `clear`."""
        with self._lock:
            if self.is_possible and not self._is_over:
                self._publish(text)

    def clear(self) -> None:
        """Empty the line, if it was shown."""
        with self._lock:
            self._is_over = True
            if self._display_id is not None:
                self._publish("")

    def _publish(self, text: str) -> None:
        is_update = self._display_id is not None
        self._display_id = self._display_id or f"jupyter_perf-{uuid.uuid4().hex}"
        self._publisher.publish(
            data={"text/plain": text}, transient={"display_id": self._display_id}, update=is_update
        )


class Progress:
    """Shows elapsed time, statements and memory once a second, `after_s` seconds into the cell."""

    def __init__(self, shell: Any, context: Context, after_s: float) -> None:
        # The watch thread shows the line and the cell's thread empties it.
        self._line = StatusLine(shell)
        self._context = context
        self._due_s = after_s
        if self._line.is_possible:
            context.every_tick(self._tick)

    def clear(self) -> None:
        """Empty the line, if it was shown."""
        self._line.clear()

    def _tick(self, now_s: float) -> None:
        if now_s < self._due_s or self._context.ended_s is not None:
            return
        self._due_s = now_s + PERIOD_S
        self._line.show(self._text(now_s))

    def _text(self, now_s: float) -> str:
        parts = [f"recording: {_duration(now_s)}"]
        counters = self._context.counters
        if "statements" in counters and (statements := counters["statements"]()):
            parts.append(f"{statements:,} statements")
        if "rss_bytes" in counters:
            parts.append(f"{counters['rss_bytes']() / 1e6:,.0f} MB")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
