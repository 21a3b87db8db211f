"""A clock that only the code itself moves on, for timings that are exact."""

from __future__ import annotations

import asyncio
import random

from jupyter_perf.runner import Arm, time_pairs


class Machine:
    """A clock, and code that takes its time by moving it on; `log` says what ran, in order."""

    def __init__(self, noise=0.0, slowdown=lambda now_s: 1.0):
        self.now_s = 100.0
        self.log = []
        self._noise, self._slowdown, self._random = noise, slowdown, random.Random(0)

    def clock(self):
        return self.now_s

    def take(self, seconds):
        noise = self._random.lognormvariate(0, self._noise) if self._noise else 1.0
        self.now_s += seconds * noise * self._slowdown(self.now_s)

    def arm(self, name, body_s, first_extra_s=0.0, **options):
        """Code of `body_s` seconds an execution, whose very first takes `first_extra_s` more."""
        extra_s = [first_extra_s]

        def execute(loops):
            self.log.append((name, loops))
            self.take(loops * body_s + (extra_s.pop() if extra_s else 0.0))

        return Arm(name, execute, **options)

    def awaited(self, name, body_s, **options):
        plain = self.arm(name, body_s)

        async def execute(loops):
            await asyncio.sleep(0)
            plain.execute(loops)

        return Arm(name, execute, is_async=True, **options)

    def pairs(self, *arms, **options):
        return time_pairs(arms, clock=self.clock, **options)


def names(log):
    return "".join(name[0].upper() for name, _ in log)
