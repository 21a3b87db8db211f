"""Processor clocks between readings, and what the ticks make of the bar."""

from __future__ import annotations

import threading

import pytest

from jupyter_perf.context import Context
from jupyter_perf.recorders.breakdown import breakdown
from jupyter_perf.recorders.clocks import NATIVE, PYTHON, SQL, Clock, ThreadClocks


def clock(*readings: tuple[float, float]) -> Clock:
    made = Clock()
    for at_s, cpu_s in readings:
        made.read(at_s, cpu_s)
    return made


def test_runs_on_a_straight_line_between_readings() -> None:
    half = clock((0.0, 5.0), (2.0, 6.0), (3.0, 7.0))
    assert half.ran_s(0.0, 2.0) == pytest.approx(1.0)
    assert half.ran_s(0.5, 1.5) == pytest.approx(0.5)
    assert half.ran_s(1.0, 3.0) == pytest.approx(1.5)
    assert half.total_s == pytest.approx(2.0)


def test_outside_the_readings_the_clock_stands() -> None:
    assert clock((1.0, 0.0), (2.0, 1.0)).ran_s(2.0, 9.0) == 0.0


def test_never_more_than_the_time_itself() -> None:
    assert clock((0.0, 0.0), (1.0, 1.5)).ran_s(0.0, 1.0) == 1.0


def test_one_reading_tells_nothing() -> None:
    assert clock((0.0, 0.0)).ran_s(0.0, 1.0) is None


def ticks(*intervals: tuple[float, float, str | None, str | None]) -> ThreadClocks:
    """Clocks whose intervals are given as (seconds, ran, what ran, what was waited for)."""
    clocks = ThreadClocks(Context())
    clocks.cell.read(0.0, 0.0)
    at_s = cpu_s = 0.0
    for width_s, ran_s, running, waited in intervals:
        at_s, cpu_s = at_s + width_s, cpu_s + ran_s
        clocks.cell.read(at_s, cpu_s)
        clocks.running.append(running)
        clocks.waited.append(waited)
    return clocks


def parts(clocks: ThreadClocks, wall_s: float, **known: float | None) -> dict[str, float]:
    facts = {"sql_s": None, "gc_s": None, "import_s": 0.0, "native_share": None, **known}
    table = breakdown(wall_s, clocks, **facts)
    return {row["category"]: row["seconds"] for row in table.rows()}


def test_running_and_waiting_as_the_ticks_saw_them() -> None:
    seen = parts(
        ticks((1.0, 1.0, PYTHON, None), (1.0, 1.0, NATIVE, None), (2.0, 0.0, NATIVE, "network")), 4.0
    )
    assert seen == pytest.approx({PYTHON: 1.0, NATIVE: 1.0, "network": 2.0})


def test_sql_is_taken_as_measured_not_as_seen() -> None:
    seen = parts(ticks((1.0, 1.0, SQL, SQL), (1.0, 1.0, PYTHON, None)), 2.0, sql_s=0.5)
    assert seen == pytest.approx({"SQL": 0.5, PYTHON: 1.5})


def test_measured_parts_never_exceed_the_wall_time() -> None:
    seen = parts(ticks((1.0, 1.0, PYTHON, None)), 1.0, sql_s=3.0, gc_s=1.0)
    assert seen == pytest.approx({"SQL": 1.0})


def test_unjudged_running_goes_with_the_judged() -> None:
    seen = parts(ticks((1.0, 1.0, PYTHON, None), (3.0, 3.0, None, None)), 4.0)
    assert seen == pytest.approx({PYTHON: 4.0})


def test_nothing_judged_is_said_so() -> None:
    assert parts(ticks((1.0, 1.0, None, None)), 1.0) == pytest.approx({"Python and native code": 1.0})


def test_native_frames_divide_the_running_time() -> None:
    seen = parts(ticks((1.0, 1.0, PYTHON, None)), 1.0, native_share=0.25)
    assert seen == pytest.approx({PYTHON: 0.75, NATIVE: 0.25})


def test_real_clock_of_this_thread() -> None:
    clocks = ThreadClocks(Context(thread_ident=threading.get_ident()))
    if not clocks.are_available:
        pytest.skip("this system does not tell a thread's processor time")
    clocks.start()
    sum(range(2_000_000))
    clocks.stop(1.0)
    assert clocks.cell.total_s > 0
    assert len(clocks.running) == len(clocks.cell.at_s) - 1
