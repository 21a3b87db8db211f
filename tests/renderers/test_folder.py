"""The folder of frames, as parquet and as CSV."""

import csv
import json
import subprocess
import sys

import pandas as pd
import pytest

from jupyter_perf.model import Report, from_json
from jupyter_perf.renderers.dump import dump
from tests.builders import report, run, table


def dumped(tmp_path, made):
    dump(made, str(tmp_path / "frames") + "/")
    return tmp_path / "frames"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_frame_with_rows_is_parquet(tmp_path):
    made = report()
    folder = dumped(tmp_path, made)
    expected = {f"{name}.parquet" for name in made.run.tables} | {"findings.parquet", "report.json"}
    assert names(folder) == sorted(expected)
    for name in made.run.tables:
        read = pd.read_parquet(folder / f"{name}.parquet")
        frame = getattr(made.run, name)
        assert list(read.columns) == list(frame.columns)
        assert len(read) == len(frame)
        if name != "stacks":
            pd.testing.assert_frame_equal(read, frame)
    assert from_json((folder / "report.json").read_text("utf-8"), Report).findings == made.findings


def test_stacks_keep_their_frames_in_parquet(tmp_path):
    made = report()
    read = pd.read_parquet(dumped(tmp_path, made) / "stacks.parquet")
    assert [tuple(stack) for stack in read["stack"]] == list(made.run.stacks["stack"])


_WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
from pathlib import Path
from jupyter_perf.model import Report, from_json
from jupyter_perf.renderers.dump import dump
dump(from_json(Path(sys.argv[1]).read_text("utf-8"), Report), sys.argv[2])
"""


def test_without_pyarrow_csv(tmp_path):
    hostile = ['a,"b"', "line\nbreak", "<script>", "=1+2", "ä;ö", " "]
    rows = [("In[1]", i, text, 0.1, None, 0.1, 0.1, 0.0, None) for i, text in enumerate(hostile)]
    made = report(tables={"lines": table("lines", *rows), "stacks": run().tables["stacks"]})
    saved, folder = dump(made, str(tmp_path / "run.json")), tmp_path / "frames"
    subprocess.run([sys.executable, "-c", _WITHOUT_PYARROW, saved, str(folder)], check=True)
    assert names(folder) == ["findings.csv", "lines.csv", "report.json", "stacks.csv"]
    with open(folder / "lines.csv", encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["source"] for row in read] == hostile
    assert [row["total_s"] for row in read] == [""] * 6, "what was not measured is empty, not zero"
    stacks = pd.read_csv(folder / "stacks.csv")
    assert stacks["stack"][0] == "<module> (In[3]:2);read_sql (pandas/io/sql.py:700)"


def test_second_dump_replaces_the_first_and_spares_other_files(tmp_path):
    folder = dumped(tmp_path, report())
    (folder / "mine.txt").write_text("mine")
    (folder / "awaits.csv").write_text("a former dump without pyarrow")
    dumped(tmp_path, report(run_id="r2", tables={"lines": run().tables["lines"]}))
    assert names(folder) == ["findings.parquet", "lines.parquet", "mine.txt", "report.json"]
    assert json.loads((folder / "report.json").read_text("utf-8"))["run"]["run_id"] == "r2"


def test_folder_of_the_users_own_keeps_its_files(tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "queries.csv").write_text("mine")
    folder = dumped(tmp_path, report(tables={}))
    assert (folder / "queries.csv").read_text() == "mine"


@pytest.mark.parametrize("made", [Report(run(tables={}))])
def test_empty_run_has_its_report(made, tmp_path):
    assert names(dumped(tmp_path, made)) == ["report.json"]
