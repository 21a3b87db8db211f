"""The history of runs: what is saved, and what is found again."""

import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from dataclasses import replace

import pandas as pd
import pytest

import jupyter_perf.store
from jupyter_perf.model import Previous, Report, Table
from jupyter_perf.store import Store, default_path, history
from tests.builders import CELL, queries, report, table
from tests.store.saving import NOTEBOOK, ROOT, save


def test_report_loads_back_without_parameters(path):
    store = Store(path)
    saved = report()
    assert store.save(saved, notebook=NOTEBOOK, source=CELL)
    loaded = store.load("r1")
    assert loaded.findings == saved.findings
    assert loaded.comparisons == saved.comparisons
    assert list(loaded.run.queries["sql"]) == list(saved.run.queries["sql"])
    assert loaded.run.queries["params"].isna().all()
    assert saved.run.queries["params"].notna().any()
    pd.testing.assert_frame_equal(loaded.run.lines, saved.run.lines)
    pd.testing.assert_frame_equal(loaded.run.stacks, saved.run.stacks)
    assert store.troubles == []


def test_parameters_are_nowhere_in_the_file_unless_asked_for(path):
    hidden, shown = Store(path), Store(path + ".2")
    hidden.save(report(), notebook=None, source=None)
    shown.save(report(), notebook=None, source=None, params=True)
    assert "('AA',)" in list(shown.load("r1").run.queries["params"].dropna())
    assert "('AA',)" not in repr(hidden.load("r1"))


def test_passwords_in_urls_are_not_kept(path):
    source = 'engine = create_engine("postgresql://ana:s3cret@db.example:5432/shop")'
    cells = table("cells", ("In[1]", "c", 1, source))
    store = Store(path)
    store.save(report(tables={"cells": cells}), notebook=None, source=source)
    kept = store.load("r1").run.cells["source"][0]
    assert "s3cret" not in kept
    assert "postgresql://ana:***@db.example:5432/shop" in kept
    assert "s3cret" not in store.history()["source"][0]


def test_same_run_saved_again_replaces_the_first(path):
    store = Store(path)
    save(store, "r1", label="a")
    save(store, "r1", label="b")
    assert list(store.history()["label"]) == ["b"]
    assert store.load("r1").run.label == "b"


def test_labelled_are_the_newest_first(path):
    store = Store(path)
    save(store, "r1", label="base", wall_s=3.0)
    save(store, "r2", label="base", wall_s=2.0)
    save(store, "r3", label="other", wall_s=1.0)
    assert [report.run.run_id for report in store.labelled("base", 1)] == ["r2"]
    assert store.labelled("none such", 10) == []


def test_unknown_run_is_one_sentence(path):
    with pytest.raises(ValueError, match="the history has no run 'nope'"):
        Store(path).load("nope")
    assert not os.path.exists(path), "looking made a file"


class TestPrevious:
    def test_same_cell_of_the_notebook(self, path):
        store = Store(path)
        save(store, "r1", wall_s=2.0)
        save(store, "r2", wall_s=1.5)
        found = store.previous(notebook=NOTEBOOK, cell_id="abcd1234", source=CELL)
        assert found == Previous("r2", 1_760_000_000.0, 1.5, same_source=True)

    def test_same_cell_with_other_source_says_so(self, path):
        store = Store(path)
        save(store, "r1")
        found = store.previous(notebook=NOTEBOOK, cell_id="abcd1234", source="x = 1")
        assert (found.run_id, found.same_source) == ("r1", False)

    def test_magic_line_and_trailing_space_are_not_the_source(self, path):
        store = Store(path)
        save(store, "r1", source="%%perf\nx = 1\n")
        found = store.previous(notebook=NOTEBOOK, cell_id="abcd1234", source="\n%%perf -l fast \nx = 1  ")
        assert found.same_source

    def test_another_magic_is_part_of_the_source(self, path):
        store = Store(path)
        save(store, "r1", source="%%bash\nls")
        assert not store.previous(notebook=NOTEBOOK, cell_id="abcd1234", source="%%sh\nls").same_source

    def test_same_source_in_another_cell_of_the_notebook(self, path):
        store = Store(path)
        save(store, "r1")
        assert store.previous(notebook=NOTEBOOK, cell_id="new", source=CELL).run_id == "r1"
        assert store.previous(notebook=NOTEBOOK, cell_id=None, source=CELL).run_id == "r1"

    def test_another_notebook_is_another_cell(self, path):
        store = Store(path)
        save(store, "r1")
        assert store.previous(notebook="/other.ipynb", cell_id="abcd1234", source=CELL) is None

    def test_without_notebook_by_cell_then_by_source_of_this_process(self, path):
        store = Store(path)
        save(store, "r1", notebook=None, cell_id=None)
        assert store.previous(notebook=None, cell_id=None, source=CELL).run_id == "r1"
        assert store.previous(notebook=None, cell_id=None, source=None) is None
        script = (
            "import sys; from jupyter_perf.store import Store\n"
            "print(Store(sys.argv[1]).previous(notebook=None, cell_id=None, source=sys.argv[2]))"
        )
        output = subprocess.check_output([sys.executable, "-c", script, path, CELL], text=True)
        assert output.strip() == "None", "another process's unnamed cell is not this one"

    def test_interrupted_runs_do_not_count(self, path):
        store = Store(path)
        save(store, "r1", wall_s=2.0)
        save(store, "r2", wall_s=0.1, partial="interrupt")
        assert store.previous(notebook=NOTEBOOK, cell_id="abcd1234", source=CELL).run_id == "r1"


