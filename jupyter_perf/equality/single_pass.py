"""What is read once, or not yet there: refused, with what to write instead."""

from __future__ import annotations

from jupyter_perf.equality.base import Refused
from jupyter_perf.equality.wording import vars_of


class Generators(Refused):
    """Generators and generator expressions."""

    types = ("types.GeneratorType",)
    read_once = True
    refusal = "a generator can be read once: let the part end with list(...) of it"


class Coroutines(Refused):
    """Coroutines, futures, tasks and asynchronous generators."""

    types = ("types.CoroutineType", "types.AsyncGeneratorType", "asyncio.Future", "concurrent.futures.Future")
    read_once = True
    refusal = "the value is not there before it is awaited: let the part end with its result"


class SqlAlchemyResults(Refused):
    """What `execute` of SQLAlchemy gives."""

    types = (
        "sqlalchemy.engine.Result",
        "sqlalchemy.engine.ScalarResult",
        "sqlalchemy.engine.MappingResult",
        "sqlalchemy.engine.FilterResult",
        "sqlalchemy.ext.asyncio.AsyncResult",
        "sqlalchemy.ext.asyncio.AsyncScalarResult",
        "sqlalchemy.ext.asyncio.AsyncMappingResult",
    )
    read_once = True
    refusal = "a SQLAlchemy result can be read once: let the part end with its .all()"


class Cursors(Refused):
    """The cursor of any database library, by the methods that PEP 249 asks of it."""

    read_once = True
    refusal = "a cursor's rows can be read once: let the part end with its .fetchall()"

    def covers(self, ancestor: type) -> bool:
        """Whether a class has the methods of a cursor."""
        own = vars_of(ancestor)
        return "fetchone" in own and "fetchmany" in own


class Files(Refused):
    """Open files of every kind, also in memory."""

    types = (
        "io.TextIOWrapper",
        "io.StringIO",
        "io.BytesIO",
        "io.FileIO",
        "io.BufferedReader",
        "io.BufferedRandom",
        "io.BufferedWriter",
        "_io._IOBase",
    )
    read_once = True
    refusal = "an open file can be read once: let the part end with its .read()"


class Iterators(Refused):
    """Any class with `__next__`: map, zip, a reader."""

    read_once = True
    refusal = "an iterator can be read once: let the part end with list(...) of it"

    def covers(self, ancestor: type) -> bool:
        """Whether a class gives its items one by one."""
        own = vars_of(ancestor)
        return "__next__" in own or "__anext__" in own
