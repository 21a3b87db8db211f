"""A sampler that replays given stretches, so that tests of time are exact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from jupyter_perf.samplers import Sampler, Stretch


class FakeSampler(Sampler):
    """Delivers `script` when it stops; chosen only by name (`engine="fake"`)."""

    name = "fake"
    preference = 1000
    script: ClassVar[Iterable[Stretch]] = ()

    @classmethod
    def obstacle(cls) -> str | None:
        """It replays what it is given, wherever it is."""
        return None

    def start(self) -> None:
        """Nothing is switched on."""

    def poll(self) -> None:
        """Nothing comes before the end."""

    def stop(self) -> None:
        """Deliver the script."""
        for stretch in self.script:
            self.plan.sink(stretch)
