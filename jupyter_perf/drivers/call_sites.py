"""From a frame to the innermost line of the user's code that leads to it, at the cost of a dictionary."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import NamedTuple

from jupyter_perf.sources import Sources, is_own

NOWHERE = 0
"""No frame of the user's is on the stack: a library's own thread."""

COVERED = -1
"""The statement was issued by a library whose own driver records it already, by the shell or by ourselves."""

_LIBRARY, _USER, _COVERED, _DRIVER, _SHELL = range(5)

# IPython keeps what was typed in sqlite3, and writes it on a thread of its own while the next cell runs.
_SHELL_HISTORY = os.path.join("IPython", "core", "history.py")
_MOST_CODES = 50_000


class CallSite(NamedTuple):
    """A line as the code object names it."""

    filename: str
    line: int
    function: str


class CallSites:
    """The places that issued statements, numbered; number 0 is `NOWHERE`.

    `shapes` is the StatementLog's, kept here because it goes by the identity of the code, too; `covered`
    has the identities of the codes from which `find` gives `COVERED` at once.
    Codes are told apart by identity, because hashing a code object reads all of its bytes; `_codes`
    keeps them alive for as long as their identity is used.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.shapes: dict[tuple[int, int, str, object, object, object], int] = {}
        self.places: list[CallSite | None] = [None]
        self._numbers: dict[CallSite, int] = {}
        self._known: dict[tuple[int, int], int] = {}
        self._codes: dict[int, CodeType] = {}
        self._kinds: dict[int, int] = {}
        self.covered: set[int] = set()
        self._covered_folders: tuple[str, ...] = ()

    def cover(self, folder: str) -> None:
        """Leave out what the library in this folder issues: its own driver records it."""
        self._covered_folders = (*self._covered_folders, folder)
        self.shapes.clear()
        self.covered.clear()
        self._kinds.clear()

    def find(self, frame: FrameType | None, through_covered: bool = False) -> int:
        """The number of the innermost user line at or above `frame`, `NOWHERE`, or `COVERED`.

        `through_covered` looks on behind a covered library, for what its driver does not record.
        """
        number = self._search(frame, through_covered)
        if number == NOWHERE:
            for suspended in _suspended_parents():
                number = self._search(suspended, through_covered)
                if number != NOWHERE:
                    break
        return number

    def is_direct(self, frame: FrameType) -> bool:
        """Whether this frame itself is the user's, so that what is known of its instruction holds again."""
        return self._kinds.get(id(frame.f_code)) == _USER

    def _search(self, frame: FrameType | None, through_covered: bool) -> int:
        kinds = self._kinds
        while frame is not None:
            code = frame.f_code
            kind = kinds.get(id(code))
            if kind is None:
                kind = self._classify(code)
            if kind == _USER:
                number = self._known.get((id(code), frame.f_lasti))
                return self._number(frame) if number is None else number
            if kind == _SHELL or (kind == _COVERED and not through_covered):
                return COVERED
            frame = frame.f_back
        return NOWHERE

    def _classify(self, code: CodeType) -> int:
        if len(self._codes) >= _MOST_CODES:
            for cache in (self._codes, self._kinds, self._known, self.shapes, self.covered):
                cache.clear()
        filename = code.co_filename
        if self.sources.is_user(filename):
            kind = _USER
        elif filename.startswith(_DRIVERS_FOLDER):
            kind = _DRIVER
        elif is_own(filename) or filename.startswith(self._covered_folders):
            kind = _COVERED
        elif filename.endswith(_SHELL_HISTORY):
            kind = _SHELL
        else:
            kind = _LIBRARY
        self._codes[id(code)] = code
        self._kinds[id(code)] = kind
        if kind in (_COVERED, _SHELL):
            self.covered.add(id(code))
        return kind

    def _number(self, frame: FrameType) -> int:
        code = frame.f_code
        place = CallSite(code.co_filename, frame.f_lineno or code.co_firstlineno, code.co_qualname)
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self.places)
            self.places.append(place)
        self._known[id(code), frame.f_lasti] = number
        return number


_DRIVERS_FOLDER = __file__[: -len("call_sites.py")]


def _suspended_parents() -> Iterator[FrameType]:
    """Where the stack goes on below a greenlet: SQLAlchemy's asyncio side runs its engine in one."""
    module = sys.modules.get("greenlet")
    greenlet = module.getcurrent().parent if module is not None else None
    while greenlet is not None:
        if greenlet.gr_frame is not None:
            yield greenlet.gr_frame
        greenlet = greenlet.parent
