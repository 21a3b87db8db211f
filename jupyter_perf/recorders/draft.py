"""A Run in the making: recorders add their tables and numbers, `finish` freezes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_perf.model import Run, Table

Place = tuple[str, int]


@dataclass
class Draft:
    """What the recorders have measured so far.

    `scalars` are fields of Run by name. `line_waits` and `line_memory` hold suspended seconds and bytes
    by (file, line) as code objects name them; the CPU recorder, which collects last, joins them to the
    lines. `cell_suspensions` holds (start, end, file, line, function) of the cell's own awaits, in
    order. `call_counts` holds exact numbers of calls by function name, file and first line.
    """

    wall_s: float
    tables: dict[str, Table] = field(default_factory=dict)
    scalars: dict[str, Any] = field(default_factory=dict)
    folded: list[str] = field(default_factory=list)
    line_waits: dict[Place, float] = field(default_factory=dict)
    line_memory: dict[Place, float] = field(default_factory=dict)
    cell_suspensions: list[tuple[float, float, str, int, str]] = field(default_factory=list)
    call_counts: dict[tuple[str, str, int], int] = field(default_factory=dict)
    overhead_s: float = 0.0

    def finish(self, **identity: Any) -> Run:
        """The frozen Run; `identity` gives the fields that no recorder measures."""
        return Run(
            wall_s=self.wall_s,
            overhead_s=self.overhead_s,
            folded=tuple(self.folded),
            tables=dict(self.tables),
            **self.scalars,
            **identity,
        )
