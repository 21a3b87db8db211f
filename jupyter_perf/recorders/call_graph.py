"""cProfile's call graph, reduced to the user's part of it.

cProfile sees everything that its thread runs: also IPython between the cell's statements, and the event
loop between the steps of a task. What the user's code reached is kept, with its numbers; a function that
both sides called, such as `len`, keeps the calls that came from the user's side.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from types import CodeType
from typing import Any, NamedTuple

from jupyter_perf.sources import Sources, is_own

# Hosts of notebooks and terminals, by the first part of the file's path below the libraries' folder.
_HOSTS = frozenset(
    {"IPython", "ipykernel", "traitlets", "comm", "jupyter_client", "matplotlib_inline", "prompt_toolkit"}
)
# The event loop's own files. asyncio's other files hold what users call: sleep, gather, Queue, Lock.
_LOOP_FILES = frozenset(
    {"selectors.py", "uvloop/loop.pyx", "nest_asyncio.py"}
    | {
        f"asyncio/{name}.py"
        for name in ("base_events", "events", "runners", "selector_events", "unix_events")
    }
    | {f"asyncio/{name}.py" for name in ("proactor_events", "windows_events", "base_futures", "base_tasks")}
)
# Their coroutines run beside a cell, as the kernel's; reached from the user's code they are shown.
_KERNEL_LIBRARIES = frozenset({"tornado", "zmq", "anyio"})
_COROUTINE = inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE | inspect.CO_ASYNC_GENERATOR
_RESUMABLE = _COROUTINE | inspect.CO_GENERATOR

Label = tuple[str, int, str]


class Cost(NamedTuple):
    """cProfile's four numbers; times in seconds, `total_s` with callees.

    `primitive_calls` leaves out the calls of a function that was already running.
    """

    primitive_calls: int
    calls: int
    self_s: float
    total_s: float

    def plus(self, other: Cost) -> Cost:
        """The sum, field by field."""
        return Cost(
            self.primitive_calls + other.primitive_calls,
            self.calls + other.calls,
            self.self_s + other.self_s,
            self.total_s + other.total_s,
        )

    def minus(self, other: Cost) -> Cost:
        """The difference, field by field, and never below zero."""
        return Cost(
            max(self.primitive_calls - other.primitive_calls, 0),
            max(self.calls - other.calls, 0),
            max(self.self_s - other.self_s, 0.0),
            max(self.total_s - other.total_s, 0.0),
        )


NOTHING = Cost(0, 0, 0.0, 0.0)


@dataclass
class Node:
    """A function: its code, or a text where it is written in C, with its costs, also by caller (an id)."""

    code: CodeType | str
    cost: Cost
    callers: dict[int, Cost] = field(default_factory=dict)
    callees: list[int] = field(default_factory=list)


Graph = dict[int, Node]


def read(entries: Iterable[Any]) -> Graph:
    """The graph of what `_lsprof.Profiler.getstats` gives, by the id of each function's code."""
    entries = list(entries)
    graph = {id(entry.code): Node(entry.code, _cost(entry)) for entry in entries}
    for entry in entries:
        for call in entry.calls or ():
            callee = graph.get(id(call.code))
            if callee is not None:
                callee.callers[id(entry.code)] = _cost(call)
                graph[id(entry.code)].callees.append(id(call.code))
    return graph


def _cost(entry: Any) -> Cost:
    calls = entry.callcount
    return Cost(calls - entry.reccallcount, calls, entry.inlinetime, entry.totaltime)


def is_machinery(filename: str, sources: Sources) -> bool:
    """Whether a file belongs to the notebook's host, the event loop, or this package."""
    if filename in sources.cells:
        return False
    return is_own(filename) or is_host(filename, sources) or _shown(filename, sources) in _LOOP_FILES


def is_host(filename: str, sources: Sources) -> bool:
    """Whether a file belongs to what runs notebook cells, as IPython and ipykernel."""
    return filename not in sources.cells and _folder(filename, sources) in _HOSTS


def _shown(filename: str, sources: Sources) -> str:
    return sources.shown_file(filename).replace("\\", "/")


def _folder(filename: str, sources: Sources) -> str:
    return _shown(filename, sources).split("/", 1)[0]


def is_cell(code: CodeType, sources: Sources) -> bool:
    """Whether this is a cell's own code; IPython compiles each of its statements by itself."""
    return code.co_filename in sources.cells and code.co_name.startswith(("<module>", "<cell line"))


