"""What a recording may leave behind in a process: looked at before and after, and named.

`Snapshot()` looks; `remaining(before)` waits a moment for threads and children that are about to end,
and says in sentences what is there that was not. It also runs inside the kernels of the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

PREFIX = "jupyter_perf-"
GRACE_S = 2.0

# Threads and processes that a fixture ends later.
KEPT: set[object] = set()
# Threads of others that live on by design: pools of asyncio and concurrent.futures; by type, IPython's
# history and what pyzmq starts for its first large message; by target, the loop of IPython's %%bash.
KNOWN_THREADS = ("asyncio_", "ThreadPoolExecutor", "waitpid-")
KNOWN_THREAD_TYPES = ("HistorySavingThread", "GarbageCollectorThread")
KNOWN_THREAD_TARGETS = ("(run_forever)",)
# Modules whose functions and classes a profiler might replace: the standard library's, loaded at once so
# that a patch made by the first user of one is seen, and others', looked at where they are loaded.
STANDARD = (
    "asyncio",
    "asyncio.base_events",
    "asyncio.events",
    "builtins",
    "concurrent.futures.thread",
    "gc",
    "linecache",
    "multiprocessing.process",
    "os",
    "signal",
    "socket",
    "sqlite3",
    "sqlite3.dbapi2",
    "subprocess",
    "sys",
    "threading",
    "time",
)
THIRD_PARTY = (
    "aiosqlite",
    "aiosqlite.core",
    "line_profiler",
    "memory_profiler",
    "pandas",
    "pandas.io.sql",
    "sqlalchemy",
    "sqlalchemy.engine.base",
    "sqlalchemy.engine.default",
    "sqlalchemy.orm.session",
)
# A cell may go to another folder and stay there, as its user wants it.
CELLS_MAY_CHANGE = ("the working directory",)
# sys.meta_path gets one more finder when somebody first imports six.
KNOWN_FINDERS = ("_SixMetaPathImporter",)
# pytest's own, which changes with every phase of a test.
KNOWN_VARIABLES = ("PYTEST_CURRENT_TEST",)


class Snapshot:
    """The state of this process that a profiler touches."""

    def __init__(self) -> None:
        self.values = {**_hooks(), **_signals(), **_monitoring(), **_ours_in_ipython()}
        self.functions = dict(_functions())
        self.environment = {k: v for k, v in os.environ.items() if k not in KNOWN_VARIABLES}
        self.listeners = _sqlalchemy_listeners()
        self.things = _things()


def remaining(before: Snapshot, *, grace_s: float = GRACE_S) -> list[str]:
    """What is there now and was not before, a sentence each; empty where nothing is."""
    deadline = time.monotonic() + grace_s
    while True:
        found = [f"{kind} {text}" for key, (kind, text) in _things().items() if key not in before.things]
        if not found or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    now = Snapshot()
    return [
        *found,
        *_changed(before.values, now.values, "{name} was {old!r} and is {new!r}"),
        *_changed(before.functions, now.functions, "{name} is patched: {new!r}"),
        *_changed(before.environment, now.environment, "the environment variable {name} became {new!r}"),
        *(f"a listener of {name} remains" for name in sorted(now.listeners - before.listeners)),
    ]


def begin() -> None:
    """Look at a kernel's process, for `end` to compare with."""
    before = Snapshot()
    for name in CELLS_MAY_CHANGE:
        del before.values[name]
    _begun[:] = [before]


def end() -> None:
    """Print what remains since `begin`, as a JSON list."""
    print(json.dumps(remaining(_begun[0])))


_begun: list[Snapshot] = []


def _changed(old: dict[str, Any], new: dict[str, Any], sentence: str) -> list[str]:
    return [
        sentence.format(name=name, old=value, new=new[name])
        for name, value in old.items()
        if name in new and not _same(new[name], value)
    ]


def _same(one: Any, other: Any) -> bool:
    """Identity for objects, equality for plain values and lists of objects."""
    if one is other:
        return True
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, str | int | float | tuple):
        return type(one) is type(other) and one == other
    # A bound method is made anew at each look: it is the same if it is equal.
    return type(one) is type(other) and bool(one == other)


def _things() -> dict[object, tuple[str, str]]:
    """Threads, processes, files and open descriptors: a key that lasts, and (kind, description)."""
    things = {**_threads(), **dict(_processes()), **dict(_files())}
    return {key: thing for key, thing in things.items() if key not in KEPT}


def _threads() -> dict[object, tuple[str, str]]:
    return {
        thread: ("thread", repr(thread))
        for thread in threading.enumerate()
        if not thread.name.startswith(KNOWN_THREADS)
        and not thread.name.endswith(KNOWN_THREAD_TARGETS)
        and type(thread).__name__ not in KNOWN_THREAD_TYPES
    }


def _processes() -> Iterator[tuple[object, tuple[str, str]]]:
    for child in psutil.Process().children(recursive=True):
        yield child, ("child process", _described(child))
    # A sampler in a session of its own is nobody's child: known by the process that it watches.
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "py-spy":
            described = _described(process)
            if str(os.getpid()) in described.split():
                yield process, ("sampler process", described)


def _described(process: psutil.Process) -> str:
    try:
        command = " ".join(process.cmdline()) or process.name()
        return f"{process.pid} {process.status()}: {command[:300]}"
    except psutil.Error:
        return f"{process.pid} (gone by now)"


def _files() -> Iterator[tuple[object, tuple[str, str]]]:
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        yield str(path), ("file", str(path))
    for descriptor in Path("/proc/self/fd").glob("*"):
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if os.path.basename(target).startswith(PREFIX):
            yield f"{descriptor} {target}", ("open file", target)


