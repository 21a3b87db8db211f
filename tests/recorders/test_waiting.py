"""What a thread waits for, told from real waits (Linux)."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from jupyter_perf.recorders.waiting import CHILDREN, NETWORK, SLEEP, WaitReader

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="system calls are read from Linux's /proc")


def kind_of(wait: Callable[[], object], release: Callable[[], object] = lambda: None) -> str | None:
    """What is read of a thread that waits, once it surely does."""
    thread = threading.Thread(target=wait)
    thread.start()
    reader = WaitReader(thread.native_id or 0)
    try:
        assert reader.is_available
        deadline = time.monotonic() + 5
        while True:
            frame = sys._current_frames().get(thread.ident or 0)
            kind = reader.read(frame)
            if kind is not None or time.monotonic() > deadline:
                return kind
            time.sleep(0.01)
    finally:
        release()
        thread.join()
        reader.close()


def test_sleep() -> None:
    assert kind_of(lambda: time.sleep(0.3)) == SLEEP


def test_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    assert kind_of(lock.acquire, lock.release) == SLEEP


def test_socket_read() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert kind_of(lambda: here.recv(1), lambda: there.send(b"x")) == NETWORK


def test_socket_with_a_timeout() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(5)
        assert kind_of(lambda: here.recv(1), lambda: there.send(b"x")) == NETWORK


def test_poll_on_a_socket() -> None:
    here, there = socket.socketpair()
    with here, there:
        poll = select.poll()
        poll.register(here, select.POLLIN)
        assert kind_of(lambda: poll.poll(5000), lambda: there.send(b"x")) == NETWORK


def test_pipe_from_another_process() -> None:
    read_end, write_end = os.pipe()
    assert kind_of(lambda: os.read(read_end, 1), lambda: os.write(write_end, b"x")) == CHILDREN
    os.close(read_end)
    os.close(write_end)


def test_child_process() -> None:
    assert kind_of(lambda: subprocess.run(["sleep", "0.3"], check=True)) == CHILDREN


def test_nothing_is_read_of_a_thread_that_is_gone() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    reader = WaitReader(thread.native_id or 0)
    thread.join()
    assert reader.read(None) is None
    reader.close()
    assert reader.read(None) is None
