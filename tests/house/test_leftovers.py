"""The proof that nothing is left behind must itself see what is."""

import asyncio
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.kernel import Kernel
from tests.leftovers import Snapshot, remaining


def look(before):
    return "; ".join(remaining(before, grace_s=0))


def test_silent_when_nothing_happened():
    assert remaining(Snapshot()) == []


def test_names_a_thread_until_it_ends():
    end = threading.Event()
    before = Snapshot()
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()
    assert "thread" in look(before) and "forgotten" in look(before)
    end.set()
    thread.join()
    assert look(before) == ""


def test_waits_a_moment_for_a_thread_that_is_about_to_end():
    before = Snapshot()
    timer = threading.Timer(0.2, lambda: None)
    timer.start()
    assert remaining(before) == []


def test_names_a_child_process_and_its_command():
    before = Snapshot()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert f"child process {child.pid}" in look(before) and "input()" in look(before)
        child.communicate(b"\n")
    assert look(before) == ""


def test_names_a_patched_function_and_a_patched_method(monkeypatch):
    before = Snapshot()
    monkeypatch.setattr(sqlite3, "connect", lambda *arguments: None)
    monkeypatch.setattr(threading.Thread, "run", lambda self: None)
    assert "sqlite3.connect is patched" in look(before)
    assert "threading.Thread.run is patched" in look(before)


def test_names_handlers_timers_and_trace_functions():
    before = Snapshot()
    old = signal.signal(signal.SIGPROF, lambda *arguments: None)
    signal.setitimer(signal.ITIMER_PROF, 1000, 1000)
    sys.setprofile(lambda *arguments: None)
    try:
        found = look(before)
    finally:
        sys.setprofile(None)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    for name in ("handler of SIGPROF", "timer ITIMER_PROF", "sys.getprofile()"):
        assert name in found
    assert look(before) == ""


def test_names_hooks_of_the_collector_and_the_import_system():
    class Finder:
        def find_spec(self, *arguments):
            return None

    before = Snapshot()
    finder, callback = Finder(), lambda *arguments: None
    gc.callbacks.append(callback)
    sys.meta_path.append(finder)
    try:
        found = look(before)
    finally:
        gc.callbacks.remove(callback)
        sys.meta_path.remove(finder)
    assert "gc.callbacks" in found and "sys.meta_path" in found


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="sys.monitoring came with Python 3.12")
def test_names_a_monitoring_tool_and_its_events():
    monitoring = sys.monitoring
    before = Snapshot()
    monitoring.use_tool_id(4, "forgotten")
    monitoring.set_events(4, monitoring.events.PY_YIELD)
    try:
        found = look(before)
    finally:
        monitoring.set_events(4, 0)
        monitoring.free_tool_id(4)
    assert "monitoring tool 4 was None and is 'forgotten'" in found
    assert "events of monitoring tool 4" in found


def test_names_a_task_factory():
    async def forgetful():
        loop = asyncio.get_running_loop()
        before = Snapshot()
        loop.set_task_factory(
            lambda loop, coroutine, **options: asyncio.Task(coroutine, loop=loop, **options)
        )
        found = look(before)
        loop.set_task_factory(None)
        return found

    assert "task factory" in asyncio.run(forgetful())


def test_names_a_file_of_ours_in_the_temp_folder():
    before = Snapshot()
    folder = tempfile.mkdtemp(prefix="jupyter_perf-")
    assert folder in look(before)
    os.rmdir(folder)
    assert look(before) == ""


def test_names_a_listener_that_every_engine_hears():
    from sqlalchemy import Engine, event

    def listener(*arguments):
        pass

    before = Snapshot()
    event.listen(Engine, "before_cursor_execute", listener)
    try:
        found = look(before)
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
    assert "sqlalchemy.engine.Engine (before_cursor_execute" in found
    assert look(before) == ""


def test_the_temp_folder_is_the_sessions_own(own_temp_folder):
    assert Path(tempfile.gettempdir()) == own_temp_folder == Path(os.environ["TMPDIR"])


def test_history_and_settings_are_the_tests_own(tmp_path):
    for variable in ("JUPYTER_PERF_STORE", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        assert Path(os.environ[variable]).parent == tmp_path


@pytest.mark.kernel
def test_sees_what_a_cell_leaves_in_a_kernel(running_kernel: Kernel, tmp_path):
    running_kernel.begin(tmp_path / "history.sqlite")
    running_kernel.execute("import signal, sys; old = signal.signal(signal.SIGUSR1, signal.SIG_IGN)")
    assert ["SIGUSR1" in sentence for sentence in running_kernel.end()] == [True]
    running_kernel.execute("signal.signal(signal.SIGUSR1, old)")
    assert running_kernel.end() == []
