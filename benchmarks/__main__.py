"""`python -m benchmarks [NAME ...] [--quick] [--output PATH]`: measure, and write RESULTS.md.

Needs a quiet machine, and `pip install "jupyter_perf[bench]"` for the peers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import attribution, compare, events, hour, machine, million, overhead, waits
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.kernel import KernelError
from benchmarks.page import Section, save

MEASUREMENTS: dict[str, Callable[[Effort], Section]] = {
    "overhead": overhead.measure,
    "lines": attribution.measure,
    "events": events.measure,
    "waits": waits.measure,
    "million": million.measure,
    "hour": hour.measure,
    "compare": compare.measure,
}
BUSY = "The machine was busy with other programs (see below): these figures are worth little."
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure what was asked for, and write each section as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MEASUREMENTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that all runs, not how fast")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the page to write or renew")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    if not given.output.parent.is_dir():
        parser.error(f"there is no folder {given.output.parent}")
    failed = []
    for name in given.names or MEASUREMENTS:
        try:
            section = _measured(name, QUICK if given.quick else FULL)
        except KernelError as error:
            failed.append(f"{name} could not be measured: {error}")
        else:
            save(given.output, name, section, list(MEASUREMENTS))
    if failed:
        sys.exit("\n".join(failed))


def _measured(name: str, effort: Effort) -> Section:
    """One measurement, with its circumstances."""
    print(f"{name} ...", end="", flush=True)
    watch = machine.Watch()
    section = MEASUREMENTS[name](effort)
    others = watch.others()
    minutes = watch.elapsed_s / 60
    print(f" {minutes:.1f} minutes")
    section.circumstances = {
        "Measured on": machine.today(),
        "at commit": machine.commit(),
        "with Python": machine.versions()["Python"],
        "effort": effort.name,
        "in": f"{minutes:.1f} minutes",
        "other programs used": "unknown" if others is None else f"{others:.2f} processors",
    }
    if others is not None and others > machine.BUSY_PROCESSORS:
        section.remarks.insert(0, BUSY)
    return section


if __name__ == "__main__":
    main()
