"""Samples that leave a database as it was, on real connections."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import aiosqlite
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from jupyter_perf.comparing.rollback import Rollback, RollbackError, before_each

COUNT = "SELECT count(*) FROM t"
IS_3_12 = sys.version_info >= (3, 12)


def opened(kind: str) -> Any:
    """A connection of this kind to a table with one row."""
    if kind.startswith("sqlite3"):
        options: dict[str, Any] = {"isolation_level=None": {"isolation_level": None}, "plain": {}}.get(
            kind.removeprefix("sqlite3 "), {"autocommit": False}
        )
        connection = sqlite3.connect(":memory:", **options)
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (0)")
        connection.commit()
        return connection
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as begun:
        begun.execute(sa.text("CREATE TABLE t (a)"))
        begun.execute(sa.text("INSERT INTO t VALUES (0)"))
    return engine.connect() if kind == "sqlalchemy connection" else Session(engine)


KINDS = [
    "sqlite3 plain",
    "sqlite3 isolation_level=None",
    pytest.param(
        "sqlite3 autocommit=False", marks=pytest.mark.skipif(not IS_3_12, reason="since Python 3.12")
    ),
    "sqlalchemy connection",
    "sqlalchemy session",
]


@pytest.fixture(params=KINDS)
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = opened(request.param)
    yield made
    made.close()
    close_engine(made)


def close_engine(connection: Any) -> None:
    if isinstance(connection, Session):
        connection.get_bind().engine.dispose()
    elif not isinstance(connection, sqlite3.Connection):
        connection.engine.dispose()


def execute(connection: Any, statement: str) -> Any:
    is_text = isinstance(connection, sqlite3.Connection)
    return connection.execute(statement if is_text else sa.text(statement))


def count(connection: Any) -> int:
    found = execute(connection, COUNT).fetchone()[0]
    connection.rollback()
    return int(found)


def test_what_each_sample_writes_is_taken_back(connection: Any) -> None:
    rollback = Rollback(connection, "db")
    for _ in range(3):
        rollback.begin()
        execute(connection, "INSERT INTO t VALUES (1)")
        assert execute(connection, COUNT).fetchone()[0] == 2
    rollback.undo()
    rollback.undo()
    assert count(connection) == 1


def test_samples_that_only_read_or_do_nothing_are_no_trouble(connection: Any) -> None:
    rollback = Rollback(connection, "db")
    rollback.begin()
    rollback.begin()
    execute(connection, COUNT).fetchone()
    rollback.begin()
    rollback.undo()
    assert count(connection) == 1


def test_a_commit_is_noticed(connection: Any) -> None:
    rollback = Rollback(connection, "db")
    rollback.begin()
    execute(connection, "INSERT INTO t VALUES (1)")
    connection.commit()
    with pytest.raises(RollbackError, match=r"^a part ended the transaction on db itself"):
        rollback.undo()
    # That has been said once.
    rollback.undo()


def test_after_it_the_connection_is_as_good_as_before(connection: Any) -> None:
    rollback = Rollback(connection, "db")
    rollback.begin()
    rollback.undo()
    execute(connection, "INSERT INTO t VALUES (1)")
    connection.commit()
    assert count(connection) == 2


@pytest.mark.parametrize("kind", ["sqlite3 plain", "sqlalchemy connection", "sqlalchemy session"])
def test_an_open_transaction_is_refused_and_kept(kind: str) -> None:
    connection = opened(kind)
    execute(connection, "INSERT INTO t VALUES (1)")
    with pytest.raises(RollbackError, match=r"commit it first with db\.commit\(\)$"):
        Rollback(connection, "db")
    connection.commit()
    assert count(connection) == 2
    connection.close()
    close_engine(connection)


@pytest.mark.skipif(not IS_3_12, reason="since Python 3.12")
def test_pending_changes_are_kept_where_a_transaction_is_always_open() -> None:
    connection = opened("sqlite3 autocommit=False")
    connection.execute("INSERT INTO t VALUES (1)")
    rollback = Rollback(connection, "db")
    rollback.begin()
    connection.execute("DELETE FROM t")
    rollback.undo()
    connection.commit()
    assert count(connection) == 2
    connection.close()


@pytest.mark.skipif(not IS_3_12, reason="since Python 3.12")
def test_a_connection_that_commits_by_itself_is_refused() -> None:
    connection = sqlite3.connect(":memory:", autocommit=True)
    with pytest.raises(RollbackError, match=r"db commits by itself: set db\.autocommit = False"):
        Rollback(connection, "db")
    connection.autocommit = False
    Rollback(connection, "db")
    connection.close()


def test_what_has_no_rollback_is_refused() -> None:
    engine = sa.create_engine("sqlite://")
    for thing, kind in ((engine, "Engine"), (1, "int"), (None, "NoneType")):
        with pytest.raises(RollbackError, match=rf"db is of type {kind}, which has no rollback\(\)"):
            Rollback(thing, "db")
    engine.dispose()


def test_an_asynchronous_connection_is_refused() -> None:
    async def main() -> None:
        async with aiosqlite.connect(":memory:") as connection:
            Rollback(connection, "db")

    with pytest.raises(RollbackError, match="db is asynchronous"):
        asyncio.run(main())


def test_it_rolls_back_before_what_else_is_prepared() -> None:
    connection = opened("sqlite3 plain")
    rollback = Rollback(connection, "db")
    seen: list[int] = []

    def prepare() -> str:
        seen.append(connection.execute(COUNT).fetchone()[0])
        connection.execute("INSERT INTO t VALUES (1)")
        return "awaitable"

    both = before_each(prepare, rollback)
    assert both is not None
    assert [both(), both()] == ["awaitable", "awaitable"]
    assert seen == [1, 1]
    rollback.undo()
    assert before_each(prepare, None) is prepare
    assert before_each(None, None) is None
    assert count(connection) == 1
    connection.close()
