"""The SQL recorder: the frames' columns, the time on the cell's thread, and what is bounded."""

import sqlite3
import subprocess
import sys

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.drivers import Source, StatementLog
from jupyter_perf.model import COLUMNS, Run, from_json, to_json_text
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.sql import SqlRecorder
from jupyter_perf.recorders.statement_tables import (
    describe_shapes,
    folded_sentences,
    queries_table,
    statements_table,
    time_of_thread,
)
from tests.drivers.recorded import record

LOOKUPS = (
    "import sqlite3\nc = sqlite3.connect(':memory:')\n"
    "c.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, v)')\n"
    "for i in range(4):\n    c.execute('SELECT v FROM t WHERE id = ?', (i % 2,)).fetchall()\n"
)


@pytest.fixture(autouse=True)
def closed_connections():
    from tests.drivers.recorded import namespaces

    yield
    for namespace in namespaces:
        if isinstance(namespace.get("c"), sqlite3.Connection):
            namespace["c"].close()
    namespaces.clear()


def log_of(durations, *, limit=1_000_000, source=None, frame=None, sql="SELECT 1", **options):
    """A log whose clock stands at 0, 1, 2 ... and whose statements last as given."""
    context = Context(options=Options(**options), clock=iter(map(float, range(1_000_000))).__next__)
    log = StatementLog(context, limit=limit)
    source = source or Source("fake", "db")
    for duration in durations:
        row = log.begin(sql, (duration,), frame or sys._getframe(), source)
        log.durations[row] += duration
    log.close()
    return log


def tables(log):
    described = describe_shapes(log)
    queries, statements = queries_table(log, described), statements_table(log, described)
    return list(queries.rows()), list(statements.rows())


def test_is_wanted_unless_refused():
    assert SqlRecorder.is_wanted(Options())
    assert not SqlRecorder.is_wanted(Options(sql=False))


def test_frames_have_the_columns_of_the_contract():
    recorded = record(LOOKUPS)
    assert list(recorded.queries[0]) == list(COLUMNS["queries"])
    assert list(recorded.statements[0]) == list(COLUMNS["statements"])


def test_statements_are_grouped_by_text_and_line():
    group = next(one for one in record(LOOKUPS).statements if one["operation"] == "SELECT")
    assert (group["calls"], group["distinct_params"], group["rows"], group["line"]) == (4, 2, 0, 5)
    assert group["fingerprint"] == "select v from t where id = ?"
    assert group["total_s"] == pytest.approx(4 * group["mean_s"])


def test_the_same_text_at_two_lines_is_two_groups():
    recorded = record(
        LOOKUPS
        + "c.execute('SELECT v FROM t WHERE id = ?', (1,))\nc.execute('select v from t where id=?', (1,))"
    )
    selects = [one for one in recorded.statements if one["operation"] == "SELECT"]
    assert sorted((one["line"], one["calls"]) for one in selects) == [(5, 4), (6, 1), (7, 1)]


def test_a_cell_without_sql_has_empty_frames_and_no_time():
    recorded = record("1 + 1")
    assert recorded.queries == [] and recorded.statements == []
    assert recorded.draft.scalars["sql_s"] == 0


def test_a_run_with_sql_survives_json_and_pandas():
    draft = record(LOOKUPS).draft
    run = draft.finish(run_id="r", label=None, cell_id=None, started_at=0.0)
    again = from_json(to_json_text(run), Run)
    assert list(run.queries.columns) == list(COLUMNS["queries"])
    assert run.queries["rows"].isna().tolist() == [True, False, False, False, False]
    assert again.queries.astype(str).equals(run.queries.astype(str))


def test_values_are_shown_only_where_they_are_asked_for():
    source = LOOKUPS + "c.execute('SELECT :name, :password', {'name': 'Ada', 'password': 'geheim'})"
    hidden, shown = record(source).queries[-1]["params"], record(source, params=True).queries[-1]["params"]
    assert hidden == "{name: str, password: str}"
    assert shown == "{name: 'Ada', password: ***}"


def test_passwords_in_texts_never_appear():
    source = "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute(\"ALTER USER u PASSWORD 'geheim'\")"
    recorded = record(source, params=True)
    assert recorded.queries[0]["sql"] == "ALTER USER u PASSWORD '***'"
    assert "geheim" not in str(recorded.queries) + str(recorded.statements)


def test_users_objects_are_not_kept():
    class Value(bytes):
        pass

    value = Value(b"x")
    recorded = record(LOOKUPS + "c.execute('SELECT ?', (value,))", value=value, params=True)
    del recorded.namespace["value"]
    other = Value(b"y")
    assert sys.getrefcount(value) == sys.getrefcount(other)  # by one name, each
    assert recorded.queries[-1]["params"] == "(<Value>)"


def test_group_times_are_those_of_their_statements():
    _, (group,) = tables(log_of([0.1] * 19 + [0.5]))
    assert group["calls"] == 20
    assert group["total_s"] == pytest.approx(2.4)
    assert group["mean_s"] == pytest.approx(0.12)
    assert (group["p95_s"], group["max_s"]) == (0.1, 0.5)
    assert group["distinct_params"] == 2


def test_beyond_the_limit_statements_are_counted_and_said():
    log = log_of([0.25] * 10, limit=4)
    queries, (group,) = tables(log)
    assert len(queries) == 5
    assert (group["calls"], group["total_s"], group["max_s"]) == (10, 2.5, 0.25)
    assert folded_sentences(log)[0].startswith("SQL: 6 statements after the first 4 ")


