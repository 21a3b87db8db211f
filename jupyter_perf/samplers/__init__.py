"""Ways to sample call stacks: one file each.

A sampler delivers stretches: a thread spent so many seconds in one stack. They come in chunks while the
code runs, so that an hour of it never has to fit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple


class Frame(NamedTuple):
    """A place on a stack. `filename` is as the code object has it; `native` marks a C frame."""

    function: str
    filename: str
    line: int
    native: bool = False


class Stretch(NamedTuple):
    """A thread's time in one stack, outermost frame first; `start_s` on the context's clock."""

    start_s: float
    duration_s: float
    thread: str
    thread_ident: int
    process: int
    stack: tuple[Frame, ...]


Sink = Callable[[Stretch], None]


@dataclass(frozen=True)
class Plan:
    """What to sample: this process, how often, and what to do with each stretch.

    `clock` gives seconds; `thread_ident` is the thread that runs the cell.
    """

    clock: Callable[[], float]
    thread_ident: int
    sink: Sink
    rate_hz: float
    native: bool = False
    subprocesses: bool = False


class Sampler(ABC):
    """A way to sample stacks. The lowest `preference` that has no obstacle is chosen.

    `skids` says that a line may be seen a little after the one that took the time.
    """

    name: ClassVar[str]
    preference: ClassVar[int]
    skids: ClassVar[bool] = False
    sees_native: ClassVar[bool] = False
    sees_subprocesses: ClassVar[bool] = False
    rate_hz: float = 500.0

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.overhead_s = 0.0

    @classmethod
    @abstractmethod
    def obstacle(cls) -> str | None:
        """Why this sampler cannot be used here, in one sentence, or None."""

    @abstractmethod
    def start(self) -> None:
        """Begin; returns once sampling has begun. Raises OSError with one sentence where it cannot."""

    @abstractmethod
    def poll(self) -> None:
        """Called now and then, on the watch thread, to deliver finished chunks."""

    @abstractmethod
    def stop(self) -> None:
        """End, and deliver what is left; leaves no process, thread, handler or file."""
