"""The process's memory during a run, against allocations of known size."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft, memory
from jupyter_perf.recorders.memory import MemoryRecorder, Series

MIB = 1 << 20
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is reset through /proc")


def filled(size: int) -> bytearray:
    """Bytes that are really in memory: untouched pages are not."""
    return bytearray(b"x") * size


def recorded(body: Callable[[Context], object]) -> tuple[Draft, Context]:
    """What the recorder says of `body`; its return value lives until the end of the run."""
    context = Context()
    recorder = MemoryRecorder(context)
    recorder.start()
    context.origin_s = context.clock()
    kept = body(context)
    recorder.stop()
    del kept
    draft = Draft(wall_s=context.now_s())
    recorder.collect(draft)
    return draft, context


def samples(draft: Draft) -> list[tuple[float, int]]:
    return [(row["at_s"], row["rss_bytes"]) for row in draft.tables["memory"].rows()]


def test_every_run_is_measured():
    assert MemoryRecorder.is_wanted(Options())


def test_growth_is_what_is_still_there_at_the_end():
    draft, _ = recorded(lambda _: filled(100 * MIB))
    assert 98 * MIB < draft.scalars["growth_bytes"] < 108 * MIB
    start, end = samples(draft)[0], samples(draft)[-1]
    assert end[1] - start[1] == draft.scalars["growth_bytes"]


def test_growth_is_negative_where_memory_is_given_back():
    held = [filled(100 * MIB)]
    draft, _ = recorded(lambda _: held.clear())
    assert -108 * MIB < draft.scalars["growth_bytes"] < -92 * MIB


@LINUX
def test_a_peak_between_two_samples_is_seen_to_the_byte():
    draft, context = recorded(lambda _: len(filled(190 * MIB)))
    start = samples(draft)[0][1]
    assert 188 * MIB < draft.scalars["peak_bytes"] - start < 198 * MIB
    assert abs(draft.scalars["growth_bytes"]) < 10 * MIB
    assert context.notes == []


@LINUX
def test_a_peak_before_the_run_does_not_count():
    len(filled(190 * MIB))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    draft, _ = recorded(lambda _: None)
    assert draft.scalars["peak_bytes"] < before - 150 * MIB


def test_without_the_mark_the_peak_is_the_largest_sample_and_a_note_says_so(monkeypatch):
    monkeypatch.setattr(memory, "reset_peak", lambda: False)

    def body(context: Context) -> None:
        block = filled(80 * MIB)
        context.tick_callbacks[0](context.now_s())
        del block

    draft, context = recorded(body)
    sampled = max(rss for _, rss in samples(draft))
    assert draft.scalars["peak_bytes"] == sampled
    assert 76 * MIB < sampled - samples(draft)[0][1] < 90 * MIB
    assert len(context.notes) == 1
    assert "sampled" in context.notes[0]


def test_samples_count_from_the_start_of_the_run_and_stop_with_it():
    context = Context()
    recorder = MemoryRecorder(context)
    recorder.start()
    context.origin_s = context.clock()
    for _ in range(3):
        context.tick_callbacks[0](context.now_s())
    recorder.stop()
    ended_s = context.now_s()
    context.tick_callbacks[0](context.now_s())
    draft = Draft(wall_s=ended_s)
    recorder.collect(draft)
    times = [at_s for at_s, _ in samples(draft)]
    assert len(times) == 5
    assert times[0] == 0.0
    assert times == sorted(times)
    assert times[-1] <= ended_s


def test_the_progress_line_is_told_the_newest_sample():
    def body(context: Context) -> int:
        block = filled(60 * MIB)
        context.tick_callbacks[0](context.now_s())
        assert len(block) == 60 * MIB
        return context.counters["rss_bytes"]()

    context_seen: list[int] = []
    draft, _ = recorded(lambda context: context_seen.append(body(context)))
    assert 56 * MIB < context_seen[0] - samples(draft)[0][1] < 70 * MIB


def test_an_hour_of_samples_fits_and_keeps_its_peak():
    series = Series(most_points=100)
    series.first(0.0, 5)
    for tick in range(1, 180_000):
        series.add(tick / 50, 1000 if tick == 77_777 else tick % 7)
    assert series.last(3600.0, 6) == 5
    rows = list(series.table(0.0).rows())
    assert 40 <= len(rows) <= 101
    assert (rows[0]["at_s"], rows[0]["rss_bytes"]) == (0.0, 5)
    assert (rows[-1]["at_s"], rows[-1]["rss_bytes"]) == (3600.0, 6)
    assert (77_777 / 50, 1000) in [(row["at_s"], row["rss_bytes"]) for row in rows]
    times = [row["at_s"] for row in rows]
    assert times == sorted(times)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) < 4 * 3600 / len(rows)


def test_samples_taken_on_another_thread_while_the_run_ends_do_no_harm():
    context = Context()
    recorder = MemoryRecorder(context)
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            context.tick_callbacks[0](context.now_s())

    recorder.start()
    thread = threading.Thread(target=watch)
    thread.start()
    time.sleep(0.02)
    recorder.stop()
    ended.set()
    thread.join()
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    assert len(samples(draft)) > 2


@LINUX
def test_a_forked_child_runs_on_and_reports_nothing():
    context = Context()
    recorder = MemoryRecorder(context)
    recorder.start()
    pid = os.fork()
    if pid == 0:
        try:
            context.tick_callbacks[0](context.now_s())
            recorder.stop()
            draft = Draft(wall_s=0.0)
            recorder.collect(draft)
            os._exit(0 if not draft.tables and not draft.scalars else 3)
        finally:
            os._exit(4)
    _, status = os.waitpid(pid, 0)
    recorder.stop()
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_recorder_that_never_started_measured_nothing():
    recorder = MemoryRecorder(Context())
    recorder.stop()
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    assert not draft.tables
    assert not draft.scalars
