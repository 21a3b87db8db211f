"""A sampler that replays given stretches, so that tests of time are exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from jupyter_perf.samplers import Plan, Sampler, Stretch


class FakeSampler(Sampler):
    """Delivers what of `script` has ended on the clock, and the rest when it stops.

    Chosen only by name (`engine="fake"`).
    """

    name = "fake"
    preference = 1000
    script: ClassVar[Iterable[Stretch]] = ()

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._left: Iterator[Stretch] = iter(())
        self._next: Stretch | None = None

    @classmethod
    def obstacle(cls) -> str | None:
        """It replays what it is given, wherever it is."""
        return None

    def start(self) -> None:
        """Begin the script."""
        self._left = iter(self.script)
        self._next = next(self._left, None)

    def poll(self) -> None:
        """Deliver what has ended."""
        self._deliver(until_s=self.plan.clock())

    def stop(self) -> None:
        """Deliver the rest."""
        self._deliver(until_s=float("inf"))

    def _deliver(self, until_s: float) -> None:
        while self._next is not None and self._next.start_s + self._next.duration_s <= until_s:
            self.plan.sink(self._next)
            self._next = next(self._left, None)
