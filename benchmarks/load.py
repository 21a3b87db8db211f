"""Load beside a measurement: one other process that spins in bursts, or more and more, or not at all."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SHORTEST_BURST_S, LONGEST_BURST_S = 0.003, 0.3
RISE_S = 20.0
_SHORTEST_PERIOD_S, _LONGEST_PERIOD_S = 0.005, 0.02

# Seconds to spin, then seconds to rest, over and over.
Rhythm = Iterator[tuple[float, float]]


def bursts(draw: random.Random) -> Rhythm:
    """Spin and rest for 3 to 300 ms each, short ones as often as long ones of their order of magnitude."""
    shortest, longest = math.log(SHORTEST_BURST_S), math.log(LONGEST_BURST_S)
    while True:
        yield math.exp(draw.uniform(shortest, longest)), math.exp(draw.uniform(shortest, longest))


def drift(draw: random.Random) -> Rhythm:
    """Spin for a share of periods of 5 to 20 ms that rises to the whole in 20 s, and falls in as many."""
    elapsed_s = 0.0
    while True:
        share = 1 - abs(1 - elapsed_s / RISE_S % 2)
        period_s = draw.uniform(_SHORTEST_PERIOD_S, _LONGEST_PERIOD_S)
        yield share * period_s, (1 - share) * period_s
        elapsed_s += period_s


RHYTHMS: dict[str, Callable[[random.Random], Rhythm]] = {"bursty": bursts, "drifting": drift}
LOADS = ("quiet", *RHYTHMS)


@contextmanager
def load(name: str) -> Iterator[None]:
    """Have the load of that name beside whatever runs inside; the process is gone afterwards.

    It ends by itself, too, when this one is killed.
    """
    if name not in RHYTHMS:
        yield
        return
    command = [sys.executable, "-m", "benchmarks.load", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()


def spin(name: str) -> None:
    """Be the load of that name as long as the process that wants it is there."""
    print("spinning", flush=True)
    parent = os.getppid()
    for spin_s, rest_s in RHYTHMS[name](random.Random(0)):
        if os.getppid() != parent:
            return
        end_s = time.perf_counter() + spin_s
        while time.perf_counter() < end_s:
            pass
        time.sleep(rest_s)


if __name__ == "__main__":
    spin(sys.argv[1])
