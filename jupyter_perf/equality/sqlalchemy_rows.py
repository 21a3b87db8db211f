"""SQLAlchemy: rows by the names and values of their columns, mapped objects by what is loaded of them.

Nothing is loaded for the comparison: no statement is sent. An attribute that only one of two mapped objects
has loaded (a relationship loaded early, a column deferred) is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules
from jupyter_perf.equality.objects import state
from jupyter_perf.equality.wording import full_name, vars_of

STATE = "_sa_instance_state"


class Rows(Kind):
    """A row of a result."""

    types = ("sqlalchemy.engine.Row",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Names, then value by value."""
        if not rules.close:
            yield Pair("names of the columns", before._fields, after._fields)
        if len(before) != len(after):
            yield Difference("", f"{len(before)} and {len(after)} columns")
        for name, one, another in zip(before._fields, tuple(before), tuple(after), strict=True):
            yield Pair(f"column `{name}`", one, another)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Names and values."""
        yield Item(tuple(value._fields))
        yield Item(tuple(value))

    def plain(self, value: Any) -> tuple[Any, ...]:
        """Names and values."""
        return ("Row", tuple(value._fields), tuple(value))


class RowMappings(Kind):
    """A row as a mapping, from `.mappings()`."""

    types = ("sqlalchemy.engine.RowMapping",)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """As dicts."""
        yield Pair("", dict(before), dict(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """As a dict."""
        yield Item(dict(value))


class MappedCollections(Kind):
    """The list, set or dict behind a relationship, without what the ORM keeps there for itself."""

    types = (
        "sqlalchemy.orm.collections.InstrumentedList",
        "sqlalchemy.orm.collections.InstrumentedSet",
        "sqlalchemy.orm.collections.InstrumentedDict",
    )

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """As the built-in types that they are made of."""
        yield Pair("", _bare(before), _bare(after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """As the built-in type."""
        yield Item(_bare(value))


class MappedObjects(Kind):
    """An instance of a class that the ORM has mapped, where the class has no == of its own."""

    def covers(self, ancestor: type) -> bool:
        """Whether a class is mapped and leaves == to Python."""
        own = vars_of(ancestor)
        return "_sa_class_manager" in own and "__eq__" not in own

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Primary key, then what both have loaded."""
        keys = _primary_key(before), _primary_key(after)
        if None not in keys:
            yield Pair("primary key", *keys)
        first, second = _loaded(before), _loaded(after)
        for name, part in first.items():
            if name in second:
                yield Pair(f"attribute `{name}`", part, second[name])

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Primary key and what is loaded; for matching the key alone."""
        yield full_name(type(value)).encode(errors="replace")
        yield Item(_primary_key(value))
        if not reading.for_matching:
            for name, part in sorted(_loaded(value).items()):
                yield name.encode(errors="replace")
                yield Item(part)


def _primary_key(value: Any) -> Any:
    """The values of the primary key; None before the object is in a database."""
    key = getattr(state(value).get(STATE), "key", None)
    return None if key is None else key[1]


def _bare(collection: Any) -> Any:
    return next(plain(collection) for plain in (list, set, dict) if isinstance(collection, plain))


def _loaded(value: Any) -> dict[str, Any]:
    return {name: part for name, part in state(value).items() if name != STATE}
