"""Stacks as a tree for the icicle graph: what called what, widest first, the slivers left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jupyter_perf.model import Run
from jupyter_perf.renderers import units
from jupyter_perf.renderers.excerpt import clean

# A frame narrower than this is a pixel or two wide in a notebook's output and cannot be read.
NARROWEST = 0.004
DEEPEST = 40
# Rarer stacks are drawn as one frame.
MOST_STACKS = 2000


@dataclass
class Frame:
    """A function where it was called: its seconds with everything below it, and what it called."""

    name: str
    total_s: float = 0.0
    is_own: bool = False
    children: dict[str, Frame] = field(default_factory=dict)

    def ordered(self) -> list[Frame]:
        """What it called, widest first."""
        return sorted(self.children.values(), key=lambda child: -child.total_s)


def flame(run: Run, frames: int) -> Frame | None:
    """The tree of the run's stacks with at most about `frames` frames; None where no stack was seen.

    Where several threads were seen, the first level is theirs.
    """
    table = run.table("stacks")
    rows = list(
        zip(table["stack"], table.columns.get("thread", [None] * len(table)), table["self_s"], strict=True)
    )
    rest_s = sum(self_s or 0.0 for _, _, self_s in rows[MOST_STACKS:])
    rows = [*rows[:MOST_STACKS], ((f"{units.count(len(rows) - MOST_STACKS)} more stacks",), None, rest_s)]
    threads = {thread for _, thread, self_s in rows if self_s and thread}
    root = Frame("All stacks" if len(threads) < 2 else "All threads")
    for stack, thread, self_s in rows:
        if self_s:
            names = (str(thread), *stack) if len(threads) > 1 and thread else tuple(stack)
            _add(root, names[:DEEPEST], self_s)
    if not root.children:
        return None
    _prune(root, max(NARROWEST * root.total_s, _threshold_s(root, frames)))
    own = _own_files(run)
    for frame in _walk(root):
        frame.is_own = frame is root or file_of(frame.name) in own
    return root


def _own_files(run: Run) -> frozenset[str]:
    """Files that the user wrote: the cells, and those that have lines in the report."""
    return frozenset(file for name in ("cells", "lines") for file in run.table(name)["file"] if file)


def _add(root: Frame, names: Sequence[str], self_s: float) -> None:
    root.total_s += self_s
    frame = root
    for name in names:
        child = frame.children.get(name)
        if child is None:
            child = frame.children[name] = Frame(name)
        child.total_s += self_s
        frame = child


def _threshold_s(root: Frame, frames: int) -> float:
    """The seconds below which frames go, so that `frames` remain; of equals, all go."""
    totals = sorted((frame.total_s for frame in _walk(root)), reverse=True)
    return 0.0 if len(totals) <= frames else totals[frames] * 1.0001


def _walk(root: Frame) -> Iterable[Frame]:
    waiting = [root]
    while waiting:
        frame = waiting.pop()
        yield frame
        waiting += frame.children.values()


def _prune(root: Frame, least_s: float) -> None:
    for frame in _walk(root):
        frame.children = {name: child for name, child in frame.children.items() if child.total_s >= least_s}


def split(name: str) -> tuple[str, str]:
    """`function (file:line)` in its two parts; the second is empty where there is no file."""
    if name.endswith(")") and " (" in name:
        function, _, spot = name[:-1].rpartition(" (")
        return function, spot
    return name, ""


def file_of(name: str) -> str:
    """The file of a stack's entry, as it is in the other tables."""
    spot = split(name)[1]
    file, colon, line = spot.rpartition(":")
    return file if colon and line.isdigit() else spot


def label(name: str) -> str:
    """What stands on a frame: the function's name, or the line of a cell that is outside any function."""
    function, spot = split(name)
    return clean(spot if function == "<module>" and spot.startswith("In[") else function, 60)
