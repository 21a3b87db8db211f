"""What is one statement, and what is another."""

import time

import pytest

from jupyter_perf.fingerprint import fingerprint, operation

SAME = [
    ("SELECT a FROM t WHERE id = 1", "select  a\n from T where ID='x''y' -- one"),
    ("SELECT a FROM t WHERE id = ?", "SELECT a FROM t WHERE id = :id"),
    ("SELECT a FROM t WHERE id = %s", "SELECT a FROM t WHERE id = %(id)s"),
    ("SELECT a FROM t WHERE id = $1", "SELECT a FROM t WHERE id = @id"),
    ("SELECT a FROM t WHERE x = -1.5e-3", "SELECT a FROM t WHERE x = .5"),
    ("SELECT a FROM t WHERE x = 0xFF", "SELECT a FROM t WHERE x = X'00ff'"),
    ("SELECT a /* b */ FROM t;", "SELECT a FROM t"),
    ("SELECT count (*) FROM t", "SELECT count(*) FROM t"),
    ("SELECT a FROM t WHERE id IN (1,2)", "SELECT a FROM t WHERE id in (?, ?, ?, ?)"),
    ("SELECT a FROM t WHERE id IN (1,2)", f"SELECT a FROM t WHERE id in ({', '.join(['9'] * 300)})"),
    ("INSERT INTO t (a, b) VALUES (1, NULL)", "INSERT INTO t(a,b) VALUES ('x', 2)"),
    ("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES " + ", ".join(["(?, null)"] * 50)),
    ("SELECT $tag$ it's $tag$, b FROM t", "SELECT 'x', b FROM t"),
    ("SELECT E'it\\'s', b FROM t", "SELECT 'x', b FROM t"),
]
APART = [
    ("SELECT a FROM shard_01", "SELECT a FROM shard_02"),
    ("SELECT a FROM one.t", "SELECT a FROM two.t"),
    ("SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id IN (1, 2, 3)"),
    ("SELECT a FROM t WHERE id IN (1)", "SELECT a FROM t WHERE id IN (1, 2)"),
    ("SELECT a FROM t WHERE x IS NULL", "SELECT a FROM t WHERE x IS NOT NULL"),
    ('SELECT a FROM "T"', "SELECT a FROM t"),
    ("SELECT a FROM t", "SELECT a FROM t LIMIT 10"),
    ("INSERT INTO t VALUES (1, 2)", "INSERT INTO t VALUES (1, 2, 3)"),
    ("SELECT a - 1 FROM t", "SELECT a + 1 FROM t"),
    ("SELECT a::int FROM t", "SELECT a::text FROM t"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_statement(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_statements(one, other):
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT Name FROM Users WHERE Id=3", "select name from users where id = ?"),
        ("select * from t where x in (1,2,3)", "select * from t where x in (?, ...)"),
        ("select * from t where x in(1)", "select * from t where x in (?)"),
        ("INSERT INTO t (a,b) VALUES (1,'x'), (2,'y'), (3,'z')", "insert into t(a, b) values (?, ?), ..."),
        ("select a-1, -1 from t", "select a - ?, ? from t"),
        ("select coalesce(a, 1, 2) from t", "select coalesce(a, ?, ?) from t"),
        ("select 'never closed", "select ?"),
        ("select 1 /* never closed", "select ?"),
        ("", ""),
        ("  -- nothing\n", ""),
    ],
)
def test_its_text(sql, expected):
    assert fingerprint(sql) == expected


@pytest.mark.parametrize("sql", [one for pair in SAME + APART for one in pair])
def test_a_fingerprint_is_its_own(sql):
    assert fingerprint(fingerprint(sql)) == fingerprint(sql)


def test_secret_values_are_gone():
    sql = "UPDATE u SET note = 'geheim -- ''geheim''', pin = 4711 WHERE x = \"Col\" /* geheim */"
    assert fingerprint(sql) == 'update u set note = ?, pin = ? where x = "Col"'


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t where x in (" + ", ".join(f"'v{i}'" for i in range(10_000)) + ")",
        "select * from t where x in (" + ",".join(map(str, range(10_000))) + ")",
        "insert into t values " + ",".join(f"({i}, 'name {i}', NULL)" for i in range(20_000)),
        "select '" + "a''" * 100_000,
        "(" * 50_000,
        "/*" * 100_000,
        "$a" * 100_000,
        "-" * 100_000,
        "'" * 100_001,
        "in (" * 20_000 + "1" + ",1)" * 20_000,
        "%(" * 50_000,
        "1e" * 50_000,
    ],
    ids=[
        "texts",
        "numbers",
        "rows",
        "string",
        "open",
        "comment",
        "dollar",
        "dash",
        "quotes",
        "in",
        "percent",
        "1e",
    ],
)
def test_long_texts_do_not_hang(sql):
    began = time.monotonic()
    fingerprint(sql)
    operation(sql)
    assert time.monotonic() - began < 60  # a guard against time that grows with the square


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1", "SELECT"),
        ("/* a */ -- b\n ( SELECT 1)", "SELECT"),
        ("WITH a AS (SELECT 1), b AS (DELETE FROM t) INSERT INTO t SELECT * FROM a", "INSERT"),
        ("with recursive a(x) as (select 1) select * from a", "SELECT"),
        ("PRAGMA table_info(t)", "PRAGMA"),
        ("COMMIT", "COMMIT"),
        ("", ""),
    ],
)
def test_the_verb(sql, expected):
    assert operation(sql) == expected