def test_many_texts_are_simplified_and_said(monkeypatch):
    from jupyter_perf.drivers import statement_log

    monkeypatch.setattr(statement_log, "MOST_SHAPES", 3)
    log = StatementLog(Context())
    for i in range(50):
        log.begin(f"SELECT {i}", None, sys._getframe(), Source("fake"))
    log.close()
    assert len({shape.sql for shape in log.shapes}) == 4
    assert len(log.shape_codes) == 50
    assert "very many or very long texts" in folded_sentences(log)[0]


def test_a_very_long_text_is_cut(monkeypatch):
    from jupyter_perf.drivers import statement_log

    monkeypatch.setattr(statement_log, "MOST_CHARACTERS", 1000)
    (query,), _ = tables(log_of([0.1], sql="SELECT " + "x" * 50_000))
    assert len(query["sql"]) < 11_000
    assert query["sql"].endswith("(50007 characters)")


def test_overlapping_statements_of_a_loop_count_once():
    concurrent = log_of([2.5, 2.5, 2.5], source=Source("fake", overlaps=True))
    first, _, third = concurrent.starts
    ident = concurrent.context.thread_ident
    assert time_of_thread(concurrent, ident, 100.0) == pytest.approx(third - first + 2.5)
    in_turn = log_of([2.5, 2.5, 2.5])
    assert time_of_thread(in_turn, ident, 100.0) == pytest.approx(7.5)
    assert time_of_thread(in_turn, ident, 5.0) == 5.0
    assert time_of_thread(in_turn, ident + 1, 100.0) == 0.0


def test_the_count_of_statements_is_there_while_the_cell_runs():
    recorder = SqlRecorder(Context())
    recorder.start()
    try:
        connection = sqlite3.connect(":memory:")
        connection.execute("SELECT 1")
        assert recorder.context.counters["statements"]() == 1
        connection.close()
    finally:
        recorder.stop()
    recorder.collect(Draft(wall_s=1.0))


def test_a_failing_log_does_not_fail_the_statement(monkeypatch):
    monkeypatch.setattr(StatementLog, "_shape", lambda *arguments: 1 / 0)
    recorded = record(
        "import sqlite3\nc = sqlite3.connect(':memory:')\nrows = c.execute('SELECT 1').fetchall()"
    )
    assert recorded.error is None
    assert recorded.namespace["rows"] == [(1,)]
    assert recorded.context.notes == [
        "Some statements could not be recorded: ZeroDivisionError: division by zero."
    ]


def test_many_statements_are_summed_up_as_few_are(monkeypatch):
    from jupyter_perf.recorders import statement_tables

    shown = []
    for few in (5_000, 0):
        monkeypatch.setattr(statement_tables, "_FEW", few)
        log = log_of([0.5, float("nan"), 0.25, 0.25, 2.0, 1.0, 4.0], limit=5)
        log.rows[0], log.rows[2] = 3, -1
        shown.append((tables(log), time_of_thread(log, log.context.thread_ident, 100.0)))
    (queries, (group,)), sql_s = shown[1]
    assert [query["start_s"] for query in queries] == [0, 1, 2, 3, 4, 6]  # shared: the last
    assert (group["calls"], group["total_s"], group["max_s"]) == (7, 8.0, 2.0)
    assert (group["rows"], group["distinct_params"], sql_s) == (3, 4, 8.0)
    assert repr(shown[0]) == repr(shown[1])


@pytest.mark.parametrize("block", [2, 3, 100_000])
def test_many_statements_of_several_kinds_are_told_apart_block_by_block(monkeypatch, block):
    from jupyter_perf.recorders import statement_tables

    def shown():
        context = Context(clock=iter(map(float, range(1000))).__next__)
        log, names, source = StatementLog(context), ("SELECT 1", "BEGIN", "SELECT 2"), Source("fake")
        for i in range(12):
            row = log.begin(names[i % 3], (i % 4,), sys._getframe(), source)
            log.durations[row] = float("nan") if i == 6 else i / 8
            log.rows[row] = i % 2
        log.fail(5, ValueError("no"))
        log.close()
        return tables(log)

    few = shown()
    monkeypatch.setattr(statement_tables, "_FEW", 0)
    monkeypatch.setattr(statement_tables, "_BLOCK", block)
    many = shown()
    assert repr(many) == repr(few)
    queries, statements = many
    assert [query["duration_s"] for query in queries] == [
        *(i / 8 for i in range(6)),
        None,
        *(i / 8 for i in range(7, 12)),
    ]
    assert [query["rows"] for query in queries if query["operation"] == "BEGIN"] == [1, None, 1, None]
    assert [query["error"] for query in queries if query["error"]] == ["ValueError: no"]
    assert [(one["fingerprint"], one["calls"], one["total_s"], one["rows"]) for one in statements] == [
        ("select ?", 8, (0 + 2 + 3 + 5 + 8 + 9 + 11) / 8, 4),
        ("begin", 4, (1 + 4 + 7 + 10) / 8, 2),
    ]


def test_many_overlapping_statements_count_once(monkeypatch):
    from jupyter_perf.recorders import statement_tables

    durations = [2.5, 0.5, 9.0, 1.0, 1.0, 0.25, 0.25]
    for few, block in ((5_000, 100_000), (0, 100_000), (0, 2), (0, 3)):
        monkeypatch.setattr(statement_tables, "_FEW", few)
        monkeypatch.setattr(statement_tables, "_BLOCK", block)
        log = log_of(durations, source=Source("fake", overlaps=True))
        log.starts[6] = 20.0  # the others begin at 0, 1, ... 5, and all end by 11
        assert time_of_thread(log, log.context.thread_ident, 100.0) == pytest.approx(11.25)


def test_few_statements_are_reported_without_numpy():
    script = (
        "import sys\nfrom tests.drivers.recorded import record\n"
        'record(\'import sqlite3\\nsqlite3.connect(":memory:").execute("SELECT 1")\')\n'
        "print('numpy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