class Pruner:
    """Keeps of a graph what the user's code reached.

    `top_level_is_users` says whose the calls are that have no caller: the user's, where recording began
    inside the user's function; else they come from frames of the host that were running already.
    """

    def __init__(self, graph: Graph, sources: Sources, *, top_level_is_users: bool) -> None:
        self._graph = graph
        self._sources = sources
        self._top_level_is_users = top_level_is_users
        self._machinery = {key for key, node in graph.items() if self._is_machinery(node)}

    def prune(self) -> Graph:
        """The user's part, with costs and callers restricted to it."""
        roots = {key for key, node in self._graph.items() if self._is_root(key, node)}
        kept = self._reached(roots)
        return {key: self._restricted(key, kept, roots) for key in self._graph if key in kept}

    def _is_machinery(self, node: Node) -> bool:
        return isinstance(node.code, CodeType) and is_machinery(node.code.co_filename, self._sources)

    def _is_root(self, key: int, node: Node) -> bool:
        if key in self._machinery:
            return False
        if isinstance(node.code, CodeType) and self._sources.is_user(node.code.co_filename):
            return True
        has_top_level_calls = self._top_level(node).calls > 0
        if has_top_level_calls and self._top_level_is_users:
            return True
        return self._is_task(node) and (has_top_level_calls or self._run_by_loop(node))

    def _is_task(self, node: Node) -> bool:
        """Whether this is a library's coroutine that may run as a task of the user's."""
        if not isinstance(node.code, CodeType) or not node.code.co_flags & _COROUTINE:
            return False
        return _folder(node.code.co_filename, self._sources) not in _KERNEL_LIBRARIES

    def _run_by_loop(self, node: Node) -> bool:
        return any(_is_context_run(self._graph[caller].code) for caller in node.callers)

    def _reached(self, roots: set[int]) -> set[int]:
        kept, found = set(roots), set(roots)
        while found:
            leading = [node for key in kept if self._leads_on(node := self._graph[key], kept)]
            found = {callee for node in leading for callee in node.callees} - kept - self._machinery
            kept |= found
        return kept

    def _leads_on(self, node: Node, kept: set[int]) -> bool:
        """Whether what this function called is the user's too.

        What a C function called in turn (as `isinstance` calls `__instancecheck__`) is not known by who
        called it: it is taken for the user's where most of the C function's calls were.
        """
        if not isinstance(node.code, str):
            return True
        calls = sum(cost.calls for caller, cost in node.callers.items() if caller in kept)
        if self._top_level_is_users:
            calls += self._top_level(node).calls
        return 2 * calls > node.cost.calls

    def _top_level(self, node: Node) -> Cost:
        """The cost of calls without a caller, all primitive; under recursion `total_s` is a lower bound."""
        rest = reduce(Cost.minus, node.callers.values(), node.cost)
        return rest._replace(primitive_calls=rest.calls)

    def _restricted(self, key: int, kept: set[int], roots: set[int]) -> Node:
        node = self._graph[key]
        callers = {caller: cost for caller, cost in node.callers.items() if caller in kept}
        if self._is_cell(node):
            callers = {}
        foreign = [
            cost for caller, cost in node.callers.items() if self._is_foreign(caller, key, kept, roots)
        ]
        if key not in roots and not self._top_level_is_users:
            top_level = self._top_level(node)
            foreign += [top_level] if top_level.calls else []
        cost = reduce(Cost.minus, foreign, node.cost)
        callees = [callee for callee in node.callees if callee in kept]
        return Node(node.code, cost, callers, callees)

    def _is_foreign(self, caller: int, callee: int, kept: set[int], roots: set[int]) -> bool:
        """Whether calls along this edge are not the user's; a user's function is, whoever calls it."""
        code = self._graph[callee].code
        if isinstance(code, CodeType) and self._sources.is_user(code.co_filename):
            return False
        if callee in roots and _is_context_run(self._graph[caller].code):
            return False
        return caller not in kept

    def _is_cell(self, node: Node) -> bool:
        return isinstance(node.code, CodeType) and is_cell(node.code, self._sources)


def _is_context_run(code: CodeType | str) -> bool:
    return isinstance(code, str) and "'run' of '_contextvars.Context'" in code


def labelled(graph: Graph, sources: Sources) -> tuple[dict[Label, Cost], dict[tuple[Label, Label], Cost]]:
    """Costs by (file, line, function) as shown, and by (callee, caller).

    Different code objects of one label (the statements of a cell, two lambdas of a line) are added up.
    """
    labels = {key: _label(node.code, sources) for key, node in graph.items()}
    functions: dict[Label, Cost] = {}
    edges: dict[tuple[Label, Label], Cost] = {}
    for key, node in graph.items():
        functions[labels[key]] = functions.get(labels[key], NOTHING).plus(node.cost)
        for caller, cost in node.callers.items():
            edge = labels[key], labels[caller]
            edges[edge] = edges.get(edge, NOTHING).plus(cost)
    return functions, edges


def _label(code: CodeType | str, sources: Sources) -> Label:
    if isinstance(code, str):
        return "~", 0, code
    file = sources.shown_file(code.co_filename)
    if is_cell(code, sources):
        return file, 1, "<module>"
    return file, sources.shown_line(code.co_filename, code.co_firstlineno), code.co_name


def call_counts(graph: Graph, sources: Sources) -> Iterator[tuple[tuple[str, str, int], int]]:
    """((function, file, first line), calls), with the file as the code object has it.

    Generators and coroutines are left out, for cProfile counts each time they go on as a call; so are
    the statements of a cell, which are no calls.
    """
    for node in graph.values():
        code = node.code
        if isinstance(code, CodeType) and not code.co_flags & _RESUMABLE and not is_cell(code, sources):
            yield (code.co_name, code.co_filename, code.co_firstlineno), node.cost.calls
