"""`%compare BEFORE AFTER`: runs that were saved under two labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from jupyter_perf.changes import single_runs
from jupyter_perf.model import Report, Run
from jupyter_perf.stats import judge_apart


def compare_saved(before: Sequence[Run], after: Sequence[Run]) -> Report:
    """The newest run of each label, line by line and statement by statement; the times of all as samples.

    The runs are the newest first. Those that did not come to their end are left out, where there are others.
    """
    before, after = _whole(before), _whole(after)
    compared = single_runs(before[0], after[0])
    if len(before) > 1 or len(after) > 1:
        before_s, after_s = (tuple(run.wall_s for run in reversed(runs)) for runs in (before, after))
        judged = judge_apart(before_s, after_s)
        compared = dataclasses.replace(
            compared,
            before_s=before_s,
            after_s=after_s,
            **{
                name: getattr(judged, name) for name in ("verdict", "ratio", "low", "high", "reason", "notes")
            },
        )
    return Report(run=before[0], comparisons=(compared,))


def _whole(runs: Sequence[Run]) -> Sequence[Run]:
    return [run for run in runs if run.partial is None] or runs
