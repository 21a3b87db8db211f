"""Where and with what the figures were measured."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("jupyter_perf", "py-spy", "line_profiler", "pyinstrument", "memray", "scalene"),
    *("ipython", "ipykernel", "numpy", "pandas", "sqlalchemy"),
)
# Processors that other programs, py-spy among them, may use before the figures are called worth little.
BUSY_PROCESSORS = 0.2


class Watch:
    """How long something takes, and how much of the machine other programs use meanwhile.

    On Linux, /proc/stat tells how long all processors were busy, those taken by the hypervisor included
    (proc(5)), and the system's own accounts how much of that was ours and our ended children's. py-spy is
    nobody's child, so that it counts with the others.
    """

    def __init__(self) -> None:
        self._begun_s, self._busy_s, self._own_s = time.monotonic(), _busy_s(), _own_s()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the watch was made."""
        return time.monotonic() - self._begun_s

    def others(self) -> float | None:
        """Processors that other programs used on average; None where the system does not tell."""
        busy_s = _busy_s()
        if busy_s is None or self._busy_s is None:
            return None
        return max(0.0, (busy_s - self._busy_s) - (_own_s() - self._own_s)) / self.elapsed_s


def _busy_s() -> float | None:
    try:
        first = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen = map(int, first.split()[1:9])
    ticks = user + nice + system + interrupts + soft_interrupts + stolen
    return ticks / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    return sum(os.times()[:4])


def commit() -> str:
    """The commit that is measured, and whether files differ from it."""
    here = Path(__file__).parent
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=, changed since"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def today() -> str:
    """The date, in UTC."""
    return datetime.now(UTC).date().isoformat()


def facts() -> dict[str, str]:
    """The machine: processor, cores, memory, system."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """The versions of Python and of what is measured."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
