"""What changed between two runs: totals, lines, statements."""

from dataclasses import replace

import pytest

from jupyter_perf.changes import changes, exact_changes, single_runs
from jupyter_perf.model import COLUMNS, COMPARISON_COLUMNS, Run, Table

BEFORE_CELL = """%%perf -l before
total = 0
for row in rows:
    total += price(row)
print(total)
"""
AFTER_CELL = """%%perf -l after
prices = table.price
print(1)
total = prices.sum()
print(total)
"""


def table(frame, *rows):
    names = [name for name in COLUMNS[frame] if any(name in row for row in rows)]
    return Table.of_rows(names, [[row.get(name) for name in names] for row in rows])


def lines(cell, file, **seconds):
    source = cell.splitlines()
    return table(
        "lines",
        *(
            {"file": file, "line": int(name[1:]), "source": source[int(name[1:]) - 1], "self_s": self_s}
            for name, self_s in seconds.items()
        ),
    )


def cell(file, source, cell_id="c1"):
    return table("cells", {"file": file, "cell_id": cell_id, "source": source})


def run(wall_s=1.0, cell_id="c1", tables=None, **fields):
    return Run("r", None, cell_id, 0.0, wall_s, tables=tables or {}, **fields)


def by(found, kind, what, unit):
    """before, after, change of the one row about this."""
    rows = [row for row in found.rows() if (row["kind"], row["what"], row["unit"]) == (kind, what, unit)]
    assert len(rows) == 1, rows
    return rows[0]["before"], rows[0]["after"], rows[0]["change"]


def statement(text, calls, rows, total_s, line=2):
    return {
        "fingerprint": text,
        "calls": calls,
        "rows": rows,
        "total_s": total_s,
        "file": "In[1]",
        "line": line,
    }


def test_totals_are_after_minus_before():
    found = changes(
        run(2.0, sql_s=0.5, peak_bytes=300, growth_bytes=20, gc_s=0.1, cpu_s=1.5),
        run(0.5, sql_s=0.25, peak_bytes=100, growth_bytes=30, gc_s=0.1, cpu_s=0.5),
    )
    assert by(found, "total", "wall time", "s") == (2.0, 0.5, -1.5)
    assert by(found, "total", "SQL time", "s") == (0.5, 0.25, -0.25)
    assert by(found, "total", "peak memory", "bytes") == (300, 100, -200)
    assert by(found, "total", "memory growth", "bytes") == (20, 30, 10)
    assert by(found, "total", "garbage collection", "s")[2] == 0
    assert list(found.columns) == list(COMPARISON_COLUMNS["changes"])


def test_what_either_side_did_not_measure_is_not_there():
    found = changes(
        run(cpu_s=1.0, tables={"statements": table("statements", statement("a", 1, 1, 0.1))}), run(gc_s=0.1)
    )
    assert {row["what"] for row in found.rows()} == {"wall time"}


def test_no_statements_are_none_and_not_unknown():
    some = run(tables={"statements": table("statements", statement("a", 3, 9, 0.1))})
    none = run(tables={"statements": Table(dict.fromkeys(COLUMNS["statements"], ()))})
    found = changes(some, none)
    assert by(found, "total", "statements", "statements") == (3, 0, -3)
    assert by(found, "statement", "a", "calls") == (3, None, -3)
    assert exact_changes(some, none)["statements_change"] == -3
    assert exact_changes(some, none)["calls_change"] is None


def test_rows_that_were_not_counted_are_not_summed():
    uncounted = run(tables={"statements": table("statements", statement("a", 3, None, 0.1))})
    counted = run(tables={"statements": table("statements", statement("a", 5, 2, 0.1))})
    found = changes(uncounted, counted)
    assert {(row["kind"], row["unit"]) for row in found.rows() if row["unit"] != "s"} == {
        ("total", "statements"),
        ("statement", "calls"),
    }


def test_statements_are_joined_by_fingerprint_over_their_call_sites():
    before = run(
        tables={
            "statements": table(
                "statements",
                statement("a", 3, 9, 0.3),
                statement("a", 2, 1, 0.2, 7),
                statement("same", 1, 1, 0.1),
            )
        }
    )
    after = run(
        tables={
            "statements": table(
                "statements",
                statement("a", 1, 10, 0.1, 4),
                statement("same", 1, 1, 0.1),
                statement("new", 1, 5, 0.4),
            )
        }
    )
    found = changes(before, after)
    assert by(found, "statement", "a", "calls") == (5, 1, -4)
    assert by(found, "statement", "a", "rows") == (10, 10, 0)
    assert by(found, "statement", "a", "s") == pytest.approx((0.5, 0.1, -0.4))
    assert by(found, "statement", "new", "rows") == (None, 5, 5)
    assert "same" not in found["what"]
    assert [row["place"] for row in found.rows() if row["what"] == "a"] == ["In[1]:2 → 4"] * 3