class TestHistory:
    def test_newest_first_with_key_figures(self, path):
        store = Store(path)
        save(store, "r1")
        save(store, "r2", label=None, sql_s=None, tables={})
        frame = store.history()
        assert list(frame["run_id"]) == ["r2", "r1"]
        assert frame["statements"].isna().tolist() == [True, False]
        assert frame["statements"][1] == 17
        assert frame["sql_s"].isna().tolist() == [True, False]
        assert frame["source"][0].startswith("flights = pd.read_sql")
        assert frame["started_at"][0] == pd.Timestamp("2025-10-09 08:53:20", tz="UTC")
        assert len(store.history(limit=1)) == 1

    def test_empty_history_has_the_same_columns(self, path):
        empty = Store(path).history()
        store = Store(path)
        save(store, "r1")
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == store.history().dtypes.to_dict()

    def test_module_function_reads_the_default_place(self, at_default):
        save(Store(), "r1")
        assert at_default.exists()
        assert list(history()["run_id"]) == ["r1"]

    def test_environment_names_another_file(self, at_default, tmp_path, monkeypatch):
        monkeypatch.setenv("JUPYTER_PERF_STORE", str(tmp_path / "mine.db"))
        save(Store(), "r1")
        assert (tmp_path / "mine.db").exists()
        assert not at_default.exists()
        assert default_path() == str(tmp_path / "mine.db")


class TestBounds:
    def test_oldest_runs_go_first(self, path):
        store = Store(path, max_runs=3)
        for i in range(6):
            save(store, f"r{i}")
        assert list(store.history()["run_id"]) == ["r5", "r4", "r3"]
        with pytest.raises(ValueError):
            store.load("r0")
        with sqlite3.connect(path) as connection:
            assert connection.execute("SELECT count(*) FROM reports").fetchone() == (3,)
        connection.close()

    def test_total_size_is_bounded_and_the_newest_stays(self, path):
        store = Store(path)
        save(store, "r0")
        with sqlite3.connect(path) as connection:
            (size,) = connection.execute("SELECT size_bytes FROM runs").fetchone()
        connection.close()
        store.max_bytes = int(2.5 * size)
        for i in range(1, 5):
            save(store, f"r{i}")
        assert list(store.history()["run_id"]) == ["r4", "r3"]
        store.max_bytes = 1
        save(store, "r5")
        assert list(store.history()["run_id"]) == ["r5"]

    def test_large_tables_are_cut_and_said_so(self, path):
        count = jupyter_perf.store.entry.HEAD_ROWS + 500
        many = queries(count)
        durations = [0.001] * count
        durations[-1] = 9.0
        tables = {
            "queries": Table({**many.columns, "duration_s": durations}),
            "memory": table("memory", *((i * 0.1, i) for i in range(count))),
            "exact_functions": table(
                "exact_functions", *(("f", "a.py", i, 1, 1, 0.1, 0.1) for i in range(count))
            ),
        }
        store = Store(path)
        save(store, "r1", tables=tables)
        run = store.load("r1").run
        assert len(run.queries) == count - 500
        assert run.queries["duration_s"].max() == 9.0
        assert run.queries["start_s"].is_monotonic_increasing
        assert run.memory["at_s"].iloc[-1] >= (count - 2) * 0.1
        assert len(run.exact_functions) == count
        assert any("1,000 of 1,500 rows of queries" in sentence for sentence in run.folded)

    def test_exact_tables_are_kept_together_or_not_at_all(self, path, monkeypatch):
        monkeypatch.setattr(jupyter_perf.store.entry, "EXACT_ROWS", 3)
        tables = {
            "exact_functions": table(
                "exact_functions", *(("f", "a.py", i, 1, 1, 0.1, 0.1) for i in range(3))
            ),
            "exact_callers": table("exact_callers", *((i, 0, 1, 1, 0.1, 0.1) for i in range(4))),
        }
        store = Store(path)
        save(store, "r1", tables=tables)
        run = store.load("r1").run
        assert (len(run.exact_functions), len(run.exact_callers)) == (0, 0)


_SAVE_MANY = """
import sys
sys.path.insert(0, sys.argv[3])
from tests.builders import report
from jupyter_perf.store import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for i in range(40):
    assert store.save(report(run_id=f"{sys.argv[2]}{i}"), notebook="n", source="x"), store.troubles
    assert store.previous(notebook="n", cell_id="abcd1234", source="x"), store.troubles
print(store.troubles)
"""


def test_two_kernels_at_once(path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _SAVE_MANY, path, name, ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    assert [writer.stdout.readline() for writer in writers] == ["ready\n", "ready\n"]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=120)[0] for writer in writers] == ["[]\n", "[]\n"]
    saved = set(Store(path).history()["run_id"])
    assert saved == {f"{name}{i}" for name in "ab" for i in range(40)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_the_owner_may_read(path):
    old = os.umask(0o000)
    try:
        save(Store(path), "r1")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_nothing_stays_open_or_beside_the_file(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        store = Store(path)
        save(store, "r1")
        store.history()
    assert os.listdir(os.path.dirname(path)) == ["history.sqlite"]
    if sys.platform == "linux":
        opened = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        assert os.path.realpath(path) not in opened


def test_odd_text_is_saved(path):
    odd = "x = '\ud800'; y = '<script>\x00'"
    store = Store(path)
    assert store.save(report(label=odd), notebook="/ä\ud800.ipynb", source=odd), store.troubles
    assert isinstance(store.load("r1"), Report)
    assert len(store.history()) == 1


def test_unmeasured_scalars_stay_missing(path):
    bare = replace(report().run, cpu_s=None, peak_bytes=None, tables={})
    store = Store(path)
    assert store.save(Report(bare), notebook=None, source=None)
    assert store.load("r1").run.cpu_s is None
    assert store.history()["peak_bytes"].isna().all()
