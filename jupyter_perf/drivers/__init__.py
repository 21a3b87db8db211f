"""Python database libraries, and how their SQL is seen: one file each.

A driver belongs to one recording. It hooks into its library in `install`, writes every statement into
the recording's StatementLog, and in `uninstall` puts everything back as it was. It never imports its
library: where the user's program imports it during the recording, it is installed right after.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from jupyter_perf.context import Context
from jupyter_perf.drivers.call_sites import CallSite, CallSites
from jupyter_perf.drivers.imports import ImportWatch
from jupyter_perf.drivers.statement_log import Sender, Shape, Source, StatementLog

__all__ = ["CallSite", "CallSites", "Driver", "Drivers", "Sender", "Shape", "Source", "StatementLog"]


class Driver(ABC):
    """How one library's statements are seen.

    `name` is what `run.queries.driver` shows; `module` is what must be imported for there to be
    anything to see.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    is_prepared: ClassVar[bool] = False

    @classmethod
    def prepare(cls) -> None:
        """Between recordings, let what is opened from now on be visible to those to come, at no cost."""
        cls.is_prepared = True

    @classmethod
    def release(cls) -> None:
        """Undo `prepare`."""
        cls.is_prepared = False

    def __init__(self, context: Context, log: StatementLog) -> None:
        self.context = context
        self.log = log

    @abstractmethod
    def install(self) -> None:
        """Begin to see statements; the module is imported."""

    @abstractmethod
    def uninstall(self) -> None:
        """Restore everything that `install` changed; called once, also where `install` failed halfway."""


class Drivers:
    """The drivers of one recording, each installed as soon as its library is imported."""

    def __init__(self, classes: list[type[Driver]], context: Context, log: StatementLog) -> None:
        self._context = context
        self._drivers = [one(context, log) for one in classes]
        self._installed: list[Driver] = []
        waiting: dict[str, list[Callable[[], None]]] = {}
        for driver in self._drivers:
            waiting.setdefault(driver.module, []).append(partial(self._install, driver))
        self._waiting = waiting
        self._watch: ImportWatch | None = None

    def install(self) -> None:
        """Install the drivers whose library is there, and watch for the others'."""
        imported = [name for name in self._waiting if name in sys.modules]
        for name in imported:
            self._install_all(name)
        if self._waiting:
            self._watch = ImportWatch({name: partial(self._install_all, name) for name in self._waiting})
            self._watch.start()

    def uninstall(self) -> None:
        """Undo `install`, last first."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        while self._installed:
            self._installed.pop().uninstall()

    def _install_all(self, module: str) -> None:
        for install in self._waiting.pop(module, ()):
            install()

    def _install(self, driver: Driver) -> None:
        try:
            driver.install()
        except Exception as error:  # a library of another version must not stop the cell
            self._context.note(f"SQL through {driver.name} could not be recorded: {error}.")
            driver.uninstall()
        else:
            self._installed.append(driver)
