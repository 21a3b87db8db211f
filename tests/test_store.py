"""The history of runs: what is saved, what is found again, and what becomes of a bad file."""

import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import jupyter_perf.store
from jupyter_perf.model import Previous, Report, Table
from jupyter_perf.store import Store, StoreWarning, default_path, history
from tests.builders import CELL, queries, report, table

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOTEBOOK = "/home/user/flights.ipynb"


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "folder" / "history.sqlite")


@pytest.fixture
def at_default(tmp_path, monkeypatch):
    """The default place, in a Jupyter data folder of the test's own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("JUPYTER_PERF_STORE", raising=False)
    return tmp_path / "jupyter_perf" / "history.sqlite"


def save(store, run_id, *, notebook=NOTEBOOK, source=CELL, **changes):
    assert store.save(report(run_id=run_id, **changes), notebook=notebook, source=source), store.troubles


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


def test_by_label_is_the_newest(path):
    store = Store(path)
    save(store, "r1", label="base", wall_s=3.0)
    save(store, "r2", label="base", wall_s=2.0)
    save(store, "r3", label="other", wall_s=1.0)
    assert store.by_label("base").run.run_id == "r2"
    assert store.by_label("none such") is None


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


def aside(folder):
    return sorted(name for name in os.listdir(folder) if ".corrupt-" in name)


class TestBadFile:
    def test_file_that_is_no_database_is_set_aside(self, at_default):
        at_default.parent.mkdir()
        at_default.write_bytes(b"this is not a database, " * 50)
        store = Store()
        save(store, "r1")
        (name,) = aside(at_default.parent)
        assert (at_default.parent / name).read_bytes().startswith(b"this is not")
        assert len(store.troubles) == 1
        assert "set aside" in store.troubles[0]
        assert list(Store().history()["run_id"]) == ["r1"]

    def test_reading_a_corrupt_file_warns_once(self, at_default):
        at_default.parent.mkdir()
        at_default.write_bytes(b"\0" * 5000)
        with pytest.warns(StoreWarning, match="set aside") as caught:
            frame = history()
        assert len(frame) == 0
        assert len(caught) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(history()) == 0

    def test_damage_in_the_middle_is_set_aside(self, at_default):
        for i in range(5):
            save(Store(), f"r{i}")
        content = bytearray(at_default.read_bytes())
        content[200:4096] = b"\xff" * (4096 - 200)
        at_default.write_bytes(content)
        store = Store()
        save(store, "new")
        assert len(aside(at_default.parent)) == 1
        assert list(store.history()["run_id"]) == ["new"]

    def test_history_without_its_tables_is_set_aside(self, at_default):
        save(Store(), "r1")
        with sqlite3.connect(at_default) as connection:
            connection.execute("DROP TABLE runs")
        connection.close()
        store = Store()
        assert store.by_label("load") is None
        save(store, "r2")
        assert len(aside(at_default.parent)) == 1

    def test_foreign_database_that_the_user_named_is_left_alone(self, path):
        os.makedirs(os.path.dirname(path))
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE precious (x)")
        connection.close()
        before = Path(path).read_bytes()
        store = Store(path)
        assert not store.save(report(), notebook=None, source=None)
        assert store.by_label("load") is None
        assert Path(path).read_bytes() == before
        assert len(store.troubles) == 1
        assert "not a history of jupyter_perf" in store.troubles[0]

    def test_foreign_database_at_the_default_place_is_set_aside(self, at_default):
        at_default.parent.mkdir()
        with sqlite3.connect(at_default) as connection:
            connection.execute("CREATE TABLE precious (x)")
        connection.close()
        save(Store(), "r1")
        (name,) = aside(at_default.parent)
        with sqlite3.connect(at_default.parent / name) as connection:
            assert connection.execute("SELECT count(*) FROM precious").fetchone() == (0,)
        connection.close()

    def test_newer_history_is_left_alone(self, at_default):
        save(Store(), "r1")
        with sqlite3.connect(at_default) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        before = at_default.read_bytes()
        store = Store()
        assert not store.save(report(run_id="r2"), notebook=None, source=None)
        assert len(store.history()) == 0
        assert at_default.read_bytes() == before
        assert len(store.troubles) == 1
        assert "upgrade jupyter_perf" in store.troubles[0]

    def test_damaged_report_is_one_sentence(self, path):
        store = Store(path)
        save(store, "r1")
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE reports SET body = x'0102'")
        connection.close()
        with pytest.raises(ValueError, match="this saved report is damaged"):
            store.load("r1")

    def test_file_in_use_is_one_sentence(self, path, monkeypatch):
        monkeypatch.setattr(jupyter_perf.store.file, "BUSY_S", 0.05)
        store = Store(path)
        save(store, "r1")
        holder = sqlite3.connect(path)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            assert not store.save(report(run_id="r2"), notebook=None, source=None)
        finally:
            holder.close()
        assert "in use by another program" in store.troubles[0]
        save(store, "r2")

    def test_folder_that_cannot_be_made_is_one_sentence(self, tmp_path):
        (tmp_path / "file").write_text("")
        store = Store(str(tmp_path / "file" / "history.sqlite"))
        assert not store.save(report(), notebook=None, source=None)
        assert store.previous(notebook=None, cell_id="x", source=None) is None
        assert len(store.troubles) == 1

    def test_folder_in_place_of_the_file_is_one_sentence(self, tmp_path):
        store = Store(str(tmp_path))
        assert not store.save(report(), notebook=None, source=None)
        assert len(store.troubles) == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
    def test_full_disk_is_one_sentence_and_keeps_what_is_there(self, path):
        store = Store(path)
        save(store, "r1")
        script = (
            "import resource, sys, os; sys.path.insert(0, sys.argv[2])\n"
            "from tests.builders import report; from jupyter_perf.store import Store\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]),) * 2)\n"
            "store = Store(sys.argv[1])\n"
            "print([store.save(report(run_id=f'x{i}'), notebook=None, source=None) for i in range(20)][-1])\n"
            "print(len(store.troubles), store.troubles[0])"
        )
        output = subprocess.check_output([sys.executable, "-c", script, path, ROOT], text=True)
        assert output.splitlines()[0] == "False"
        assert output.splitlines()[1].startswith("1 The history in")
        assert store.load("r1").run.run_id == "r1"


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
