"""What py-spy wrote: a trace of events, and the stretches that it comes to.

The trace is JSON in Chrome's Trace Event Format ("Duration Events"): a frame begins ("B") and ends ("E") at
microseconds on py-spy's clock. Its events are many, and differ in little but their times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from jupyter_perf.samplers import Frame, Stretch

MARK = "_be_seen"
# py-spy's clock begins after its launch, so that it can tell of the mark's end this much late at most.
# The mark of the next chunk, which py-spy may see when it missed its own, comes later than that.
MARK_SLACK_S = 0.1

_THREAD = re.compile(r"thread \((?:0x)?\w+\)(?:: (?P<name>.*))?$", re.DOTALL)

_Thread = tuple[int, int]


class _Event(NamedTuple):
    """An event without its time: in which process and thread, the frame, and whether it begins."""

    thread: _Thread
    frame: Frame
    begins: bool


class _Seen(NamedTuple):
    """A stack as py-spy has it, process and thread first, and its microseconds."""

    start_us: int
    end_us: int
    thread: _Thread
    stack: tuple[Frame, ...]


def stretches(trace: str, marked_s: float, launched_s: float) -> Iterator[Stretch]:
    """The stretches of a trace, in the order of their ends.

    The end of the frame `MARK` was at `marked_s` on our clock; where py-spy did not see it, its clock is
    taken to have begun at `launched_s`.
    """
    found, mark_us = _replay(trace)
    if mark_us is not None and mark_us * 1e-6 > marked_s - launched_s + MARK_SLACK_S:
        mark_us = None
    offset_s = launched_s if mark_us is None else marked_s - mark_us * 1e-6
    for start_us, end_us, (process, ident), stack in found:
        thread, frames = _thread_name(stack)
        if frames:
            begun_s = start_us * 1e-6 + offset_s
            yield Stretch(begun_s, (end_us - start_us) * 1e-6, thread, ident, process, frames)


def _replay(trace: str) -> tuple[list[_Seen], int | None]:
    """Every stack that was seen, and when the mark ended."""
    found: list[_Seen] = []
    stacks: dict[_Thread, list[Frame]] = {}
    since_us: dict[_Thread, int] = {}
    mark_us = None
    for (thread, frame, begins), at_us in _events(trace):
        stack = stacks.setdefault(thread, [])
        if stack and at_us > since_us[thread]:
            found.append(_Seen(since_us[thread], at_us, thread, tuple(stack)))
        since_us[thread] = at_us
        if begins:
            stack.append(frame)
        elif stack:
            stack.pop()
            if mark_us is None and frame.function == MARK:
                mark_us = at_us
    return found, mark_us


def _events(trace: str) -> Iterator[tuple[_Event, int]]:
    """The events in order. Each text around a time is parsed once, which is faster than parsing all as JSON.

    A quotation mark inside a string is escaped, so that what is searched for is between events, or a key.
    """
    compact = trace if trace.startswith('[{"') else json.dumps(json.loads(trace), separators=(",", ":"))
    known: dict[tuple[str, str], _Event] = {}
    for text in filter(None, compact.strip()[1:-1].removeprefix('{"').removesuffix("}").split('},{"')):
        before, _, rest = text.partition('"ts":')
        at_us, _, after = rest.partition(",")
        event = known.get((before, after))
        if event is None:
            event = known[before, after] = _event("{" + f'"{text}' + "}")
        yield event, int(at_us)


def _event(text: str) -> _Event:
    values = json.loads(text)
    place = values["args"]
    frame = Frame(values["name"], place["filename"], place["line"], native=_is_native(place["filename"]))
    return _Event((values["pid"], values["tid"]), frame, values["ph"] == "B")


def _is_native(filename: str) -> bool:
    return bool(filename) and not filename.endswith((".py", ">")) and "ipython-input" not in filename


def _thread_name(stack: tuple[Frame, ...]) -> tuple[str, tuple[Frame, ...]]:
    """py-spy puts process and thread first, as frames without a file."""
    name, frames = "", stack
    while frames and not frames[0].filename and not frames[0].line:
        match = _THREAD.match(frames[0].function)
        name = (match["name"] or "") if match else name
        frames = frames[1:]
    return name, frames
