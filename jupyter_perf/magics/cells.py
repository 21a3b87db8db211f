"""Which cell a code object's file belongs to, as IPython's compiler knows it."""

from __future__ import annotations

import linecache
import re
from dataclasses import dataclass, field, replace
from typing import Any

from jupyter_perf.magics.transform import magic_options
from jupyter_perf.sources import Cell, Sources

_CELL_MAGIC_CALL = "get_ipython().run_cell_magic("
# The files that `%%time` and `%%timeit` give to the body of their cell.
_IN_PLACE = ("<timed exec>", "<timed eval>", "<magic-timeit>")
_IN_PLACE_MAGIC = re.compile(r"%%time(it)?\b")


@dataclass
class CellBook:
    """Remembers the ids of cells by execution count, and finds the cell of a file.

    `number` is the execution count of the cell that runs, or ran last.
    """

    shell: Any
    cell_ids: dict[int, str] = field(default_factory=dict)
    number: int = 0

    def remember(self, info: Any) -> None:
        """Note a cell that is about to run.

        IPython 9 counts a cell before it says so, IPython 8 when it has run. The texts of former cells
        tell which it was: one for each cell so far, and an empty one that stands first.
        """
        count = int(self.shell.execution_count)
        typed = getattr(self.shell.history_manager, "input_hist_raw", ())
        is_counted = bool(getattr(info, "store_history", False)) and count > len(typed)
        self.number = count - is_counted
        cell_id = getattr(info, "cell_id", None)
        if cell_id is not None:
            self.cell_ids[self.number] = cell_id

    def sources(self, raw_cell: str | None = None) -> Sources:
        """Sources for a recording; `raw_cell` is the text of the cell that is about to run, as typed."""
        sources = Sources()
        running = self.number
        sources.find_cell = lambda filename: self._find(filename, running, raw_cell, sources)
        return sources

    def _find(self, filename: str, running: int, raw_cell: str | None, sources: Sources) -> Cell | None:
        if filename in _IN_PLACE:
            cell = self._in_place(filename, running, raw_cell)
        else:
            cell = self._compiled(filename, running, raw_cell)
        if cell is None:
            return None
        others = {known.shown: known.source for known in sources.cells.values()}
        shown, repeated = cell.shown, 1
        while others.get(shown, cell.source) != cell.source:
            repeated += 1
            shown = f"{cell.shown} ({repeated})"
        return replace(cell, shown=shown)

    def _compiled(self, filename: str, running: int, raw_cell: str | None) -> Cell | None:
        """The cell that IPython compiled under this name."""
        named = self.shell.compile.format_code_name(filename)
        if named is None or named[0] != "Cell":
            return None
        count = int(named[1].removeprefix("In[").removesuffix("]"))
        compiled = [line.rstrip("\n") for line in linecache.getlines(filename)]
        typed = [*self._history(count), *([raw_cell] if raw_cell is not None and count == running else [])]
        source, offset = _source(compiled, [_without_leading_blanks(candidate) for candidate in typed])
        return Cell(filename, f"In[{count}]", count, self.cell_ids.get(count), source, offset)

    def _history(self, count: int) -> list[str]:
        typed = getattr(self.shell.history_manager, "input_hist_raw", ())
        return [typed[count]] if 0 < count < len(typed) else []

    def _in_place(self, filename: str, running: int, raw_cell: str | None) -> Cell | None:
        """The cell whose body such a magic runs: its lines count from below the magic and blank lines."""
        for candidate in [*([raw_cell] if raw_cell is not None else []), *self._history(running)]:
            typed = _without_leading_blanks(candidate)
            lines = typed.splitlines()
            at = next((at for at, line in enumerate(lines) if _IN_PLACE_MAGIC.match(line)), None)
            if at is not None:
                below = next((at for at in range(at + 1, len(lines)) if lines[at].strip()), len(lines))
                return Cell(filename, f"In[{running}]", running, self.cell_ids.get(running), typed, below)
        return None


def _source(compiled: list[str], candidates: list[str]) -> tuple[str, int]:
    """The text that was compiled, as typed, and how many of its lines stand above the compiled ones.

    One of the same lines is preferred to one that IPython may have made them of; without any, the
    compiled lines are the text.
    """
    for is_alike in (_is_equal, _is_source):
        for candidate in candidates:
            typed = candidate.splitlines()
            offset = _offset(typed, compiled)
            if offset >= 0 and is_alike(typed[offset:], compiled):
                return candidate, offset
    return "\n".join(compiled), 0


def _offset(typed: list[str], compiled: list[str]) -> int:
    """How many lines stand above. A cell that is one `%%magic` is one compiled line, at that magic's."""
    if compiled and compiled[0].startswith(_CELL_MAGIC_CALL):
        for at, line in enumerate(typed):
            if line.startswith("%%") and magic_options([line]) is None:
                return at
    return len(typed) - len(compiled)


def _is_equal(typed: list[str], compiled: list[str]) -> bool:
    return typed == compiled


def _is_source(typed: list[str], compiled: list[str]) -> bool:
    """Whether IPython made these lines of the typed ones.

    It takes indents and prompts off, and calls its magics by name; `%%perf` is a comment or a blank.
    """
    if typed and typed[0].startswith("%%") and magic_options(typed[:1]) is None:
        return compiled[0].startswith(_CELL_MAGIC_CALL)
    return all(
        line.strip() in typed_line
        or "get_ipython()" in line
        or (typed_line.startswith("%%") and line.lstrip().startswith("#"))
        for typed_line, line in zip(typed, compiled, strict=True)
    )


def _without_leading_blanks(cell: str) -> str:
    """The cell as IPython numbers its lines."""
    lines = cell.splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    return "".join(lines)
