"""py-spy, outside the process: true lines at almost no cost.

py-spy reads this process's memory from a process of its own. It is started as nobody's child, so that
`os.wait()` in the user's code does not meet it, and in a session of its own, so that an interrupt of the
kernel does not reach it. Where Linux asks for permission (Yama), it is given for py-spy's pid alone.

Its trace format keeps times and lines; it is written when py-spy ends. So py-spy runs in chunks, each begun
before the one before it ends, the later ones longer and at a lower rate: the first seconds are seen as
closely as py-spy can, and an hour still fits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_perf.samplers import Plan, Sampler, Stretch
from jupyter_perf.samplers.pyspy_trace import stretches

START_LIMIT_S = 3.0
STOP_LIMIT_S = 10.0
# Rates of the successive chunks, in samples a second, and how long each lasts; the last is repeated. The
# report waits until the last one is read, so that none is longer than it must be.
CHUNKS = ((500.0, 4.0), (200.0, 5.0), (100.0, 10.0))
# With child processes, py-spy writes every stack anew for every sample: so many a second at most.
SUBPROCESSES_RATE_HZ = 100.0
# For native frames it stops the process at every sample.
NATIVE_RATE_HZ = 200.0
# prctl(2): allows the process of this pid to trace ours.
PR_SET_PTRACER = 0x59616D61
# The shell waits for a line before it becomes py-spy, so that the permission is there when it attaches.
LAUNCHER = 'exec 4<&0; { read go <&4; exec 4<&- >&2 </dev/null; exec "$@"; } & echo $!'


class PySpySampler(Sampler):
    """Samples with py-spy; non-blocking unless native frames or children are asked for."""

    name = "py-spy"
    preference = 10
    sees_native = sys.platform != "darwin"
    sees_subprocesses = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._chunks_begun = 0
        self._current: _Chunk | None = None
        self._rotate_at_s = 0.0
        self.rate_hz = self._rate_hz(CHUNKS[0][0])

    def _rate_hz(self, wanted_hz: float) -> float:
        if self.plan.subprocesses:
            return min(wanted_hz, SUBPROCESSES_RATE_HZ)
        return min(wanted_hz, NATIVE_RATE_HZ) if self.plan.native else wanted_hz

    @classmethod
    def obstacle(cls) -> str | None:
        """py-spy must be installed, and there must be a way to start it detached."""
        if executable() is None:
            return "py-spy is not installed: pip install py-spy"
        if os.name != "posix":
            return "py-spy is not used on this system: there is no detached way to start it"
        return None

    def start(self) -> None:
        """Begin the first chunk."""
        self._current = self._begin()

    def poll(self) -> None:
        """Begin the next chunk when the current one has lasted its time, then deliver the old one."""
        if self._current is None or self.plan.clock() < self._rotate_at_s:
            return
        old, self._current = self._current, self._begin()
        self._deliver(old, until_s=self._current.begun_s)

    def stop(self) -> None:
        """End the last chunk and deliver it."""
        current, self._current = self._current, None
        if current is not None:
            self._deliver(current, until_s=float("inf"))

    def _begin(self) -> _Chunk:
        rate_hz, length_s = CHUNKS[min(self._chunks_begun, len(CHUNKS) - 1)]
        self._chunks_begun += 1
        chunk = _Chunk.begin(self.plan, self._rate_hz(rate_hz))
        self._rotate_at_s = chunk.begun_s + length_s
        return chunk

    def _deliver(self, chunk: _Chunk, until_s: float) -> None:
        for stretch in chunk.end():
            start_s = max(stretch.start_s, chunk.begun_s)
            end_s = min(stretch.start_s + stretch.duration_s, until_s)
            if start_s < end_s:
                self.plan.sink(stretch._replace(start_s=start_s, duration_s=end_s - start_s))


@dataclass
class _Chunk:
    """One run of py-spy: its pid, the folder of its trace, and the pipe that closes when it ends."""

    plan: Plan
    pid: int
    folder: str
    pipe: int
    launched_s: float
    begun_s: float = 0.0

    @classmethod
    def begin(cls, plan: Plan, rate_hz: float) -> _Chunk:
        folder = tempfile.mkdtemp(prefix="jupyter_perf-")
        pipe, write_end = os.pipe()
        try:
            pid = _launch(_command(plan, rate_hz, folder), write_end)
        except BaseException:
            os.close(pipe)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(write_end)
        chunk = cls(plan, pid, folder, pipe, plan.clock())
        try:
            chunk._await_sampling()
        except BaseException:
            chunk._clean_up()
            raise
        _be_seen(rate_hz)
        chunk.begun_s = plan.clock()
        return chunk

    def _await_sampling(self) -> None:
        said = b""
        deadline = time.monotonic() + START_LIMIT_S
        while b"Sampling process" not in said:
            piece = self._read(deadline)
            said += piece
            if not piece:
                raise OSError(_refusal(said.decode(errors="replace")))

    def _read(self, deadline: float) -> bytes:
        """What py-spy says next; empty when it has ended or the deadline has passed."""
        ready, _, _ = select.select([self.pipe], [], [], max(0.0, deadline - time.monotonic()))
        return os.read(self.pipe, 65536) if ready else b""

    def end(self) -> Iterator[Stretch]:
        """Stop py-spy and yield what it saw."""
        try:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)
            deadline = time.monotonic() + STOP_LIMIT_S
            while self._read(deadline):
                pass
            trace = Path(self.folder, "trace.json")
            if trace.exists():
                yield from stretches(trace.read_text("utf-8"), self.begun_s, self.launched_s)
        finally:
            self._clean_up()

    def _clean_up(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.pipe)
        shutil.rmtree(self.folder, ignore_errors=True)
        _allow_tracing(0)


def executable() -> str | None:
    """The py-spy of this environment, or else the one on the path."""
    here = os.path.join(sysconfig.get_path("scripts"), "py-spy")
    return here if os.access(here, os.X_OK) else shutil.which("py-spy")


def _command(plan: Plan, rate_hz: float, folder: str) -> list[str]:
    command = [executable() or "py-spy", "record", "--pid", str(os.getpid()), "--rate", f"{rate_hz:.0f}"]
    command += ["--format", "chrometrace", "--output", os.path.join(folder, "trace.json")]
    command += ["--idle", "--threads", "--full-filenames"]
    command += ["--native"] if plan.native else ["--nonblocking"]
    return command + (["--subprocesses"] if plan.subprocesses else [])


def _launch(command: list[str], output: int) -> int:
    """Start py-spy as a grandchild whose parent ends at once; returns its pid."""
    launcher = subprocess.Popen(
        ["/bin/sh", "-c", LAUNCHER, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        start_new_session=True,
        cwd="/",
    )
    assert launcher.stdin is not None and launcher.stdout is not None
    with launcher.stdin, launcher.stdout:
        pid = int(launcher.stdout.readline())
        _allow_tracing(pid)
        launcher.stdin.write(b"go\n")
        launcher.stdin.flush()
        launcher.wait()
    return pid


def _allow_tracing(pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(pid), 0, 0, 0)


def _be_seen(rate_hz: float) -> None:
    """Stay in this function until py-spy has sampled it: its last sight ties py-spy's clock to ours."""
    time.sleep(2.5 / rate_hz)


def _refusal(said: str) -> str:
    if "ermission" in said or "not permitted" in said:
        return "py-spy may not look into this process (ptrace is not permitted here)"
    lines = [line for line in said.splitlines() if line.strip()]
    return f"py-spy did not start: {lines[-1].strip()}" if lines else "py-spy did not start"
