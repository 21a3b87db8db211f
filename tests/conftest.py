"""For every test: a place of its own, and proof that it left nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel import Kernel
from tests.leftovers import Snapshot, remaining


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with the mark `fresh_heap` come first: memory that others have freed is taken again unseen."""
    items.sort(key=lambda item: item.get_closest_marker("fresh_heap") is None)


@pytest.fixture(scope="session", autouse=True)
def own_temp_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A temp folder of this session's own, for children too: what others put into theirs is not ours."""
    folder = tmp_path_factory.mktemp("temp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def nothing_left_behind(own_temp_folder: Path) -> Iterator[None]:
    """Fails a test after which a thread, child, patch, hook, timer or file is there that was not before."""
    before = Snapshot()
    yield
    left = remaining(before)
    assert not left, "the test left behind: " + "; ".join(left)


@pytest.fixture(autouse=True)
def own_folders(nothing_left_behind: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Points the history of runs, Jupyter and IPython to this test's folder, never the developer's."""
    monkeypatch.setenv("JUPYTER_PERF_STORE", str(tmp_path / "history.sqlite"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path


@pytest.fixture(scope="module")
def running_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for the tests of a file; use `kernel`."""
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    try:
        yield kernel
    finally:
        kernel.shutdown()


@pytest.fixture
def kernel(running_kernel: Kernel, own_folders: Path) -> Iterator[Kernel]:
    """A real kernel without names or extension, in which nothing may be left behind either.

    At the end `%unload_ext jupyter_perf` is run, and the names are reset.
    """
    running_kernel.begin(own_folders / "history.sqlite")
    yield running_kernel
    left = running_kernel.end()
    assert not left, "left behind in the kernel: " + "; ".join(left)
