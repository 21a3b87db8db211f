"""`.speedscope.json`: the sampled stacks, for https://www.speedscope.app and editors that read its format.

The format is described by https://www.speedscope.app/file-format-schema.json: frames once, and for each
thread a profile of type "sampled", whose samples are frame numbers, outermost first.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any, ClassVar

from jupyter_perf.model import Report
from jupyter_perf.renderers import Renderer

SCHEMA_URL = "https://www.speedscope.app/file-format-schema.json"

_PLACE = re.compile(r"(?P<name>.+?) \((?P<file>.+):(?P<line>\d+)\)", re.DOTALL)

Stacks = list[tuple[tuple[str, ...], float]]


class Speedscope(Renderer):
    """One profile for each thread, in seconds, the busiest thread first.

    A run keeps the sum for each stack, not the moment of each sample, so that the profiles are in the
    stacks' alphabetical order: speedscope's "left heavy" and "sandwich" views are the ones to read.
    """

    ending: ClassVar[str | None] = ".speedscope.json"

    def render(self, report: Report, *, top: int = 20) -> str:
        """Every stack, whatever `top` says; raises ValueError where no stacks were sampled."""
        run = report.run
        threads = _by_thread(report)
        if not threads:
            raise ValueError("`.speedscope.json` holds sampled stacks, and this run has none")
        numbers: dict[str, int] = {}
        profiles = [_profile(thread, stacks, numbers) for thread, stacks in threads]
        file = {
            "$schema": SCHEMA_URL,
            "exporter": "jupyter_perf",
            "name": run.label or run.run_id,
            "activeProfileIndex": 0,
            "shared": {"frames": [_frame(label) for label in numbers]},
            "profiles": profiles,
        }
        return json.dumps(file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _by_thread(report: Report) -> list[tuple[str, Stacks]]:
    """Each thread's stacks with their seconds, the thread with most of them first."""
    table = report.run.table("stacks")
    sums: dict[str, dict[tuple[str, ...], float]] = defaultdict(lambda: defaultdict(float))
    for stack, thread, self_s in zip(table["stack"], table["thread"], table["self_s"], strict=True):
        if stack and self_s:
            sums[thread or "unnamed thread"][tuple(stack)] += self_s
    threads = [(thread, sorted(stacks.items())) for thread, stacks in sums.items()]
    return sorted(threads, key=lambda item: -sum(self_s for _, self_s in item[1]))


def _profile(thread: str, stacks: Stacks, numbers: dict[str, int]) -> dict[str, Any]:
    """A thread's profile; `numbers` gets each new frame's number."""
    weights = [self_s for _, self_s in stacks]
    return {
        "type": "sampled",
        "name": thread,
        "unit": "seconds",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": [[numbers.setdefault(label, len(numbers)) for label in stack] for stack, _ in stacks],
        "weights": weights,
    }


def _frame(label: str) -> dict[str, Any]:
    """`load (In[3]:2)` as name, file and line; a label without a place is all name."""
    match = _PLACE.fullmatch(label)
    if match is None:
        return {"name": label}
    return {"name": match["name"], "file": match["file"], "line": int(match["line"])}
