"""SQLAlchemy: one row for each logical statement, at the user's line, whatever sends it."""

import asyncio
import sqlite3

import pytest

from tests.drivers.recorded import record

sa = pytest.importorskip("sqlalchemy")
from sqlalchemy import orm  # noqa: E402
from sqlalchemy.ext import asyncio as sa_async  # noqa: E402


class Base(orm.DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    books: orm.Mapped[list["Book"]] = orm.relationship()


class Book(Base):
    __tablename__ = "book"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    author_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("author.id"))


NAMES = {"sa": sa, "orm": orm, "Author": Author, "Book": Book, "asyncio": asyncio, "aio": sa_async}


@pytest.fixture
def engine(tmp_path):
    """An engine that was made, and used, before the recording."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/books.db")
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add_all([Author(name=f"a{i}", books=[Book(), Book()]) for i in range(5)])
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def async_url(engine, tmp_path):
    pytest.importorskip("aiosqlite")
    return f"sqlite+aiosqlite:///{tmp_path}/books.db"


def test_a_statement_is_recorded_once_by_an_engine_made_earlier(engine, tmp_path):
    recorded = record(
        "with engine.connect() as c:\n"
        "    rows = c.execute(sa.text('SELECT id FROM author WHERE id > :id'), {'id': 2}).all()",
        engine=engine,
        **NAMES,
    )
    query = recorded.only()
    assert len(recorded.namespace["rows"]) == 3
    assert (query["rows"], query["line"], query["operation"]) == (3, 2, "SELECT")
    assert (query["driver"], query["database"]) == ("sqlalchemy", f"sqlite:///{tmp_path}/books.db")
    assert query["duration_s"] > 0


def test_an_engine_made_in_the_cell_is_not_counted_twice(tmp_path):
    source = (
        "engine = sa.create_engine(url)\n"
        "with engine.begin() as c:\n"
        "    c.execute(sa.text('CREATE TABLE t (v)'))\n"
        "    c.execute(sa.text('INSERT INTO t VALUES (:v)'), [{'v': 1}, {'v': 2}])\n"
        "    row = c.execute(sa.text('SELECT sum(v) FROM t')).scalar_one()\n"
    )
    recorded = record(source, url=f"sqlite:///{tmp_path}/new.db", **NAMES)
    recorded.namespace["engine"].dispose()
    assert recorded.namespace["row"] == 3
    assert [(q["operation"], q["rows"], q["driver"]) for q in recorded.queries] == [
        ("CREATE", None, "sqlalchemy"),
        ("INSERT", 2, "sqlalchemy"),
        ("SELECT", 1, "sqlalchemy"),
        ("COMMIT", None, "sqlite3"),
    ]
    assert recorded.column("line") == [3, 4, 5, 2]


def test_lazy_loads_stand_at_the_users_line(engine):
    source = (
        "with orm.Session(engine) as session:\n"
        "    authors = session.scalars(sa.select(Author)).all()\n"
        "    for author in authors:\n"
        "        len(author.books)\n"
    )
    recorded = record(source, engine=engine, **NAMES)
    assert recorded.column("line") == [2, 4, 4, 4, 4, 4]
    assert recorded.column("rows") == [5, 2, 2, 2, 2, 2]
    lazy = recorded.statements[0] if recorded.statements[0]["line"] == 4 else recorded.statements[1]
    assert (lazy["calls"], lazy["distinct_params"], lazy["rows"]) == (5, 5, 10)


def test_insertmanyvalues_is_one_statement(engine):
    source = (
        "with orm.Session(engine) as session:\n"
        "    session.add_all([Author(name=str(i)) for i in range(2500)])\n"
        "    session.commit()\n"
    )
    recorded = record(source, engine=engine, **NAMES)
    inserts = [q for q in recorded.queries if q["operation"] == "INSERT"]
    assert [(q["rows"], q["line"]) for q in inserts] == [(2500, 3)]


@pytest.mark.parametrize(
    "fetching",
    [
        "rows = [row for row in result]",
        "rows = result.fetchall()",
        "rows = [row for part in result.partitions(2) for row in part]",
        "rows = [result.fetchone()] + list(result.fetchmany(1)) + result.all()",
        "rows = list(result.yield_per(2))",
        "rows = result.scalars().all()",
    ],
)
def test_rows_are_counted_however_they_are_fetched(engine, fetching):
    source = f"with engine.connect() as c:\n    result = c.execute(sa.select(Author.id))\n    {fetching}"
    recorded = record(source, engine=engine, **NAMES)
    assert recorded.error is None
    assert len(recorded.namespace["rows"]) == 5
    assert recorded.only()["rows"] == 5


@pytest.mark.parametrize(
    "fetching", ["list(result)", "result.all()", "[r for p in result.partitions() for r in p]"]
)
def test_streaming_is_one_statement(engine, fetching):
    source = (
        "with engine.connect() as c:\n"
        "    result = c.execution_options(yield_per=2).execute(sa.select(Author.id))\n"
        f"    rows = {fetching}"
    )
    recorded = record(source, engine=engine, **NAMES)
    assert len(recorded.namespace["rows"]) == 5
    assert recorded.only()["rows"] == 5


def test_an_error_is_recorded_and_raised_as_it_is(engine):
    source = "with engine.connect() as c:\n    c.execute(sa.text('SELECT v FROM missing'))"
    recorded = record(source, engine=engine, **NAMES)
    assert type(recorded.error) is sa.exc.OperationalError
    assert recorded.only()["error"] == "OperationalError: no such table: missing"


def test_types_of_results_are_untouched(engine):
    source = (
        "with engine.connect() as c:\n    result = c.execute(sa.select(Author.id))\n    row = result.first()"
    )
    recorded = record(source, engine=engine, **NAMES)
    assert type(recorded.namespace["result"]) is sa.CursorResult
    assert type(recorded.namespace["row"]) is sa.Row


def test_what_the_user_sends_through_the_raw_connection_is_seen(engine):
    source = (
        "engine = sa.create_engine('sqlite://')\n"
        "with engine.connect() as c:\n"
        "    c.connection.driver_connection.execute('SELECT 7').fetchall()"
    )
    query = record(source, **NAMES).only()
    assert (query["driver"], query["line"], query["rows"]) == ("sqlite3", 3, 1)


def test_async_statements_stand_at_the_awaiting_line_with_their_task(async_url):
    source = (
        "async def one(i):\n"
        "    async with aio.AsyncSession(engine) as session:\n"
        "        return (await session.execute(\n"
        "            sa.select(Author).where(Author.id == i))).scalars().all()\n"
        "async def main():\n"
        "    await asyncio.gather(*(asyncio.create_task(one(i), name=f'one {i}') for i in (1, 2)))\n"
        "    await engine.dispose()\n"
        "engine = aio.create_async_engine(url)\n"
        "asyncio.run(main())\n"
    )
    recorded = record(source, is_async=True, url=async_url, **NAMES)
    assert recorded.error is None
    assert sorted((q["task"], q["line"], q["rows"]) for q in recorded.queries) == [
        ("one 1", 3, 1),
        ("one 2", 3, 1),
    ]
    assert {q["database"] for q in recorded.queries} == {async_url}
    assert 0 < recorded.draft.scalars["sql_s"] <= recorded.draft.wall_s


def test_async_streaming_and_lazy_loads_in_run_sync(async_url):
    source = (
        "def lazily(session):\n"
        "    author = session.get(Author, 1)\n"
        "    return len(author.books)\n"
        "async def main():\n"
        "    async with engine.connect() as c:\n"
        "        result = await c.stream(sa.select(Book.id))\n"
        "        rows = [row async for row in result]\n"
        "    async with aio.AsyncSession(engine) as session:\n"
        "        await session.run_sync(lazily)\n"
        "    await engine.dispose()\n"
        "engine = aio.create_async_engine(url)\n"
        "asyncio.run(main())\n"
    )
    recorded = record(source, is_async=True, url=async_url, **NAMES)
    assert recorded.error is None
    assert [(q["line"], q["rows"]) for q in recorded.queries] == [(6, 10), (2, 1), (3, 2)]


def test_passwords_of_the_url_are_not_shown():
    from jupyter_perf.context import Context
    from jupyter_perf.drivers import StatementLog
    from jupyter_perf.drivers.sqlalchemy import SqlalchemyDriver

    context = Context()
    driver = SqlalchemyDriver(context, StatementLog(context))
    url = sa.make_url("sqlite://me:geheim@host/db?password=geheim&mode=ro")

    class FakeFreeEngine:
        """An engine's url and dialect; no server is needed to show a name."""

        dialect = sa.create_engine("sqlite://").dialect

    engine = FakeFreeEngine()
    engine.url = url
    shown = driver._add_source(engine).database
    assert "geheim" not in shown
    assert "me:***@host/db" in shown


