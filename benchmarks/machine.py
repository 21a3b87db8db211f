"""Where and with what the figures were measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("jupyter_perf", "py-spy", "line_profiler", "pyinstrument", "memray", "scalene"),
    *("ipython", "ipykernel", "numpy", "pandas", "sqlalchemy"),
)
BUSY_LOAD = 1.0


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


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
