"""Which cell a code object's file belongs to, as IPython's compiler knows it."""

from __future__ import annotations

import contextlib
import linecache
from dataclasses import dataclass, field
from typing import Any

from jupyter_perf.magics.transform import stacked_options
from jupyter_perf.sources import Cell, Sources

_CELL_MAGIC_CALL = "get_ipython().run_cell_magic("
# The file that `%%time` gives to the body of its cell.
_TIMED = ("<timed exec>", "<timed eval>")


@dataclass
class CellBook:
    """Remembers the ids of cells by execution count, and finds the cell of a file."""

    shell: Any
    cell_ids: dict[int, str] = field(default_factory=dict)

    def sources(self, raw_cell: str | None = None) -> Sources:
        """Sources for a recording; `raw_cell` is the text of the cell that is about to run, as typed."""
        sources = Sources()
        sources.find_cell = lambda filename: self._find(filename, raw_cell, sources)
        return sources

    def _find(self, filename: str, raw_cell: str | None, sources: Sources) -> Cell | None:
        if filename in _TIMED:
            return self._timed(filename, raw_cell)
        named = self.shell.compile.format_code_name(filename)
        if named is None or named[0] != "Cell":
            return None
        count = int(named[1].removeprefix("In[").removesuffix("]"))
        text = "".join(linecache.getlines(filename))
        source, offset = self._typed(count, text, raw_cell)
        shown = f"In[{count}]"
        if any(cell.shown == shown and cell.source != source for cell in sources.cells.values()):
            shown = (
                f"In[{count}] ({sum(cell.execution_count == count for cell in sources.cells.values()) + 1})"
            )
        return Cell(filename, shown, count, self.cell_ids.get(count), source, offset)

    def _typed(self, count: int, text: str, raw_cell: str | None) -> tuple[str, int]:
        """The cell as the user typed it, and how many lines the code object's first line lies below its."""
        candidates = [raw_cell] if raw_cell is not None else []
        with contextlib.suppress(AttributeError, IndexError):
            candidates.append(self.shell.history_manager.input_hist_raw[count])
        for candidate in candidates:
            typed = _without_leading_blanks(candidate)
            offset = _offset(typed.splitlines(), text.splitlines())
            if offset is not None:
                return typed, offset
        return text, 0

    def _timed(self, filename: str, raw_cell: str | None) -> Cell | None:
        typed = _without_leading_blanks(raw_cell or "")
        lines = typed.splitlines()
        at = next((at for at, line in enumerate(lines) if line.startswith("%%time")), None)
        if at is None:
            return None
        below = at + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        count = self.shell.execution_count - 1
        return Cell(filename, f"In[{count}]", count, self.cell_ids.get(count), typed, below)


def _offset(typed: list[str], compiled: list[str]) -> int | None:
    """How many lines of `typed` stand above those of `compiled`; None where they are not the same lines.

    Magic lines differ between the two, so that equal length is enough for a whole cell, and a cell that
    is one `%%magic` is one compiled line.
    """
    if len(typed) == len(compiled) or (compiled and compiled[0].startswith(_CELL_MAGIC_CALL)):
        return 0
    above = len(typed) - len(compiled)
    return above if above > 0 and typed[above:] == compiled else None


def _without_leading_blanks(cell: str) -> str:
    """The cell as IPython numbers its lines."""
    lines = cell.splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    return "".join(lines)


def is_recorded(cell: str) -> bool:
    """Whether the cell asks to be recorded."""
    return stacked_options(cell) is not None
