"""The standard library's sqlite3.

Its types cannot be patched, so each connection is seen in the way that its making allows:

- Made by `connect` during a recording, or at any time once `prepare` was called: it is of a subclass
  that is called `sqlite3.Connection` like its parent, and so are its cursors. These are hooked only
  while a recording runs, so that they cost next to nothing in cells that are not recorded.
- Of the user's own subclass, or with the user's own cursors: these classes are hooked in place.
- Any other: through a trace callback (see `sqlite_traced`), which tells what was executed and where, but
  neither when it ended nor how many rows came.

`duration_s` is time inside sqlite3, executing and fetching; not what the user's code does in between.
"""

from __future__ import annotations

import functools
import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from jupyter_perf.context import Context
from jupyter_perf.drivers import Driver
from jupyter_perf.drivers.parameters import without_secrets
from jupyter_perf.drivers.patches import Patches
from jupyter_perf.drivers.sqlite_hooks import SqliteHooks
from jupyter_perf.drivers.sqlite_traced import TracedConnections, callbacks_can_be_read
from jupyter_perf.drivers.statement_log import Source, StatementLog

_HOOKED_NAMES = ("cursor", "execute", "executemany", "executescript")
_FACTORY_POSITION = 5

_open_cursor = sqlite3.Connection.cursor


class _Cursor(sqlite3.Cursor):
    __slots__ = ()


class _Connection(sqlite3.Connection):
    __slots__ = ("_source",)
    _source: Source

    def cursor(self, factory: Any = _Cursor) -> Any:
        return _open_cursor(self, _Cursor if factory is sqlite3.Cursor else factory)


for _ours, _parent in ((_Cursor, sqlite3.Cursor), (_Connection, sqlite3.Connection)):
    _ours.__name__, _ours.__qualname__ = _parent.__name__, _parent.__qualname__
    _ours.__module__, _ours.__doc__ = _parent.__module__, _parent.__doc__


class SqliteDriver(Driver):
    """Sees the statements of sqlite3."""

    name: ClassVar[str] = "sqlite3"
    module: ClassVar[str] = "sqlite3"

    _prepared: ClassVar[Patches] = Patches()
    _active: ClassVar[SqliteDriver | None] = None

    def __init__(self, context: Context, log: StatementLog) -> None:
        super().__init__(context, log)
        self._patches = Patches()
        self._hooks = SqliteHooks(log, self._source_of)
        self._traced = TracedConnections(log)
        self._sources: dict[int, Source] = {}
        self._hooked: set[type] = set()

    @classmethod
    def prepare(cls) -> None:
        """Make connections that are opened from now on fully visible to later recordings."""
        if not cls.is_prepared:
            _replace_connect(cls._prepared, [vars(sqlite3), vars(sqlite3.dbapi2)])
        super().prepare()

    @classmethod
    def release(cls) -> None:
        """Undo `prepare`; connections opened since stay usable."""
        cls._prepared.undo()
        super().release()

    def install(self) -> None:
        """Hook the classes that can be, wrap `connect`, and attach to what was opened earlier."""
        SqliteDriver._active = self
        self._hook(_Cursor, self._hooks.of_cursor(sqlite3.Cursor))
        self._hook_connections(_Connection, sqlite3.Connection)
        for family in _families(sqlite3.Cursor):
            self._adopt_cursors(family)
        for family in _families(sqlite3.Connection):
            self._adopt_connections(family)
        connect = getattr(sqlite3.connect, "__wrapped__", sqlite3.connect)
        found = gc.get_referrers(connect, *self._unhooked_classes())
        namespaces = [one for one in found if type(one) is dict and isinstance(one.get("__name__"), str)]
        _replace_connect(self._patches, namespaces)
        if callbacks_can_be_read():
            histories = _histories(self.context.shell)
            unhooked = self._unhooked_classes()
            self._traced.attach([one for one in found if type(one) in unhooked and one not in histories])

    def uninstall(self) -> None:
        """Restore classes, names and trace callbacks."""
        SqliteDriver._active = None
        self._patches.undo()
        if not self._traced.is_empty:
            self._say_what_was_traced()
            unhooked = self._unhooked_classes()
            self._traced.detach(one for one in gc.get_referrers(*unhooked) if type(one) in unhooked)
        if self._traced.refused:
            self.context.note(
                f"sqlite3 connections that were opened earlier, by other threads or for several "
                f"({self._traced.refused}), could not be seen at the driver."
            )

    def _say_what_was_traced(self) -> None:
        if self._traced.has_seen:
            self.context.note(
                "Statements on sqlite3 connections that were opened before they could be observed have no "
                "duration and no rows; open the connection again after %load_ext jupyter_perf to have them."
            )

    def opened(self, connection: sqlite3.Connection, source: Source) -> None:
        """A connection of the user's own class was made during the recording."""
        self._sources[id(connection)] = source
        if type(connection) in self._unhooked_classes() and callbacks_can_be_read():
            self._traced.attach([connection])

    def adopt(self, factory: Any) -> None:
        """See connections or cursors of a class that the user hands in; anything else is left alone."""
        for parent, adopt in (
            (sqlite3.Connection, self._adopt_connections),
            (sqlite3.Cursor, self._adopt_cursors),
        ):
            if isinstance(factory, type) and issubclass(factory, parent):
                for root in [one for one in factory.__mro__ if parent in one.__bases__]:
                    adopt(root)

    def _adopt_connections(self, root: type) -> None:
        if root not in self._hooked and not _overrides(root):
            self._hook_connections(root, root)

    def _adopt_cursors(self, root: type) -> None:
        if root not in self._hooked:
            self._hook(root, self._hooks.of_cursor(root))

    def _hook_connections(self, owner: type, methods_of: Any) -> None:
        def cursor(connection: Any, factory: Any = _Cursor) -> Any:
            if factory is not _Cursor:
                self.adopt(factory)
            return _open_cursor(connection, _Cursor if factory is sqlite3.Cursor else factory)

        hooks = {"cursor": cursor, **self._hooks.of_transactions(methods_of)}
        self._hook(owner, hooks | self._hooks.of_connection(lambda one: _open_cursor(one, _Cursor)))

    def _hook(self, owner: type, hooks: dict[str, Callable[..., Any]]) -> None:
        self._hooked.add(owner)
        for name, hook in hooks.items():
            self._patches.attribute(owner, name, hook)

    def _source_of(self, thing: Any) -> Source:
        """The source of a cursor or a connection."""
        try:
            source: Source = thing.connection._source
        except AttributeError:
            connection = getattr(thing, "connection", thing)
            known = getattr(connection, "_source", None) or self._sources.get(id(connection))
            source = known or self._sources.setdefault(id(connection), Source(self.name))
        return source

    def _unhooked_classes(self) -> list[type]:
        unhooked = [family for family in _families(sqlite3.Connection) if family not in self._hooked]
        return [sqlite3.Connection, *(one for family in unhooked for one in _descendants(family))]


