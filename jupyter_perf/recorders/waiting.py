"""What a thread waits for, read from the system call that it is in (Linux, /proc/self/task/*/syscall)."""

from __future__ import annotations

import os
import platform
import struct
import sys
from collections.abc import Sequence
from types import FrameType

SLEEP, NETWORK, FILES, CHILDREN = "sleeping and locks", "network", "files", "child processes"

# System call numbers: asm/unistd_64.h for x86_64, asm-generic/unistd.h for aarch64.
_NAMES: dict[str, dict[int, str]] = {
    "x86_64": {
        0: "fd", 1: "fd", 17: "fd", 18: "fd", 19: "fd", 20: "fd", 40: "fd", 74: "file", 75: "file",
        2: "file", 257: "file", 4: "file", 262: "file", 82: "file", 87: "file", 217: "file",
        42: "socket", 43: "socket", 44: "socket", 45: "socket", 46: "socket", 47: "socket", 288: "socket",
        7: "poll", 271: "poll", 23: "select", 270: "select", 232: "epoll", 281: "epoll",
        61: "child", 247: "child", 35: "sleep", 230: "sleep", 202: "sleep",
    },
    "aarch64": {
        63: "fd", 64: "fd", 65: "fd", 66: "fd", 67: "fd", 68: "fd", 71: "fd", 82: "file", 83: "file",
        56: "file", 79: "file", 61: "file", 276: "file", 35: "file",
        203: "socket", 202: "socket", 242: "socket", 206: "socket", 207: "socket", 211: "socket",
        212: "socket", 73: "poll", 72: "select", 22: "epoll",
        260: "child", 95: "child", 101: "sleep", 115: "sleep", 98: "sleep",
    },
}  # fmt: skip

_CHILD_MODULES = (
    "subprocess.py",
    "/multiprocessing/",
    "/concurrent/futures/process.py",
    "/joblib/",
    "/loky/",
)
_NETWORK_MODULES = ("socket.py", "ssl.py", "/http/client.py", "/urllib3/", "/httpcore/", "/requests/")


class WaitReader:
    """Reads what one thread of this process waits for; `read` gives None where that cannot be known.

    `loop` is the event loop that the thread runs, if any: a loop that waits for more files than it did at
    first waits for the network, and otherwise for a timer.
    """

    def __init__(self, native_id: int, loop: object = None) -> None:
        self._loop = loop
        self._files_at_first = self._loop_files()
        self._names = _NAMES.get(platform.machine(), {}) if sys.platform == "linux" else {}
        self._syscall = _open(f"/proc/self/task/{native_id}/syscall") if self._names else None
        self._memory = _open("/proc/self/mem") if self._names else None
        self._is_readable = self._syscall is not None

    @property
    def is_available(self) -> bool:
        """Whether this system shows a thread's system call."""
        return bool(self._names) and self._is_readable

    def close(self) -> None:
        """Close the files; `read` gives None from then on."""
        for descriptor in (self._syscall, self._memory):
            if descriptor is not None:
                os.close(descriptor)
        self._syscall = self._memory = None

    def read(self, frame: FrameType | None) -> str | None:
        """The kind of waiting; `frame` is the thread's innermost Python frame."""
        words = self._words()
        if words and words[0] == -1:
            # Blocked without a system call: a page that must come from a mapped file, or from swap.
            return FILES
        kind = self._names.get(words[0]) if words else None
        if kind in ("sleep", "poll", "select", "epoll", "fd") and runs_module(frame, _CHILD_MODULES):
            return CHILDREN
        if kind == "poll" and len(words) > 2:
            return self._of_poll(words[1]) or SLEEP
        if kind == "fd":
            return _of_descriptor(words[1])
        if kind == "select":
            return NETWORK if runs_module(frame, _NETWORK_MODULES) else SLEEP
        if kind == "epoll":
            return NETWORK if self._loop_files() > self._files_at_first else SLEEP
        return {"file": FILES, "socket": NETWORK, "child": CHILDREN, "sleep": SLEEP}.get(kind or "")

    def _loop_files(self) -> int:
        """How many files asyncio's selector loops wait for; 0 for loops of other makes."""
        selector = getattr(self._loop, "_selector", None)
        files = selector.get_map() if selector is not None else None
        return len(files) if files is not None else 0

    def _words(self) -> Sequence[int]:
        """The system call's number and arguments; empty while the thread runs."""
        if self._syscall is None:
            return ()
        try:
            text = os.pread(self._syscall, 256, 0).decode()
            return () if text.startswith("running") else [int(word, 0) for word in text.split()]
        except (OSError, ValueError):
            return ()

    def _of_poll(self, address: int) -> str | None:
        """The kind of the first descriptor of a `struct pollfd` array (poll(2))."""
        if self._memory is None or address == 0:
            return None
        try:
            (descriptor,) = struct.unpack("i", os.pread(self._memory, 4, address))
        except (OSError, OverflowError, struct.error):
            return None
        return _of_descriptor(descriptor)


def runs_module(frame: FrameType | None, parts: tuple[str, ...]) -> bool:
    """Whether any frame of this stack belongs to a file whose path contains one of `parts`."""
    while frame is not None:
        filename = frame.f_code.co_filename
        if any(part in filename for part in parts):
            return True
        frame = frame.f_back
    return False


def _of_descriptor(descriptor: int) -> str:
    try:
        target = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return SLEEP
    if target.startswith("socket:"):
        return NETWORK
    if target.startswith("pipe:"):
        return CHILDREN
    return FILES if target.startswith("/") else SLEEP


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
