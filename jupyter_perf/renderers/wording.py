"""What a report says in words: plain sentences made of a Run's numbers, the same in every form.

Strings of the user's inside the sentences are cleaned but not escaped: that is for each form to do.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from jupyter_perf.model import Comparison, Finding, Previous, Report, Run, Table
from jupyter_perf.renderers import units
from jupyter_perf.renderers.excerpt import clean, place

# Below a tenth of a second a person feels that the system answers at once: Nielsen, Usability
# Engineering (1993), chapter 5, after Miller (1968). No saving below it can be felt.
FELT_S = 0.1

# "Most of the cost": the four fifths of Juran's Pareto principle (1951).
MOST = 0.8

_MOST_NOTES = 12

_WHERE = {
    "python": "in Python",
    "native code": "in native code",
    "sql": "in SQL",
    "network": "on the network",
    "files": "on files",
    "sleeping and locks": "asleep or waiting for a lock",
    "waiting": "waiting",
    "waiting for its turn": "waiting for its turn",
    "child processes": "in child processes",
    "imports": "importing modules",
    "garbage collection": "collecting garbage",
    "gc": "collecting garbage",
    "event loop": "in the event loop",
    "other": "elsewhere",
}


def is_short(report: Report) -> bool:
    """Whether the run is too brief to be felt and has no fault to show, so that its report is brief too."""
    return report.run.wall_s < FELT_S and not report.findings


def headline(report: Report) -> str:
    """One sentence: what the code cost, where, and what it cost the last time."""
    run = report.run
    who = f"“{clean(run.label, 80)}”" if run.label else "The cell" if run.cell_id else "The code"
    verb = "ran" if run.partial else "took"
    parts = [f"{who} {verb} {units.seconds(run.wall_s)}"]
    if not is_short(report):
        parts += [part for part in (_main_categories(run), _main_line(run)) if part]
    sentence = ", ".join(parts)
    return f"{sentence}{_last_time(report.previous)}."


def _main_categories(run: Run) -> str | None:
    """The largest category and, where it is large as well, the second: "46 % of it in SQL"."""
    pairs = _pairs(run.table("breakdown"), "category", "seconds")
    parts = sorted(((seconds or 0.0, category) for category, seconds in pairs if category), reverse=True)
    if not parts or run.wall_s <= 0 or parts[0][0] <= 0:
        return None
    named = [part for i, part in enumerate(parts[:2]) if i == 0 or part[0] >= 0.2 * run.wall_s]
    words = [
        f"{units.share(min(seconds / run.wall_s, 1.0))}{' of it' if i == 0 else ''} {where(category)}"
        for i, (seconds, category) in enumerate(named)
    ]
    return " and ".join(words)


def where(category: str) -> str:
    """A category of the breakdown as it stands in a sentence."""
    return _WHERE.get(category.lower(), f"in {clean(category, 40)}")


def _main_line(run: Run) -> str | None:
    table = run.table("lines")
    if not len(table):
        return None
    row = next(table.head(1).rows())
    spot, self_s = row["line"], row["self_s"]
    if spot is None or not self_s or self_s < 0.1 * run.wall_s:
        return None
    cells = [file for file in run.table("cells")["file"] if file]
    name = f"line {spot}" if [row["file"]] == cells else place(row["file"], spot)
    return f"{units.seconds(self_s)} at {name}"


def _last_time(previous: Previous | None) -> str:
    if previous is None:
        return ""
    changed = "" if previous.same_source else ", before its code changed,"
    return f"; the last time{changed} it took {units.seconds(previous.wall_s)}"


def partial(run: Run) -> str | None:
    """That the code did not come to its end, and what the figures then mean."""
    if run.partial == "exception":
        return "Stopped by an exception: the figures are up to that point."
    if run.partial == "interrupt":
        return "Interrupted: the figures are up to that point."
    return None


def restraint(report: Report) -> str | None:
    """That nothing is to be gained, where the whole run is too short to be felt."""
    if report.run.partial or not is_short(report):
        return None
    return (
        f"There is nothing to gain here: what takes less than {units.seconds(FELT_S)} feels immediate, "
        "so that nobody would notice if all of it went, unless the code runs many times over."
    )


def concentration(run: Run) -> str | None:
    """How much of the cost how few lines carry: "2 of 31 lines take 84 %"."""
    shares = [share or 0.0 for share in run.table("lines").columns.get("self_share", ())]
    if not shares or max(shares) <= 0:
        return None
    total, is_whole = _line_count(run, len(shares))
    sums = list(accumulate(sorted(shares, reverse=True)))
    needed = next((i + 1 for i, reached in enumerate(sums) if reached >= MOST * sums[-1]), len(sums))
    if total < 2:
        return None
    of_what = f"{units.count(total)} lines" if is_whole else f"the {units.count(total)} lines seen"
    if needed > total / 2 and needed > 2:
        return f"The cost is spread: none of {of_what} takes more than {units.share(max(shares))}."
    verb = "takes" if needed == 1 else "take"
    return f"{units.count(needed)} of {of_what} {verb} {units.share(min(sums[needed - 1], 1.0))}."


def _line_count(run: Run, seen: int) -> tuple[int, bool]:
    """Lines of code that could have cost something, and whether all their sources are known.

    Blank lines and comments do not count. Where a line lies outside the cells, only lines seen do.
    """
    sources = {file: source or "" for file, source in _pairs(run.table("cells"), "file", "source")}
    files = set(run.table("lines")["file"])
    if not files or not files <= sources.keys():
        return seen, False
    lines = [line.strip() for file in files for line in sources[file].splitlines()]
    code = [line for line in lines if line and not line.startswith(("#", "%%"))]
    return (len(code), True) if len(code) >= seen else (seen, False)


def facts(run: Run) -> list[tuple[str, str]]:
    """The run's other totals, by name; only those that were measured."""
    statements = sum(calls or 0 for calls in run.table("statements").columns.get("calls", ()))
    sql = units.seconds(run.sql_s) if run.sql_s else None
    if statements:
        sql = ", ".join(text for text in (sql, units.counted(statements, "statement")) if text)
    growth = units.size_change(run.growth_bytes)
    peak = units.size(run.peak_bytes)
    candidates = [
        ("Processor", units.seconds(run.cpu_s)),
        ("Waiting", units.seconds(run.wait_s)),
        ("SQL", sql),
        ("Peak memory", f"{peak} ({growth})" if peak and growth else peak),
        ("Memory growth", growth if not peak else None),
    ]
    return [(name, text) for name, text in candidates if text]


