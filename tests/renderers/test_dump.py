"""`--dump PATH`: what is refused before the cell runs, and what is on the disk afterwards."""

import os
import stat
import sys

import pytest

from jupyter_perf.discovery import members
from jupyter_perf.model import Report, from_json
from jupyter_perf.renderers import Renderer
from jupyter_perf.renderers.dump import check_dump, dump, resolve
from tests.builders import report, run, table

ENDINGS = sorted({form.ending for form in members("renderers", Renderer)} - {None, "/", ".prof"})


def test_known_endings_are_those_of_the_contract():
    assert {".speedscope.json", ".json", ".html"} <= set(ENDINGS)


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_is_written_whole_and_alone(ending, tmp_path):
    path = str(tmp_path / "dumps" / f"run{ending}")
    os.mkdir(tmp_path / "dumps")
    assert check_dump(path, exact=False) is None
    assert dump(report(), path) == os.path.realpath(path)
    assert os.listdir(tmp_path / "dumps") == [f"run{ending}"]
    assert os.path.getsize(path) > 0


def test_json_loads_back_equal(tmp_path):
    saved = report()
    path = dump(saved, str(tmp_path / "run.json"))
    with open(path, encoding="utf-8") as file:
        loaded = from_json(file.read(), Report)
    assert loaded.findings == saved.findings
    assert loaded.comparisons == saved.comparisons
    assert {name: list(rows.rows()) for name, rows in loaded.run.tables.items()} == {
        name: list(rows.rows()) for name, rows in saved.run.tables.items()
    }


def test_hostile_text_loads_back_from_json(tmp_path):
    names = ['"; DROP TABLE x; --', "</script><script>", "\x00\u2028\ud800", "ä\n\t\\", "=1+2"]
    rows = [("In[1]", i, name, 0.1, 0.1, 0.1, 0.1, 0.0, None) for i, name in enumerate(names)]
    path = dump(report(label="\ud800", tables={"lines": table("lines", *rows)}), str(tmp_path / "run.json"))
    with open(path, encoding="utf-8") as file:
        loaded = from_json(file.read(), Report)
    assert list(loaded.run.table("lines")["source"]) == names
    assert loaded.run.label == "\ud800"


@pytest.mark.parametrize(
    ("name", "exact", "sentence"),
    [
        ("run.xyz", False, "the ending of 'run.xyz' is unknown: use .html"),
        ("run.json.gz", False, "the ending of 'run.json.gz' is unknown"),
        ("missing/run.json", False, "missing does not exist"),
        ("missing/frames/", False, "missing does not exist"),
        ("run.prof", False, ".prof holds exact call counts: add --exact"),
        ("file/", False, "file is a file, not a folder"),
        ("file", False, "file is a file, not a folder"),
        ("file/run.json", False, "file does not exist"),
    ],
)
def test_refused_in_one_sentence_before_the_cell_runs(name, exact, sentence, tmp_path):
    (tmp_path / "file").write_text("")
    problem = check_dump(f"{tmp_path}/{name}", exact=exact)
    assert problem is not None
    assert sentence in problem
    assert "\n" not in problem
    assert sorted(os.listdir(tmp_path)) == ["file"], "the check left something behind"


@pytest.mark.parametrize("name", ["run.prof", "RUN.JSON", "a.b.html", "frames", "frames.v1/", "run.json"])
def test_accepted(name, tmp_path):
    assert check_dump(f"{tmp_path}/{name}", exact=True) is None


def test_folder_that_ends_like_a_file_takes_the_frames(tmp_path):
    (tmp_path / "odd.json").mkdir()
    dump(report(), str(tmp_path / "odd.json"))
    assert (tmp_path / "odd.json" / "report.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")
def test_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "run.json")
    assert "is not a regular file" in check_dump(str(tmp_path / "run.json"), exact=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission_is_refused(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    problem = check_dump(str(tmp_path / "locked" / "run.json"), exact=False)
    assert "no permission" in problem


def test_permission_is_asked_of_the_system(tmp_path):
    problem = check_dump("/proc/run.json", exact=False) if sys.platform == "linux" else "no permission"
    if problem is None:  # root is told so only by the attempt
        with pytest.raises(OSError, match="cannot be written"):
            dump(report(), "/proc/run.json")
    else:
        assert "no permission" in problem


def test_path_is_resolved_before_the_cell_changes_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, folder = resolve("run.json"), resolve("frames/")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert dump(report(), path) == os.path.realpath(tmp_path / "run.json")
    dump(report(), folder)
    assert (tmp_path / "frames" / "report.json").exists()
    assert os.listdir(tmp_path / "elsewhere") == []


def test_home_is_expanded_and_the_folders_separator_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert resolve("~/run.json") == str(tmp_path / "run.json")
    assert resolve("~/frames/") == os.path.join(str(tmp_path), "frames", "")


def test_unknown_ending_and_missing_measurement_are_value_errors(tmp_path):
    with pytest.raises(ValueError, match="is unknown: use "):
        dump(report(), str(tmp_path / "run.xyz"))
    with pytest.raises(ValueError, match="add --exact"):
        dump(report(), str(tmp_path / "run.prof"))
    with pytest.raises(ValueError, match="holds sampled stacks, and this run has none"):
        dump(Report(run(tables={})), str(tmp_path / "run.speedscope.json"))
    assert os.listdir(tmp_path) == []


def test_folder_gone_in_the_meantime_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="cannot be written: No such file or directory"):
        dump(report(), str(tmp_path / "gone" / "run.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions and links")
class TestOnPosix:
    def test_new_file_has_the_users_usual_permissions(self, tmp_path):
        old = os.umask(0o022)
        try:
            path = dump(report(), str(tmp_path / "run.json"))
        finally:
            os.umask(old)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o644

    def test_replaced_file_keeps_its_permissions(self, tmp_path):
        path = tmp_path / "run.json"
        path.write_text("old")
        path.chmod(0o600)
        dump(report(), str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().startswith("{")

    def test_link_is_followed_not_replaced(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "run.json").write_text("old")
        (tmp_path / "link.json").symlink_to(tmp_path / "real" / "run.json")
        dump(report(), str(tmp_path / "link.json"))
        assert (tmp_path / "link.json").is_symlink()
        assert (tmp_path / "real" / "run.json").read_text().startswith("{")


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
@pytest.mark.parametrize("name", ["run.json", "frames/"])
def test_full_disk_leaves_the_old_file_and_nothing_else(name, tmp_path):
    import resource
    import signal

    (tmp_path / "run.json").write_text("old")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, old[1]))
    try:
        with pytest.raises(OSError, match="cannot be written: File too large"):
            dump(report(), f"{tmp_path}/{name}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert os.listdir(tmp_path) == ["run.json"]
    assert (tmp_path / "run.json").read_text() == "old"
