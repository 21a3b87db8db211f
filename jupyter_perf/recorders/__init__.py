"""Measurements that are switched on for one run: one file each.

A recorder is made for a run, started, stopped, and asked what it measured. What it switched on it
switches off again in `stop`, whatever happened in between.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders.draft import Draft

__all__ = ["Draft", "Recorder"]


class Recorder(ABC):
    """A measurement.

    `order` says when it starts among the others: small numbers first. Stopping and collecting go the other
    way round, so that what starts last runs closest to the user's code.
    """

    order: ClassVar[int] = 50

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    @abstractmethod
    def is_wanted(cls, options: Options) -> bool:
        """Whether this run needs the measurement."""

    @abstractmethod
    def start(self) -> None:
        """Switch on. An exception here leaves the measurement out of the run, with a note that says why."""

    @abstractmethod
    def stop(self) -> None:
        """Switch off and leave nothing behind; called once, also after an exception in the user's code."""

    @abstractmethod
    def collect(self, draft: Draft) -> None:
        """Add what was measured to the draft; called once, after every recorder has stopped."""
