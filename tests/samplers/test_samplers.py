"""Every sampler on real code, and py-spy's trace format on a written example."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

from jupyter_perf.samplers import Plan, Sampler, Stretch
from jupyter_perf.samplers.fake import FakeSampler
from jupyter_perf.samplers.in_process import ThreadSampler
from jupyter_perf.samplers.pyspy import PySpySampler
from jupyter_perf.samplers.pyspy_trace import stretches
from jupyter_perf.samplers.signals import SIGNAL, SignalSampler

REAL = [PySpySampler, SignalSampler, ThreadSampler]


def plan(sink: list[Stretch], **options: bool) -> Plan:
    return Plan(time.perf_counter, threading.get_ident(), sink.append, 100.0, **options)


def spin(seconds: float) -> float:
    end, total = time.perf_counter() + seconds, 0.0
    while time.perf_counter() < end:
        total += 1.5
    return total


def idle(seconds: float) -> None:
    time.sleep(seconds)


def seconds_in(function: str, seen: list[Stretch]) -> float:
    return sum(s.duration_s for s in seen if any(f.function == function for f in s.stack))


@pytest.mark.parametrize("kind", REAL)
def test_sees_running_and_waiting_functions_of_this_thread(kind: type[Sampler]) -> None:
    seen: list[Stretch] = []
    sampler = kind(plan(seen))
    sampler.start()
    began = time.perf_counter()
    spin(0.3)
    middle = time.perf_counter()
    idle(0.3)
    ended = time.perf_counter()
    sampler.stop()

    assert seconds_in("spin", seen) == pytest.approx(middle - began, abs=0.1)
    assert seconds_in("idle", seen) == pytest.approx(ended - middle, abs=0.1)
    own = [s for s in seen if s.thread_ident == threading.get_ident()]
    assert {s.thread for s in own} == {"MainThread"}
    assert {s.process for s in own} == {os.getpid()}
    first = min(s.start_s for s in own if any(f.function == "idle" for f in s.stack))
    assert first == pytest.approx(middle, abs=0.1), "times are on the clock of the plan"


@pytest.mark.parametrize("kind", REAL)
def test_sees_other_threads_by_name(kind: type[Sampler]) -> None:
    seen: list[Stretch] = []
    thread = threading.Thread(target=idle, args=(0.4,), name="the other one")
    thread.start()
    sampler = kind(plan(seen))
    sampler.start()
    while thread.is_alive():
        idle(0.01)
    sampler.stop()
    assert any(s.thread == "the other one" and s.stack[-1].function == "idle" for s in seen)


@pytest.mark.parametrize("kind", REAL)
def test_can_start_again(kind: type[Sampler]) -> None:
    for _ in range(3):
        seen: list[Stretch] = []
        sampler = kind(plan(seen))
        sampler.start()
        spin(0.2)
        sampler.stop()
        assert seconds_in("spin", seen) > 0


def test_pyspy_is_not_our_child() -> None:
    sampler = PySpySampler(plan([]))
    sampler.start()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    sampler.stop()


def test_pyspy_sees_native_frames_on_request() -> None:
    seen: list[Stretch] = []
    sampler = PySpySampler(plan(seen, native=True))
    sampler.start()
    sorted(str(i) for i in range(400_000))
    idle(0.2)
    sampler.stop()
    assert any(frame.native for s in seen for frame in s.stack)
    assert seconds_in("idle", seen) > 0


def test_pyspy_refused_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    refusing = tmp_path / "py-spy"
    refusing.write_text(
        "#!/bin/sh\necho 'Error: Permission Denied: Try running again with elevated permissions'\n"
    )
    refusing.chmod(0o755)
    monkeypatch.setattr("jupyter_perf.samplers.pyspy.executable", lambda: str(refusing))
    with pytest.raises(
        OSError, match=r"^py-spy may not look into this process \(ptrace is not permitted here\)$"
    ):
        PySpySampler(plan([])).start()


def test_pyspy_goes_on_in_a_new_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_perf.samplers.pyspy.CHUNKS", ((500.0, 0.2), (200.0, 0.2)))
    seen: list[Stretch] = []
    sampler = PySpySampler(plan(seen))
    sampler.start()
    began = time.perf_counter()
    while time.perf_counter() - began < 0.9:
        spin(0.05)
        sampler.poll()
    elapsed = time.perf_counter() - began
    assert seconds_in("spin", seen) > 0.1, "finished chunks are delivered while the code runs"
    sampler.stop()
    own = sorted(s for s in seen if s.thread_ident == threading.get_ident())
    assert sum(s.duration_s for s in own) == pytest.approx(elapsed, abs=0.25)
    ends = [s.start_s + s.duration_s for s in own]
    assert all(later.start_s >= end - 1e-6 for end, later in zip(ends, own[1:], strict=False)), (
        "no time twice"
    )


def test_signal_sampler_leaves_the_users_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    def users_own(*_: object) -> None: ...

    sampler = SignalSampler(plan([]))
    sampler.start()
    signal.signal(SIGNAL, users_own)
    sampler.stop()
    assert signal.getsignal(SIGNAL) is users_own
    assert SignalSampler.obstacle() == f"signal {SIGNAL} is in use by the program"
    signal.signal(SIGNAL, signal.SIG_DFL)


def test_signal_sampler_is_not_for_other_threads() -> None:
    said: list[str | None] = []
    thread = threading.Thread(target=lambda: said.append(SignalSampler.obstacle()))
    thread.start()
    thread.join()
    assert said == ["signals reach the main thread only, and this code runs in another one"]


def test_fake_sampler_replays_its_script(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch = Stretch(0.0, 1.0, "MainThread", 1, 1, ())
    monkeypatch.setattr(FakeSampler, "script", (stretch,))
    seen: list[Stretch] = []
    sampler = FakeSampler(plan(seen))
    sampler.start()
    assert seen == []
    sampler.stop()
    assert seen == [stretch]


def event(phase: str, name: str, at_us: int, file: str = "a.py", line: int = 0) -> dict:
    place = {"filename": file, "line": line}
    return {"ph": phase, "name": name, "ts": at_us, "pid": 7, "tid": 70, "args": place}


def written(trace: list[dict]) -> str:
    """As py-spy writes it: without space, the keys in order."""
    return json.dumps(trace, separators=(",", ":"), sort_keys=True)


def test_trace_events_become_stretches_on_our_clock() -> None:
    trace = [
        event("B", "thread (71): worker", 1000, file=""),
        event("B", "_be_seen", 1000, line=1),
        event("E", "_be_seen", 5000, line=1),
        event("B", "f", 5000, line=2),
        event("B", "g", 5000, line=9),
        event("E", "g", 8000, line=9),
        event("E", "f", 9000, line=2),
        event("E", "thread (71): worker", 9000, file=""),
    ]
    seen = list(stretches(written(trace), marked_s=100.0, launched_s=0.0))
    assert [(round(s.start_s, 6), round(s.duration_s, 6), [f.function for f in s.stack]) for s in seen] == [
        (99.996, 0.004, ["_be_seen"]),
        (100.0, 0.003, ["f", "g"]),
        (100.003, 0.001, ["f"]),
    ]
    assert {(s.thread, s.thread_ident, s.process) for s in seen} == {("worker", 70, 7)}


def test_an_empty_trace_is_no_stretch() -> None:
    assert list(stretches("[]", marked_s=1.0, launched_s=0.0)) == []


def test_a_trace_without_the_mark_begins_at_the_launch() -> None:
    trace = [event("B", "f", 3000, line=2), event("E", "f", 5000, line=2)]
    (seen,) = stretches(written(trace), marked_s=100.0, launched_s=99.0)
    assert (seen.start_s, seen.duration_s) == pytest.approx((99.003, 0.002))


def test_the_mark_of_the_next_chunk_is_not_taken_for_a_missed_one() -> None:
    trace = [
        event("B", "f", 3000, line=2),
        event("E", "f", 9_990_000, line=2),
        event("B", "_be_seen", 9_990_000, line=1),
        event("E", "_be_seen", 9_995_000, line=1),
    ]
    first, _ = stretches(written(trace), marked_s=100.05, launched_s=100.0)
    assert (first.start_s, first.duration_s) == pytest.approx((100.003, 9.987))
