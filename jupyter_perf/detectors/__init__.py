"""Rules: one file each, named after the fault. Pure: a Run in, findings out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from jupyter_perf.model import Finding, Run


class Detector(ABC):
    """A rule. Its docstring is its page: what it does, why it is bad, an example, what to use instead."""

    rule: ClassVar[str]

    @abstractmethod
    def detect(self, run: Run) -> Iterable[Finding]:
        """The faults of this kind in the run, each with its evidence and the time it would save."""
