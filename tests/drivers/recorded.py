"""Runs a piece of a user's code as a cell, with SQL recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.sql import SqlRecorder
from jupyter_perf.sources import Cell

FILENAME = "/tmp/ipykernel_1/2.py"

namespaces: list[dict[str, Any]] = []
"""Of the cells that ran in this test, so that their connections can be closed."""


@dataclass
class Recorded:
    """What one cell did: its rows of `queries` and `statements`, and what was said."""

    queries: list[dict[str, Any]]
    statements: list[dict[str, Any]]
    draft: Draft
    context: Context
    error: BaseException | None = None
    namespace: dict[str, Any] = field(default_factory=dict)

    def sql(self) -> list[str]:
        return [query["sql"] for query in self.queries]

    def column(self, name: str) -> list[Any]:
        return [query[name] for query in self.queries]

    def only(self) -> dict[str, Any]:
        (query,) = self.queries
        return query


def record(source: str, *, is_async: bool = False, params: bool = False, **names: Any) -> Recorded:
    """Run the text as cell `In[1]`, whose lines are the text's, with these names defined."""
    names.setdefault("__name__", "__main__")
    namespaces.append(names)
    context = Context(namespace=names, options=Options(params=params), is_async=is_async)
    context.sources.add(Cell(FILENAME, "In[1]", source=source))
    context.origin_s = context.clock()
    recorder = SqlRecorder(context)
    recorder.start()
    error = None
    try:
        exec(compile(source, FILENAME, "exec"), names)
    except BaseException as raised:
        error = raised
    finally:
        recorder.stop()
    draft = Draft(wall_s=context.now_s())
    recorder.collect(draft)
    tables = draft.tables
    rows = [list(tables[name].rows()) for name in ("queries", "statements")]
    return Recorded(*rows, draft, context, error, names)
