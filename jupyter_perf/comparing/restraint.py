"""Whether a piece of code was worth comparing: what its own cell's last profile says."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_perf.model import Report, Run

# Below this share of its cell a piece of code is not worth the work: what is not felt.
LEAST_SHARE = 0.01

NOT_PROFILED = (
    "{name} was not profiled first: %%perf above the cell that it is from shows whether it is what costs time"
)
TOO_SMALL = (
    "{name} took {share} of the last run of its cell ({part_s} of {whole_s}): however fast it becomes, "
    "the cell gains {share} at most (Amdahl's law)"
)
UNSEEN = (
    "{name} was too quick to be seen in the last run of its cell ({whole_s}): however fast it becomes, the "
    "cell gains next to nothing (Amdahl's law)"
)


def note_on(name: str, code: str, reports: Iterable[Report]) -> str | None:
    """What to say of comparing this code, or None where it was profiled and is worth it.

    `reports` are the newest first; a cell that has all lines of the code is the code's cell. Of a run too
    short for its lines to be seen nothing is said. Amdahl (1967): what takes the share f of a whole can gain
    the whole no more than f.
    """
    lines = _code_lines(code)
    for report in reports:
        if not report.comparisons and report.run.partial is None and _is_from(lines, report.run):
            if not len(report.run.table("lines")):
                return None
            share_s = min(report.run.wall_s, _seconds(lines, report.run))
            return _too_small(name, share_s, report.run.wall_s)
    return NOT_PROFILED.format(name=name)


def _too_small(name: str, part_s: float, whole_s: float) -> str | None:
    share = part_s / whole_s if whole_s > 0 else 0.0
    if share >= LEAST_SHARE or whole_s <= 0:
        return None
    if not part_s:
        return UNSEEN.format(name=name, whole_s=_shown(whole_s))
    shown = f"{100 * share:.2g} %"
    return TOO_SMALL.format(name=name, share=shown, part_s=_shown(part_s), whole_s=_shown(whole_s))


def _code_lines(code: str) -> list[str]:
    stripped = (line.strip() for line in code.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _is_from(lines: list[str], run: Run) -> bool:
    sources = run.table("cells").columns.get("source", ())
    return any(set(lines) <= set(_code_lines(source or "")) for source in sources)


def _seconds(lines: list[str], run: Run) -> float:
    """What the run spent at these lines and in what they called."""
    table = run.table("lines")
    wanted = set(lines)
    rows = zip(table["source"], table["total_s"], strict=True)
    return sum(total_s or 0.0 for source, total_s in rows if (source or "").strip() in wanted)


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"
