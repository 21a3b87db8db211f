"""A long cell on a fake clock, run as a program: `python -m benchmarks.hour_cell SECONDS STACKS`.

The real recorders of processor time and memory take every tick of the watch thread and every stretch that
py-spy would deliver; only the clock and the sampler are fakes. Prints what that took as JSON. A program
of its own, so that its resident memory is its own.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator

from jupyter_perf.context import Context, Options
from jupyter_perf.model import Report
from jupyter_perf.recorders.cpu import CpuRecorder
from jupyter_perf.recorders.draft import Draft
from jupyter_perf.recorders.memory import MemoryRecorder, rss_reader
from jupyter_perf.recorders.watch import PERIODS
from jupyter_perf.renderers.bundle import bundle
from jupyter_perf.samplers import Frame, Stretch
from jupyter_perf.samplers.fake import FakeSampler
from jupyter_perf.samplers.pyspy import CHUNKS
from jupyter_perf.sources import Sources

USER_DEPTH, LIBRARY_DEPTH, LINES = 5, 20, 100


class FakeClock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class FakeSources(Sources):
    """Takes the modules of `stretches` for the user's, but for the library's."""

    def is_user(self, filename: str) -> bool:
        """Whether it is one of the user's."""
        return filename.startswith("module_")


def ticks(length_s: float) -> Iterator[float]:
    """When the watch thread would wake."""
    at_s = 0.0
    while at_s < length_s:
        yield at_s
        at_s += next(period_s for until_s, period_s in PERIODS if at_s < until_s)


def chunks(length_s: float) -> Iterator[tuple[float, float, float]]:
    """Begin, length and rate of py-spy's chunks, the last kind repeated."""
    begun_s, at = 0.0, 0
    while begun_s < length_s:
        rate_hz, chunk_s = CHUNKS[min(at, len(CHUNKS) - 1)]
        yield begun_s, min(chunk_s, length_s - begun_s), rate_hz
        begun_s, at = begun_s + chunk_s, at + 1


def stretches(length_s: float, stacks: int) -> Iterator[Stretch]:
    """One for each sample, of a stack drawn from `stacks` different ones; each chunk has its own frames."""
    draw = random.Random(0)
    ident = threading.get_ident()
    for begun_s, chunk_s, rate_hz in chunks(length_s):
        frames: dict[tuple[int, int], Frame] = {}
        for sample in range(int(chunk_s * rate_hz)):
            stack = _stack(draw.randrange(stacks), frames)
            yield Stretch(begun_s + sample / rate_hz, 1 / rate_hz, "MainThread", ident, 0, stack)


def _stack(number: int, frames: dict[tuple[int, int], Frame]) -> tuple[Frame, ...]:
    """The stack of a number: five functions of the user's, then twenty of a library, at lines it gives."""
    draw = random.Random(number)
    found = []
    for depth in range(USER_DEPTH + LIBRARY_DEPTH):
        line = draw.randrange(1, LINES)
        if (depth, line) not in frames:
            folder = "" if depth < USER_DEPTH else "/site-packages/library/"
            frames[depth, line] = Frame(f"function_{depth}", f"{folder}module_{depth}.py", line)
        found.append(frames[depth, line])
    return tuple(found)


def run(length_s: float, stacks: int) -> dict[str, float]:
    """Record a cell of that length: bytes of resident memory, and real seconds, that it took."""
    rss_bytes = rss_reader()
    clock = FakeClock()
    context = Context(options=Options(engine="fake"), clock=clock, sources=FakeSources())
    recorders = [MemoryRecorder(context), CpuRecorder(context)]
    pid = os.getpid()
    FakeSampler.script = (one._replace(process=pid) for one in stretches(length_s, stacks))
    gc.collect()
    before_bytes = rss_bytes()
    for recorder in recorders:
        recorder.start()
    for callback in context.begin_callbacks:
        callback()
    for at_s in ticks(length_s):
        clock.now_s = at_s
        for look in context.tick_callbacks:
            look(at_s)
    clock.now_s = length_s
    for recorder in reversed(recorders):
        recorder.stop()
    gc.collect()
    held_bytes = rss_bytes() - before_bytes
    begun_s = time.perf_counter()
    draft = Draft(wall_s=length_s)
    for recorder in recorders:
        recorder.collect(draft)
    finished = draft.finish(run_id="1", label=None, cell_id=None, started_at=0.0)
    shown = bundle(Report(run=finished), top=20)
    return {
        "held_bytes": held_bytes,
        "after_report_bytes": rss_bytes() - before_bytes,
        "report_s": time.perf_counter() - begun_s,
        "output_bytes": len(json.dumps(shown)),
        "distinct_stacks": len(draft.tables["stacks"]),
        "samples": sum(int(chunk_s * rate_hz) for _, chunk_s, rate_hz in chunks(length_s)),
    }


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]), int(sys.argv[2]))))