def finding_saving(finding: Finding, wall_s: float) -> str | None:
    """What would be saved: "would save 1.2 s (40 %) and 12 MB"."""
    saved = []
    if finding.cost_s:
        part = f" ({units.share(min(finding.cost_s / wall_s, 1.0))})" if wall_s > 0 else ""
        saved.append(f"{units.seconds(finding.cost_s)}{part}")
    if finding.cost_bytes:
        saved.append(units.size(finding.cost_bytes) or "")
    return f"would save {' and '.join(saved)}" if saved else None


def proof(finding: Finding) -> str | None:
    """What running the fix showed; None where it was not run."""
    shown = finding.fix.proof if finding.fix else None
    if shown is None:
        return None
    reason = f" ({clean(shown.reason, 300)})" if shown.reason else ""
    result = {
        True: "Run and compared: the same result",
        False: "Run and compared: the results differ",
        None: "Whether the result is the same is not known",
    }[shown.same_result]
    speed = comparison(shown.comparison) if shown.comparison else None
    return f"{result}{reason}{'; ' + speed if speed else ''}."


def comparison(compared: Comparison) -> str:
    """A verdict with its ratio, interval and exact changes."""
    ratio, low, high = (units.factor(value) for value in (compared.ratio, compared.low, compared.high))
    parts: list[str] = [compared.verdict]
    if ratio and low and high:
        parts.append(f"time before ÷ after {ratio} (95 % interval {low} to {high})")
    elif ratio:
        parts.append(f"time before ÷ after {ratio}")
    changes = (
        (compared.statements_change, "statement"),
        (compared.rows_change, "row"),
        (compared.calls_change, "call"),
    )
    parts += [_change(value, noun) for value, noun in changes if value]
    if compared.bytes_change:
        parts.append(units.size_change(compared.bytes_change) or "")
    if compared.reason:
        parts.append(clean(compared.reason, 300))
    return ", ".join(parts)


def _change(value: int, noun: str) -> str:
    return f"{units.counted(abs(value), noun)} {'more' if value > 0 else 'fewer'}"


def measured(run: Run) -> list[str]:
    """What measured all this, what it cost, what was merged, and what else there is to know."""
    sentences = []
    if run.sampler:
        often = units.rate(run.rate_hz)
        sentences.append(f"Stacks sampled by {clean(run.sampler, 80)}{', ' + often if often else ''}.")
    if run.overhead_s is not None:
        is_less = run.overhead_s < run.wall_s
        part = f" ({units.share(run.overhead_s / run.wall_s)} of the run)" if is_less else ""
        sentences.append(f"Measuring took about {units.seconds(run.overhead_s)}{part}.")
    return [*sentences, *remarks(run)]


def remarks(run: Run) -> list[str]:
    """What was merged, what else there is to know, and where it ran."""
    said = [*run.folded, *run.notes]
    sentences = [_sentence(text) for text in said[:_MOST_NOTES]]
    if len(said) > _MOST_NOTES:
        sentences.append(f"{units.counted(len(said) - _MOST_NOTES, 'more note')} in report.run.notes.")
    surroundings = ", ".join(f"{clean(k, 40)} {clean(v, 80)}" for k, v in list(run.environment.items())[:12])
    return [*sentences, f"Ran on {surroundings}."] if surroundings else sentences


def _sentence(text: str) -> str:
    line = clean(text, 400)
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def left_out(count: int, address: str) -> str:
    """That rows were left out, and where all of them are."""
    return f"and {units.count(count)} more in {address}"


def _pairs(table: Table, first: str, second: str) -> list[tuple[Any, Any]]:
    return list(zip(table.columns.get(first, ()), table.columns.get(second, ()), strict=False))
