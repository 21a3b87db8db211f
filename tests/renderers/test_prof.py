"""`.prof` as others read it."""

from __future__ import annotations

import pstats
from pathlib import Path

import pytest

from jupyter_perf.model import COLUMNS, Report, Run, Table
from jupyter_perf.renderers.prof import Prof

FUNCTIONS = [
    ("<module>", "In[3]", 1, 1, 1, 0.25, 2.0),
    ("load", "In[3]", 2, 2, 2, 0.5, 1.75),
    ("<built-in method time.sleep>", "~", 0, 5, 5, 1.25, 1.25),
    ("visit", "pandas/io/sql.py", 40, 1, 3, 0.0, 0.0),
]
CALLERS = [(1, 0, 2, 2, 0.5, 1.75), (2, 1, 5, 5, 1.25, 1.25), (3, 1, 1, 1, 0.0, 0.0), (3, 3, 1, 2, 0.0, 0.0)]


def exact_report(functions: list[tuple] = FUNCTIONS, callers: list[tuple] = CALLERS) -> Report:
    tables = {
        "exact_functions": Table.of_rows(list(COLUMNS["exact_functions"]), functions),
        "exact_callers": Table.of_rows(list(COLUMNS["exact_callers"]), callers),
    }
    return Report(Run("r1", None, None, started_at=0.0, wall_s=2.0, tables=tables))


def test_pstats_loads_every_number_and_caller(tmp_path: Path):
    path = tmp_path / "cell.prof"
    path.write_bytes(Prof().render(exact_report(), top=1))
    stats = pstats.Stats(str(path))
    assert stats.total_calls == 11
    assert stats.prim_calls == 9
    assert stats.total_tt == 2.0
    load, sleep = ("In[3]", 2, "load"), ("~", 0, "<built-in method time.sleep>")
    assert stats.stats[load] == (2, 2, 0.5, 1.75, {("In[3]", 1, "<module>"): (2, 2, 0.5, 1.75)})
    assert stats.stats[sleep][4] == {load: (5, 5, 1.25, 1.25)}


def test_calls_and_primitive_calls_stand_in_the_order_that_pstats_prints(tmp_path: Path, capsys):
    path = tmp_path / "cell.prof"
    path.write_bytes(Prof().render(exact_report()))
    stats = pstats.Stats(str(path))
    stats.print_stats("visit")
    assert "3/1" in capsys.readouterr().out
    stats.print_callers("visit")
    assert "2/1" in capsys.readouterr().out


def test_without_call_counts_one_sentence_says_what_to_add():
    with pytest.raises(ValueError, match=r"^`\.prof` needs call counts: add --exact$"):
        Prof().render(Report(Run("r1", None, None, started_at=0.0, wall_s=2.0)))


def test_it_is_the_renderer_of_its_ending():
    assert Prof.ending == ".prof"
    assert Prof.mime is None