def _hooks() -> dict[str, Any]:
    values = {
        "sys.gettrace()": sys.gettrace(),
        "sys.getprofile()": sys.getprofile(),
        "threading.gettrace()": threading.gettrace(),
        "threading.getprofile()": threading.getprofile(),
        "sys.excepthook": sys.excepthook,
        "threading.excepthook": threading.excepthook,
        "sys.displayhook": sys.displayhook,
        "sys.getswitchinterval()": sys.getswitchinterval(),
        "sys.getrecursionlimit()": sys.getrecursionlimit(),
        "gc.callbacks": list(gc.callbacks),
        "gc.isenabled()": gc.isenabled(),
        "gc.get_threshold()": gc.get_threshold(),
        "gc.get_freeze_count()": gc.get_freeze_count(),
        "sys.meta_path": [finder for finder in sys.meta_path if type(finder).__name__ not in KNOWN_FINDERS],
        "tracemalloc.is_tracing()": tracemalloc.is_tracing(),
        "the working directory": os.getcwd(),
    }
    with contextlib.suppress(RuntimeError):  # where no loop runs
        values["the loop's task factory"] = asyncio.get_running_loop().get_task_factory()
    return values


def _signals() -> dict[str, Any]:
    handlers = {f"the handler of {number.name}": signal.getsignal(number) for number in _known_signals()}
    timers = {"ITIMER_REAL": 0, "ITIMER_VIRTUAL": 1, "ITIMER_PROF": 2}
    if not hasattr(signal, "getitimer"):
        return handlers
    # A running timer's remaining time differs at each look; that it runs, and its interval, do not.
    for name, which in timers.items():
        left_s, interval_s = signal.getitimer(which)
        handlers[f"the timer {name}"] = (left_s > 0, interval_s)
    handlers["the signal wake-up descriptor"] = _wakeup_descriptor()
    return handlers


def _known_signals() -> list[signal.Signals]:
    return [number for number in signal.valid_signals() if isinstance(number, signal.Signals)]


def _wakeup_descriptor() -> int:
    if threading.current_thread() is not threading.main_thread():
        return -1
    descriptor = signal.set_wakeup_fd(-1)
    if descriptor != -1:
        signal.set_wakeup_fd(descriptor)
    return descriptor


def _monitoring() -> dict[str, Any]:
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None:
        return {}
    values: dict[str, Any] = {}
    for tool in range(6):
        name = monitoring.get_tool(tool)
        values[f"the monitoring tool {tool}"] = name
        values[f"the events of monitoring tool {tool}"] = 0 if name is None else monitoring.get_events(tool)
    return values


def _functions() -> Iterator[tuple[str, Any]]:
    """Every function, class and method of the modules that might be patched, by its full name."""
    modules = [(name, import_module(name)) for name in STANDARD]
    modules += [(name, sys.modules[name]) for name in THIRD_PARTY if name in sys.modules]
    for module_name, module in modules:
        for name, value in list(vars(module).items()):
            if not callable(value) or name == "_" or name.startswith("last_"):
                continue
            yield f"{module_name}.{name}", value
            if isinstance(value, type) and value.__module__.split(".")[0] == module_name.split(".")[0]:
                for attribute, member in list(vars(value).items()):
                    if callable(member):
                        yield f"{module_name}.{name}.{attribute}", member


def _sqlalchemy_listeners() -> frozenset[str]:
    """Listeners on SQLAlchemy's classes, which every engine and session of the process hears."""
    registry = sys.modules.get("sqlalchemy.event.registry")
    if registry is None:
        return frozenset()
    classes = {
        id(value): f"{module_name}.{name}"
        for module_name in ("sqlalchemy.engine", "sqlalchemy.orm", "sqlalchemy.pool")
        if module_name in sys.modules
        for name, value in vars(sys.modules[module_name]).items()
        if isinstance(value, type)
    }
    keys = list(registry._key_to_collection)
    return frozenset(
        f"{classes[target]} ({event}, function {function})"
        for target, event, function in keys
        if target in classes
    )


def _ours_in_ipython() -> dict[str, Any]:
    """Transformers, callbacks and magics of ours in a running IPython, by what `repr` says of them."""
    module = sys.modules.get("IPython.core.getipython")
    shell = module.get_ipython() if module else None
    if shell is None:
        return {}
    magics = [*shell.magics_manager.magics["line"].items(), *shell.magics_manager.magics["cell"].items()]
    return {
        "IPython's input transformers": _ours(
            [*shell.input_transformers_cleanup, *shell.input_transformers_post]
        ),
        "IPython's AST transformers": _ours(shell.ast_transformers),
        "IPython's event callbacks": _ours(
            [callback for callbacks in shell.events.callbacks.values() for callback in callbacks]
        ),
        "IPython's magics": tuple(name for name, function in magics if _is_ours(function)),
        "hidden names of ours among the user's": tuple(
            name for name in shell.user_ns if name.startswith(("_perf", "_jupyter_perf", "__jupyter_perf"))
        ),
    }


def _ours(callables: list[Callable[..., Any]]) -> tuple[str, ...]:
    return tuple(repr(function) for function in callables if _is_ours(function))


def _is_ours(value: Any) -> bool:
    owner = getattr(value, "__self__", value)
    places = (getattr(value, "__module__", None), type(owner).__module__)
    return any(isinstance(place, str) and place.split(".")[0] == "jupyter_perf" for place in places)