def test_listeners_and_classes_are_restored(engine):
    from sqlalchemy.engine import cursor as results

    places = [results.CursorFetchStrategy, results.BufferedRowCursorFetchStrategy]
    before = [dict(vars(place)) for place in places]
    had_events = sa.Engine._has_events, sa.engine.Dialect._has_events
    record("with engine.connect() as c: c.execute(sa.text('SELECT 1'))", engine=engine, **NAMES)
    assert [dict(vars(place)) for place in places] == before
    assert (sa.Engine._has_events, sa.engine.Dialect._has_events) == had_events
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1


def test_a_users_own_listener_of_all_engines_stays(engine):
    seen = []

    def listener(*arguments):
        seen.append(arguments[2])

    try:
        record(
            "sa.event.listen(sa.Engine, 'before_cursor_execute', listener)",
            engine=engine,
            listener=listener,
            **NAMES,
        )
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
        assert seen == ["SELECT 1"]
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listener)
        sa.Engine._has_events = False


def test_pandas_reads_through_an_engine_at_the_users_line(engine):
    pd = pytest.importorskip("pandas")
    recorded = record(
        "\nframe = pd.read_sql(sa.text('SELECT * FROM author'), engine)", pd=pd, engine=engine, **NAMES
    )
    assert (recorded.only()["line"], recorded.only()["rows"]) == (2, 5)


def test_sqlite3_alone_is_still_seen_beside_it(engine, tmp_path):
    source = "c = sqlite3.connect(path)\nn = c.execute('SELECT count(*) FROM author').fetchone()"
    recorded = record(source, sqlite3=sqlite3, path=tmp_path / "books.db", **NAMES)
    assert recorded.only()["driver"] == "sqlite3"


@pytest.mark.parametrize("is_handled", [True, False])
def test_a_users_own_listener_to_the_dialect_is_still_asked(is_handled):
    engine = sa.create_engine("sqlite://")
    seen = []

    def send(cursor, statement, parameters, context):
        seen.append(statement)
        if is_handled:
            cursor.execute("SELECT 2")
        return is_handled

    sa.event.listen(engine, "do_execute", send)
    source = (
        "with engine.connect() as connection:\n"
        "    value = connection.exec_driver_sql('SELECT ?', (1,)).scalar()\n"
    )
    recorded = record(source, engine=engine)
    assert seen == ["SELECT ?"]
    assert recorded.namespace["value"] == (2 if is_handled else 1)
    assert recorded.sql().count("SELECT ?") == 1
