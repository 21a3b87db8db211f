"""Which code is the user's, and how its files and lines are shown.

A notebook cell's file is a name that IPython invents; the user knows it as `In[12]`. Library files are
shown from their package on (`pandas/io/sql.py`).
"""

from __future__ import annotations

import linecache
import os
import site
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MEASURING = tuple(
    os.path.join(_OWN_FOLDER, part) for part in ("magics", "recorders", "samplers", "session.py")
)
# What the user's own files end in; anything else is native code, or made up by a library.
_SOURCE_ENDINGS = (".py", ".pyw", ".ipy", ".pyx")


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    folders.add(site.getusersitepackages())
    real = {os.path.realpath(folder) for folder in folders} | folders
    return tuple(sorted((folder + os.sep for folder in real), key=len, reverse=True))


_LIBRARY_FOLDERS = _library_folders()


@dataclass(frozen=True)
class Cell:
    """A notebook cell as its code objects name it: the invented file, and what the user sees."""

    filename: str
    shown: str
    execution_count: int | None = None
    cell_id: str | None = None
    source: str | None = None
    line_offset: int = 0


@dataclass
class Sources:
    """Files of code objects to what is shown.

    `cells` are those met so far; `find_cell` is the host's way to tell a cell's file from another.
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    find_cell: Callable[[str], Cell | None] | None = None
    _user: dict[str, bool] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Make a cell known; a later one of the same file replaces it."""
        self.cells[cell.filename] = cell
        self._user[cell.filename] = True
        self._shown.pop(cell.filename, None)

    def is_user(self, filename: str) -> bool:
        """Whether this is the user's code: a cell, or a file outside the libraries' folders and ours."""
        known = self._user.get(filename)
        if known is None:
            known = self._user[filename] = self._decide(filename)
        return known

    def _decide(self, filename: str) -> bool:
        if self._cell(filename) is not None:
            return True
        if not filename.endswith(_SOURCE_ENDINGS) or is_own(filename):
            return False
        absolute = os.path.abspath(filename)
        return not absolute.startswith(_LIBRARY_FOLDERS)

    def _cell(self, filename: str) -> Cell | None:
        cell = self.cells.get(filename)
        if cell is None and self.find_cell is not None and filename not in self._user:
            cell = self.find_cell(filename)
            if cell is not None:
                self.add(cell)
        return cell

    def shown_file(self, filename: str) -> str:
        """`In[12]` for a cell, the path from the package on for a library, else the path from here on."""
        known = self._shown.get(filename)
        if known is None:
            known = self._shown[filename] = self._show(filename)
        return known

    def _show(self, filename: str) -> str:
        cell = self._cell(filename)
        if cell is not None:
            return cell.shown
        for folder in _LIBRARY_FOLDERS:
            if filename.startswith(folder):
                return filename[len(folder) :]
        return filename

    def shown_line(self, filename: str, line: int) -> int:
        """The line as the user sees it."""
        cell = self._cell(filename)
        return line + cell.line_offset if cell is not None else line

    def source_line(self, filename: str, line: int) -> str | None:
        """The text of a line, by its number in the code object; None where the source is not to be had."""
        cell = self._cell(filename)
        if cell is not None and cell.source is not None:
            lines = _lines(cell.source)
            at = line + cell.line_offset - 1
            return lines[at] if 0 <= at < len(lines) else None
        text = linecache.getline(filename, line)
        return text.rstrip("\n") if text else None

    def by_shown(self) -> Mapping[str, Cell]:
        """The cells by the name that is shown."""
        return {cell.shown: cell for cell in self.cells.values()}


@lru_cache(maxsize=64)
def _lines(source: str) -> list[str]:
    return source.splitlines()


def is_own(filename: str) -> bool:
    """Whether a file is part of this package."""
    return filename.startswith(_OWN_FOLDER)


def is_recording(filename: str) -> bool:
    """Whether a file is of the part of this package that measures, whose time is never the user's."""
    return filename.startswith(_MEASURING)
