"""An end to code that does not come to one by itself, and to that code alone."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from jupyter_perf.comparing.deadline import Deadline, OutOfTimeError


def spin(seconds: float = 20.0) -> None:
    """Keep busy; ends by itself, so that a failing test does not hang."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@pytest.mark.parametrize("endless", [spin, lambda: time.sleep(20), lambda: threading.Event().wait(20)])
def test_code_is_ended(endless: object) -> None:
    with pytest.raises(OutOfTimeError), Deadline(0.05) as deadline:
        endless()  # type: ignore[operator]
    assert deadline.is_over
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_code_that_ends_in_time_is_left_alone_afterwards_too() -> None:
    with Deadline(0.05) as deadline:
        value = 1 + 1
    time.sleep(0.1)
    assert (value, deadline.is_over) == (2, False)


def test_without_time_the_block_does_not_begin() -> None:
    ran = []
    with pytest.raises(OutOfTimeError), Deadline(-1.0):
        ran.append(1)
    assert ran == []


def test_very_little_time_interrupts_the_block_and_nothing_else() -> None:
    for _ in range(20):
        with pytest.raises(OutOfTimeError), Deadline(1e-9):
            spin()
    time.sleep(0.05)
    assert not [one for one in threading.enumerate() if "deadline" in one.name]


def test_code_that_catches_the_interrupt_keeps_its_value() -> None:
    with Deadline(0.05) as deadline:
        try:
            spin()
        except KeyboardInterrupt:
            value = "caught"
    assert (value, deadline.is_over) == ("caught", True)


def test_an_interrupt_of_the_users_and_other_exceptions_are_theirs() -> None:
    with pytest.raises(KeyboardInterrupt), Deadline(20):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(ValueError, match="mine"), Deadline(20):
        raise ValueError("mine")


def test_a_handler_of_the_programs_is_there_again_afterwards() -> None:
    calls: list[int] = []

    def handler(number: int, frame: object) -> None:
        calls.append(number)

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(OutOfTimeError), Deadline(0.05):
            spin()
        assert signal.getsignal(signal.SIGINT) is handler
        assert calls == []
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_nothing_is_interrupted() -> None:
    ended: list[bool] = []

    def work() -> None:
        with Deadline(0.02) as deadline:
            time.sleep(0.1)
        ended.append(deadline.is_over or deadline.is_kept)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [False]
