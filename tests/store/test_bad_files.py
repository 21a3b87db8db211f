"""What becomes of a history file that is damaged, foreign, locked, or out of reach."""

import os
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import jupyter_perf.store
from jupyter_perf.store import Store, StoreWarning, history
from tests.builders import report
from tests.store.saving import ROOT, save


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
        assert store.labelled("load", 1) == []
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
        assert store.labelled("load", 1) == []
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
