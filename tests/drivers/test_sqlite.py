"""sqlite3: every way of making a connection, and nothing changed for the user."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drivers.recorded import record

MADE = (
    "import sqlite3\nc = sqlite3.connect(':memory:')\n"
    "c.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, v)')\n"
)


@pytest.fixture
def opened_before():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
    connection.executemany("INSERT INTO t (v) VALUES (?)", [(str(i),) for i in range(10)])
    connection.commit()
    yield connection
    connection.close()


def selects(recorded):
    return [query for query in recorded.queries if query["operation"] == "SELECT"]


def test_a_statement_has_its_line_rows_types_and_database():
    recorded = record(
        MADE + "c.execute('INSERT INTO t (v) VALUES (?)', ('a',))\n"
        "row = c.execute('SELECT v FROM t WHERE id = ?', (1,)).fetchone()"
    )
    create, insert, select = recorded.queries
    assert recorded.namespace["row"] == ("a",)
    assert (create["line"], insert["line"], select["line"]) == (3, 4, 5)
    assert (create["rows"], insert["rows"], select["rows"]) == (None, 1, 1)
    assert (insert["params"], select["params"]) == ("(str)", "(int)")
    assert {(q["file"], q["driver"], q["database"], q["thread"]) for q in recorded.queries} == {
        ("In[1]", "sqlite3", ":memory:", threading.current_thread().name)
    }
    assert all(q["duration_s"] > 0 and q["error"] is None and q["task"] is None for q in recorded.queries)


@pytest.mark.parametrize(
    "fetch",
    [
        "rows = cursor.fetchall()",
        "rows = cursor.fetchmany(3) + cursor.fetchmany(size=100)",
        "rows = [row for row in cursor]",
        "rows = list(iter(cursor.fetchone, None))",
        "rows = [next(cursor)] + list(cursor)",
    ],
)
def test_rows_are_counted_however_they_are_fetched(fetch):
    made = MADE + "c.executemany('INSERT INTO t (v) VALUES (?)', [(i,) for i in range(7)])\n"
    recorded = record(made + "cursor = c.cursor()\ncursor.execute('SELECT v FROM t ORDER BY v')\n" + fetch)
    assert recorded.error is None
    assert recorded.namespace["rows"] == [(i,) for i in range(7)]
    assert selects(recorded)[0]["rows"] == 7


def test_executemany_is_one_statement_with_all_its_rows():
    recorded = record(MADE + "c.executemany('INSERT INTO t (v) VALUES (?)', ((i,) for i in range(1000)))")
    insert = recorded.queries[1]
    assert (insert["operation"], insert["rows"], insert["params"]) == ("INSERT", 1000, "(many)")
    assert [group["calls"] for group in recorded.statements] == [1, 1]


def test_the_time_between_fetches_is_the_users():
    waiting = MADE + (
        "import time\nc.executemany('INSERT INTO t (v) VALUES (?)', [(1,), (2,)])\n"
        "for row in c.execute('SELECT v FROM t'): time.sleep(0.05)"
    )
    assert selects(record(waiting))[0]["duration_s"] < 0.05


def test_an_error_is_recorded_and_raised_as_it_is():
    recorded = record(MADE + "c.execute('SELECT v FROM missing')")
    assert type(recorded.error) is sqlite3.OperationalError
    assert recorded.queries[1]["error"] == "OperationalError: no such table: missing"
    assert recorded.queries[1]["line"] == 4


def test_wrong_arguments_are_refused_as_without_a_recording():
    assert type(record(MADE + "c.execute()").error) is TypeError
    assert type(record(MADE + "c.execute(['SELECT 1'])").error) is TypeError
    assert type(record(MADE + "c.execute('SELECT ?', ())").error) is sqlite3.ProgrammingError


def test_a_commit_that_ends_a_transaction_is_a_statement():
    recorded = record(MADE + "c.commit()\nwith c:\n    c.execute('INSERT INTO t (v) VALUES (1)')\nc.commit()")
    assert recorded.column("operation") == ["CREATE", "INSERT", "COMMIT"]
    assert recorded.queries[2]["line"] == 5


def test_leaving_a_with_block_by_an_exception_rolls_back():
    recorded = record(MADE + "with c:\n    c.execute('INSERT INTO t (v) VALUES (1)')\n    1 / 0")
    assert type(recorded.error) is ZeroDivisionError
    assert recorded.column("operation") == ["CREATE", "INSERT", "ROLLBACK"]
    count = recorded.namespace["c"].execute("SELECT count(*) FROM t").fetchone()
    assert count == (0,)


@pytest.mark.parametrize(
    "opening",
    ["sqlite3.connect(':memory:')", "sqlite3.dbapi2.connect(':memory:')", "connect(':memory:')"],
)
def test_every_way_to_connect_is_seen(opening):
    source = f"import sqlite3\nc = {opening}\nrow = c.execute('SELECT 1').fetchone()"
    assert record(source, connect=sqlite3.connect).only()["rows"] == 1


def test_a_name_bound_to_connect_earlier_is_given_back():
    recorded = record("c = connect(':memory:')", connect=sqlite3.connect, __name__="__main__")
    assert recorded.namespace["connect"] is sqlite3.connect


def test_types_look_like_sqlites_own():
    recorded = record(MADE + "cursor = c.cursor()")
    connection, cursor = recorded.namespace["c"], recorded.namespace["cursor"]
    assert isinstance(connection, sqlite3.Connection) and isinstance(cursor, sqlite3.Cursor)
    assert repr(connection).startswith("<sqlite3.Connection object")
    assert repr(cursor).startswith("<sqlite3.Cursor object")
    assert not hasattr(connection, "__dict__")
    target = sqlite3.connect(":memory:")
    connection.backup(target)
    assert target.execute("SELECT count(*) FROM t").fetchone() == (0,)
    target.close()


def test_a_connection_made_in_a_recorded_cell_works_and_is_seen_later():
    first = record(MADE + "cursor = c.cursor()")
    connection = first.namespace["c"]
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    assert "execute" not in vars(type(connection))
    second = record(
        "rows = c.execute('SELECT 2').fetchall() + cursor.execute('SELECT 3').fetchall()",
        **{name: first.namespace[name] for name in ("c", "cursor")},
    )
    assert second.namespace["rows"] == [(2,), (3,)]
    assert second.column("rows") == [1, 1]


def test_a_connection_opened_before_is_seen_with_what_can_be_had(opened_before):
    recorded = record(
        "rows = c.execute(\n    'SELECT v FROM t WHERE id = ? AND v = ?', (3, '2')).fetchall()",
        c=opened_before,
    )
    query = recorded.only()
    assert recorded.namespace["rows"] == [("2",)]
    assert query["sql"] == "SELECT v FROM t WHERE id = ? AND v = ?"
    assert (query["line"], query["duration_s"], query["rows"]) == (1, None, None)
    assert recorded.statements[0]["calls"] == 1
    assert recorded.statements[0]["total_s"] is None
    assert recorded.draft.scalars["sql_s"] is None
    assert "no duration and no rows" in recorded.context.notes[0]


def test_values_of_a_connection_opened_before_are_told_apart(opened_before):
    recorded = record(
        "for i in range(6): c.execute('SELECT v FROM t WHERE id = ?', (i % 3,))", c=opened_before
    )
    (group,) = recorded.statements
    assert (group["calls"], group["distinct_params"]) == (6, 3)


def test_an_implicit_begin_is_no_statement_and_executemany_is_one(opened_before):
    source = "c.executemany('INSERT INTO t (v) VALUES (?)', [(1,), (2,), (3,)])\nc.commit()"
    assert record(source, c=opened_before).column("operation") == ["INSERT", "COMMIT"]


def test_the_users_trace_callback_is_called_and_put_back(opened_before):
    seen = []
    opened_before.set_trace_callback(seen.append)
    recorded = record("c.execute('SELECT 1')", c=opened_before)
    opened_before.execute("SELECT 2")
    assert seen == ["SELECT 1", "SELECT 2"]
    assert recorded.sql() == ["SELECT ?"]


def test_a_trace_callback_set_during_the_recording_stays(opened_before):
    seen = []
    record("c.set_trace_callback(seen.append)", c=opened_before, seen=seen)
    opened_before.execute("SELECT 1")
    assert seen == ["SELECT 1"]


def test_no_trace_callback_remains_where_none_was(opened_before):
    record("c.execute('SELECT 1')", c=opened_before)
    again = record("c.execute('SELECT 1')", c=opened_before)
    assert len(again.queries) == 1


def test_a_connection_opened_before_may_be_closed_and_dropped_in_the_cell(opened_before):
    other = sqlite3.connect(":memory:")
    recorded = record(
        "c.execute('SELECT 1')\nc.close()\nother.close()\ndel other", c=opened_before, other=other
    )
    assert recorded.error is None
    assert len(recorded.queries) == 1
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened_before.execute("SELECT 1")


def test_a_connection_of_another_thread_is_said_not_to_be_seen():
    opened = []
    done, may_end = threading.Event(), threading.Event()

    def own():
        opened.append(sqlite3.connect(":memory:"))
        done.set()
        may_end.wait(10)
        opened.pop().close()

    thread = threading.Thread(target=own)
    thread.start()
    done.wait(10)
    try:
        recorded = record("1 + 1")
        assert "opened earlier, by other threads or for several (1)" in " ".join(recorded.context.notes)
    finally:
        may_end.set()
        thread.join()


def test_factories_and_transaction_state_are_untouched(opened_before):
    opened_before.row_factory = sqlite3.Row
    opened_before.text_factory = bytes
    opened_before.execute("INSERT INTO t (v) VALUES ('x')")
    level = opened_before.isolation_level
    recorded = record("row = c.execute('SELECT v FROM t').fetchone()", c=opened_before)
    assert type(recorded.namespace["row"]) is sqlite3.Row
    assert recorded.namespace["row"]["v"] == b"0"
    assert opened_before.in_transaction
    assert (opened_before.row_factory, opened_before.text_factory) == (sqlite3.Row, bytes)
    assert opened_before.isolation_level == level


def test_a_users_subclass_stays_itself_and_is_seen_in_full():
    class Mine(sqlite3.Connection):
        pass

    before = sqlite3.connect(":memory:", factory=Mine)
    source = (
        "import sqlite3\nc = sqlite3.connect(':memory:', factory=Mine)\n"
        "c.execute('SELECT 1').fetchone()\nbefore.execute('SELECT 2').fetchone()"
    )
    recorded = record(source, Mine=Mine, before=before)
    assert type(recorded.namespace["c"]) is Mine
    assert recorded.column("rows") == [1, 1]
    assert not {"execute", "cursor", "commit"} & set(vars(Mine))
    before.close()
    recorded.namespace["c"].close()


def test_a_subclass_with_an_execute_of_its_own_is_seen():
    class Loud(sqlite3.Connection):
        def execute(self, *arguments):
            return super().execute(*arguments)

    recorded = record(
        "import sqlite3\nc = sqlite3.connect(':memory:', factory=Loud)\n"
        "row = c.execute('SELECT 1').fetchone()",
        Loud=Loud,
    )
    assert recorded.namespace["row"] == (1,)
    assert recorded.only()["sql"] == "SELECT ?"


def test_a_users_cursor_class_is_seen_and_restored():
    class Mine(sqlite3.Cursor):
        def fetchone(self):
            return super().fetchone()

    fetchone = Mine.fetchone
    recorded = record(
        MADE + "cursor = c.cursor(Mine)\nrow = cursor.execute('SELECT 1').fetchone()", Mine=Mine
    )
    assert type(recorded.namespace["cursor"]) is Mine
    assert selects(recorded)[0]["rows"] == 1
    assert Mine.fetchone is fetchone and "execute" not in vars(Mine)


def test_threads_and_executors_are_seen_by_name():
    source = MADE.replace("':memory:'", "':memory:', check_same_thread=False") + (
        "def look():\n    return c.execute('SELECT 1').fetchall()\n"
        "thread = threading.Thread(target=look, name='mine')\nthread.start()\nthread.join()\n"
        "with Pool(1, thread_name_prefix='pool') as pool:\n    pool.submit(look).result()"
    )
    recorded = record(source, threading=threading, Pool=ThreadPoolExecutor)
    assert [(q["thread"], q["line"], q["function"]) for q in selects(recorded)] == [
        ("mine", 5, "look"),
        ("pool_0", 5, "look"),
    ]


def test_the_call_site_is_the_users_line_behind_pandas(opened_before):
    pd = pytest.importorskip("pandas")
    source = MADE + "frame = pd.read_sql(\n    'SELECT * FROM t',\n    c,\n)"
    query = selects(record(source, pd=pd))[0]
    assert (query["file"], query["line"], query["sql"]) == ("In[1]", 4, "SELECT * FROM t")


def test_everything_is_restored():
    connection = record(MADE).namespace["c"]
    places = (sqlite3, sqlite3.dbapi2, type(connection), type(connection.cursor()))
    before = [dict(vars(place)) for place in places]
    recorded = record(MADE)
    assert type(recorded.namespace["c"]) is type(connection)
    assert [dict(vars(place)) for place in places] == before


def test_prepared_connections_are_seen_in_full():
    from jupyter_perf.recorders.sql import prepare_drivers, release_drivers

    original = sqlite3.connect
    prepare_drivers()
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    recorded = record(
        "rows = c.execute('SELECT 1').fetchall()\ncursor.execute('SELECT 2')\ncursor.fetchall()",
        c=connection,
        cursor=cursor,
    )
    assert recorded.column("rows") == [1, 1]
    assert recorded.context.notes == []
    assert sqlite3.connect is not original
    release_drivers()
    assert sqlite3.connect is original
    assert connection.execute("SELECT 3").fetchall() == [(3,)]
    connection.close()


def test_a_connection_for_several_threads_that_was_opened_before_is_left_alone():
    shared = sqlite3.connect(":memory:", check_same_thread=False)
    ended = threading.Event()

    def execute_all_the_time():
        while not ended.is_set():
            shared.execute("SELECT 1").fetchone()

    thread = threading.Thread(target=execute_all_the_time)
    thread.start()
    try:
        for _ in range(5):
            recorded = record("sum(range(1000))")
            assert "or for several (1)" in " ".join(recorded.context.notes)
            assert not recorded.queries
    finally:
        ended.set()
        thread.join()
        shared.close()
