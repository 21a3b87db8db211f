"""What a cell of an hour takes in memory and on disk."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.effort import Effort
from benchmarks.page import Grid, Section
from benchmarks.workloads import CALLS, PANDAS, Workload
from jupyter_perf.samplers.pyspy import CHUNKS, executable

STACKS = (500, 1_000_000)
HOW = """\
Memory: the real recorders of processor time and memory, fed on a fake clock with every tick of the watch
thread and every sample of py-spy's chunks, in a process of its own. The stacks are 25 frames deep, five of
them the user's, at random lines of 25 functions; each sample's is drawn at random from so many different
ones. With a million of them hardly two samples are alike, which is the worst case. Disk: py-spy writes a
chunk's trace when the chunk ends, and it is read and deleted then, so that one chunk is all there ever is.
A real py-spy traced a real program for {trace_s:g} s at each chunk's rate, with the options that `%%perf`
gives it; its bytes by the second, times the chunk's length, are the disk's. Until then py-spy keeps the
trace in its own memory."""

MEMORY_HEAD = ["cell", "samples", "stacks kept", "memory held", "with the report", "report", "its size"]
DISK_HEAD = ["py-spy's trace", "by the second", "chunk", "on disk at its end", "py-spy's own memory"]


def measure(effort: Effort) -> Section:
    """Memory on the fake clock, then traces of the real py-spy."""
    lengths = (60.0, effort.hour_s)
    memory = [_memory_row(length_s, stacks) for stacks in STACKS for length_s in lengths]
    disk = [
        _disk_row(workload, rate_hz, chunk_s, effort.trace_s)
        for workload in (CALLS, PANDAS)
        for rate_hz, chunk_s in CHUNKS
    ]
    return Section(
        "An hour-long cell",
        HOW.format(trace_s=effort.trace_s),
        [
            Grid(MEMORY_HEAD, memory),
            Grid(DISK_HEAD, disk),
        ],
    )


def _memory_row(length_s: float, stacks: int) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.hour_cell", str(length_s), str(stacks)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    return [
        f"{length_s:,.0f} s, {stacks:,} different stacks",
        f"{found['samples']:,}",
        f"{found['distinct_stacks']:,}",
        f"{found['held_bytes'] / 1e6:.0f} MB",
        f"{found['after_report_bytes'] / 1e6:.0f} MB",
        f"{found['report_s']:.2f} s",
        f"{found['output_bytes'] / 1e3:.0f} kB",
    ]


def _disk_row(workload: Workload, rate_hz: float, chunk_s: float, trace_s: float) -> list[str]:
    trace_bytes, peak_bytes = _trace(workload, rate_hz, trace_s)
    return [
        f"{workload.name}, {rate_hz:g} a second",
        f"{trace_bytes / trace_s / 1e3:.0f} kB",
        f"{chunk_s:g} s",
        f"{trace_bytes / trace_s * chunk_s / 1e6:.1f} MB",
        f"{peak_bytes / 1e6:.0f} MB",
    ]


def _trace(workload: Workload, rate_hz: float, trace_s: float) -> tuple[int, int]:
    """Bytes of a real trace of the workload, and the most memory that py-spy had."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        program, trace = Path(folder, "program.py"), Path(folder, "trace.json")
        program.write_text(f"{workload.setup}\nwhile True:\n    work(1)\n", "utf-8")
        command = [executable() or "py-spy", "record", "--rate", f"{rate_hz:.0f}", "--format", "chrometrace"]
        command += ["--output", str(trace), "--idle", "--threads", "--full-filenames", "--nonblocking"]
        command += ["--duration", str(max(1, round(trace_s)))]
        command += ["--", sys.executable, str(program)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak_bytes = _peak_bytes(process)
        return trace.stat().st_size, peak_bytes


def _peak_bytes(process: subprocess.Popen[bytes]) -> int:
    """The largest resident size of a process, looked at until it ends."""
    peak_bytes = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak_bytes = max(peak_bytes, watched.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.02)
    process.wait()
    return peak_bytes