def _histories(shell: Any) -> list[Any]:
    """The connections in which IPython keeps its own history: the shell's, and its saving thread's."""
    manager = getattr(shell, "history_manager", None)
    managers = getattr(type(manager), "_instances", [manager])
    owners = [*managers, *(getattr(one, "save_thread", None) for one in managers)]
    return [getattr(one, "db", None) for one in owners]


def _families(base: type) -> list[type]:
    """The user's classes directly below one of sqlite3's."""
    below: list[type] = type.__subclasses__(base)
    return [one for one in below if one not in (_Cursor, _Connection)]


def _descendants(family: type) -> Iterator[type]:
    yield family
    below: list[type] = type.__subclasses__(family)
    for one in below:
        yield from _descendants(one)


def _overrides(family: type) -> bool:
    """Whether a class has methods of its own that reach sqlite3's where they cannot be hooked."""
    return any(name in vars(one) for one in _descendants(family) for name in _HOOKED_NAMES)


def _replace_connect(patches: Patches, namespaces: list[dict[str, Any]]) -> None:
    """Let `connect` make observable connections, wherever these modules keep it."""
    original = _original_connect()
    observable = _observable(original)
    for namespace in namespaces:
        for name in [name for name, value in namespace.items() if value is original]:
            patches.name(namespace, name, observable)


def _original_connect() -> Callable[..., Any]:
    connect: Any = sqlite3.connect
    is_ours = getattr(connect, "__globals__", None) is globals()
    original: Callable[..., Any] = connect.__wrapped__ if is_ours else connect
    return original


@functools.cache
def _observable(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def connect(*arguments: Any, **options: Any) -> Any:
        active = SqliteDriver._active
        has_position = len(arguments) > _FACTORY_POSITION
        factory = arguments[_FACTORY_POSITION] if has_position else options.get("factory", sqlite3.Connection)
        if factory is sqlite3.Connection and has_position:
            after = arguments[_FACTORY_POSITION + 1 :]
            arguments = (*arguments[:_FACTORY_POSITION], _Connection, *after)
        elif factory is sqlite3.Connection:
            options["factory"] = _Connection
        elif active is not None:
            active.adopt(factory)
        connection = original(*arguments, **options)
        source = Source("sqlite3", _shown_database(arguments[0] if arguments else options.get("database")))
        if type(connection) is _Connection:
            connection._source = source
        elif active is not None:
            active.opened(connection, source)
        return connection

    return connect


def _shown_database(database: Any) -> str | None:
    try:
        return without_secrets(os.fsdecode(database))
    except (TypeError, ValueError):
        return None
