"""Places for a history of runs."""

import pytest


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "folder" / "history.sqlite")


@pytest.fixture
def at_default(tmp_path, monkeypatch):
    """The default place, in a Jupyter data folder of the test's own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("JUPYTER_PERF_STORE", raising=False)
    return tmp_path / "jupyter_perf" / "history.sqlite"