def test_lines_that_stayed_are_matched_by_position_and_others_are_gone_or_new():
    before = run(
        tables={
            "lines": lines(BEFORE_CELL, "In[3]", _3=0.2, _4=0.7, _5=0.1),
            "cells": cell("In[3]", BEFORE_CELL),
        }
    )
    after = run(
        tables={"lines": lines(AFTER_CELL, "In[8]", _2=0.3, _5=0.4), "cells": cell("In[8]", AFTER_CELL)}
    )
    found = changes(before, after)
    assert by(found, "line", "print(total)", "s") == pytest.approx((0.1, 0.4, 0.3))
    assert by(found, "line", "total += price(row)", "s") == (0.7, None, -0.7)
    assert by(found, "line", "prices = table.price", "s") == (None, 0.3, 0.3)
    places = {row["what"]: row["place"] for row in found.rows() if row["kind"] == "line"}
    assert places["print(total)"] == "In[3]:5 → In[8]:5"


def test_the_second_of_two_equal_lines_is_the_second_one_after_too():
    before_cell, after_cell = "%%perf\nf()\ng()\nf()\n", "%%perf\nh()\nf()\ng()\nf()\n"
    before = run(tables={"lines": lines(before_cell, "In[3]", _4=0.7), "cells": cell("In[3]", before_cell)})
    after = run(
        tables={"lines": lines(after_cell, "In[8]", _3=0.2, _5=0.5), "cells": cell("In[8]", after_cell)}
    )
    rows = {row["place"]: row["change"] for row in changes(before, after).rows() if row["kind"] == "line"}
    assert rows == pytest.approx({"In[3]:4 → In[8]:5": -0.2, "In[8]:3": 0.2})


def test_parts_of_one_cell_are_matched_by_the_text_of_their_lines():
    source = "%%compare\n#%% before\nx = load()\nslow(x)\n#%% after\nx = load()\nfast(x)\n"
    before = run(tables={"lines": lines(source, "In[5]", _3=0.3, _4=0.7), "cells": cell("In[5]", source)})
    after = run(tables={"lines": lines(source, "In[5]", _6=0.2, _7=0.1), "cells": cell("In[5]", source)})
    rows = {row["place"]: row["change"] for row in changes(before, after).rows() if row["kind"] == "line"}
    assert rows == pytest.approx({"In[5]:3 → 6": -0.1, "In[5]:4": -0.7, "In[5]:7": 0.1})


def test_another_cell_of_the_same_number_is_no_match_by_position():
    before = run(
        tables={"lines": lines("a\nb\n", "In[3]", _1=0.5), "cells": cell("In[3]", "a\nb\n", "c1")},
        cell_id="c0",
    )
    after = run(
        tables={"lines": lines("z\na\n", "In[3]", _1=0.5), "cells": cell("In[3]", "z\na\n", "c2")},
        cell_id="c9",
    )
    assert by(changes(before, after), "line", "a", "s") == (0.5, None, -0.5)


def test_lines_without_a_source_go_by_their_place():
    def unknown(self_s):
        return run(tables={"lines": table("lines", {"file": "/x/a.py", "line": 3, "self_s": self_s})})

    assert by(changes(unknown(0.5), unknown(0.2)), "line", "/x/a.py:3", "s") == pytest.approx(
        (0.5, 0.2, -0.3)
    )


def test_times_that_differ_as_two_runs_of_the_same_code_do_are_left_out():
    before = run(tables={"lines": lines(BEFORE_CELL, "In[3]", _3=0.5)})
    after = run(tables={"lines": lines(BEFORE_CELL, "In[3]", _3=0.506)})
    assert "line" not in changes(before, after)["kind"]


def test_the_largest_part_of_its_whole_comes_first_whatever_its_unit():
    found = changes(
        run(
            2.0,
            peak_bytes=1_000_000,
            tables={"statements": table("statements", statement("a", 100, 100, 0.1))},
        ),
        run(1.0, peak_bytes=900_000, tables={"statements": table("statements", statement("a", 1, 99, 0.1))}),
    )
    totals = [row["what"] for row in found.rows() if row["kind"] == "total"]
    assert totals == ["statements", "wall time", "peak memory", "rows"]


def test_two_saved_runs_make_no_claim():
    compared = single_runs(replace(run(2.0), label="old"), replace(run(0.1), label="new"))
    assert (compared.baseline, compared.name, compared.verdict) == ("old", "new", "inconclusive")
    assert compared.before_s == (2.0,) and compared.after_s == (0.1,) and compared.ratio is None
    assert "proves nothing about small differences" in compared.reason
    assert not compared.is_paired and len(compared.changes)


def test_two_real_runs():
    import sqlite3

    import jupyter_perf

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(50)])
    with jupyter_perf.record("loop") as loop:
        [connection.execute("SELECT a FROM t WHERE a = ?", (i,)).fetchone() for i in range(50)]
    with jupyter_perf.record("once") as once:
        connection.execute("SELECT a FROM t").fetchall()
    connection.close()
    found = changes(loop.report.run, once.report.run)
    assert by(found, "total", "statements", "statements") == (50, 1, -49)
    assert by(found, "statement", "select a from t where a = ?", "calls") == (50, None, -50)
    assert single_runs(loop.report.run, once.report.run).statements_change == -49
