"""Which code is the user's, and how its files and lines are shown.

A notebook cell's file is a name that IPython invents; the user knows it as `In[12]`. Library files are
shown from their package on (`pandas/io/sql.py`).
"""

from __future__ import annotations

import inspect
import linecache
import os
import re
import site
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MEASURING = tuple(
    os.path.join(_OWN_FOLDER, part)
    for part in ("magics", "comparing", "runner", "recorders", "samplers", "session.py")
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
# Packages of other environments, which a path file or PYTHONPATH adds to this one's.
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/]")


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
    _lines: dict[str, Sequence[str]] = field(default_factory=dict)
    _changed: dict[str, bool] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Make a cell known; a later one of the same file replaces it."""
        self.cells[cell.filename] = cell
        self._user[cell.filename] = True
        self._shown.pop(cell.filename, None)
        self._lines.pop(cell.filename, None)

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
        return not absolute.startswith(_LIBRARY_FOLDERS) and _INSTALLED.search(absolute) is None

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
        if _INSTALLED.search(filename) is not None:
            return _INSTALLED.split(filename)[-1]
        return filename

    def shown_line(self, filename: str, line: int) -> int:
        """The line as the user sees it."""
        cell = self._cell(filename)
        return line + cell.line_offset if cell is not None else line

    def source_line(self, filename: str, line: int) -> str | None:
        """The text of a line, by its number in the code object; None where the source is not to be had."""
        lines = self.source_lines(filename)
        return lines[line - 1].rstrip("\n") if 0 < line <= len(lines) else None

    def source_lines(self, filename: str) -> Sequence[str]:
        """A file's lines as its code object numbers them; none where the source is not to be had."""
        lines = self._lines.get(filename)
        if lines is None:
            lines = self._lines[filename] = self._read(filename)
        return lines

    def _read(self, filename: str) -> Sequence[str]:
        cell = self._cell(filename)
        if cell is not None and cell.source is not None:
            return cell.source.splitlines()[cell.line_offset :]
        return [] if self._is_changed(filename) else linecache.getlines(filename)

    def _is_changed(self, filename: str) -> bool:
        known = self._changed.get(filename)
        if known is None:
            linecache.checkcache(filename)
            known = self._changed[filename] = self.is_user(filename) and not is_as_loaded(filename)
        return known

    def changed_files(self) -> list[str]:
        """The user's files, as shown, that were asked for lines and no longer hold the code that ran."""
        return [self.shown_file(filename) for filename, is_changed in self._changed.items() if is_changed]

    def by_shown(self) -> Mapping[str, Cell]:
        """The cells by the name that is shown."""
        return {cell.shown: cell for cell in self.cells.values()}


def is_as_loaded(filename: str) -> bool:
    """Whether the functions of the module in this file have the lines that the file has now.

    They do not where it was edited and not loaded again; nor where `%autoreload` compiled a function by
    itself, whose lines then count from the function's own first one.
    """
    modules = (module for module in tuple(sys.modules.values()) if module is not None)
    module = next((one for one in modules if getattr(one, "__file__", None) == filename), None)
    if module is None or not _was_written_since_start(filename):
        return True
    try:
        text = "".join(linecache.getlines(filename))
        current = set(map(_lines_of, _nested(compile(text, filename, "exec", dont_inherit=True))))
    except (SyntaxError, ValueError):
        return False
    return all(_lines_of(code) in current for code in _codes(vars(module), module.__name__, filename))


def _was_written_since_start(filename: str) -> bool:
    import psutil

    try:
        return os.stat(filename).st_mtime >= psutil.Process().create_time()
    except (OSError, psutil.Error):
        return True


def _codes(namespace: Mapping[str, Any], module: str, filename: str) -> Iterator[CodeType]:
    """The code of the functions and methods in a module or class that were written in this file."""
    for value in tuple(namespace.values()):
        if isinstance(value, type):
            if value.__module__ == module:
                yield from _codes(vars(value), module, filename)
            continue
        function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        code = getattr(inspect.unwrap(function) if callable(function) else None, "__code__", None)
        if isinstance(code, CodeType) and code.co_filename == filename:
            yield code


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


def _lines_of(code: CodeType) -> tuple[str, tuple[tuple[int, int, int | None], ...]]:
    return code.co_name, tuple(code.co_lines())


def is_own(filename: str) -> bool:
    """Whether a file is part of this package."""
    return filename.startswith(_OWN_FOLDER)


def is_recording(filename: str) -> bool:
    """Whether a file is of the part of this package that measures, whose time is never the user's."""
    return filename.startswith(_MEASURING)
