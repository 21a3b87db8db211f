"""What a comparison comes to, in words: the same sentences in every form of a report.

From a ratio of 2 on, the number is the ratio: 412 times faster is time before ÷ time after, 3.2 times slower
time after ÷ time before. Below 2 it is the part of the time before that is saved or added ("5.2 % less
time"), because there "1.05 times faster" and "5 % faster" are easily taken for each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from jupyter_perf.model import Comparison, Report
from jupyter_perf.renderers import units, wording
from jupyter_perf.renderers.excerpt import clean

# From this ratio on, effects are said as a ratio, below it in per cent of the time.
RATIO_FROM = 2.0

MOST_DIFFERENCES, _MOST_NOTES = 8, 12
_NAME, _SENTENCE = 60, 400

# A sign for each verdict, so that colour is not needed to tell them apart.
SIGNS = {
    "faster": "▲",
    "slower": "▼",
    "no difference shown": "=",
    "inconclusive": "?",
    "results differ": "≠",
}


@dataclass(frozen=True)
class Verdict:
    """A sentence in three parts: who (may be empty), what is claimed, and the evidence behind it."""

    sign: str
    kind: str
    who: str
    claim: str
    evidence: str

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.who}{self.claim}{self.evidence}."


def name(text: str) -> str:
    """A part's name inside a sentence."""
    shown = clean(text, _NAME)
    return shown if shown.replace("_", "").isalnum() else f"“{shown}”"


def verdicts(report: Report) -> list[Verdict]:
    """A sentence for each comparison of the report."""
    are_several = len(report.comparisons) > 1
    return [verdict(each, named=are_several) for each in report.comparisons]


def verdict(compared: Comparison, *, named: bool) -> Verdict:
    """The sentence of one comparison; `named` says whether it must name its part where that is clear."""
    sign = SIGNS.get(compared.verdict, "?")
    is_claim = compared.verdict in ("faster", "slower") and bool(compared.ratio)
    is_plain = (compared.name, compared.baseline) == ("after", "before")
    if is_claim:
        who = f"{name(compared.name)} "
    elif compared.verdict == "inconclusive" and pairs(compared) and not compared.is_paired:
        before, after = (units.seconds(median(times)) for times in (compared.before_s, compared.after_s))
        who = f"{name(compared.baseline)} took {before} and {name(compared.name)} {after}, "
    else:
        who = "" if is_plain and not named else f"{name(compared.name)}: "
    claim, evidence = _claim(compared)
    if not who:
        claim = claim[:1].upper() + claim[1:]
    return Verdict(sign, compared.verdict, who, claim, evidence)


def _claim(compared: Comparison) -> tuple[str, str]:
    if compared.verdict == "results differ":
        return "results differ", f": {_ends_open(difference(compared))}" if difference(compared) else ""
    if compared.verdict == "inconclusive":
        return "inconclusive", f": {_ends_open(compared.reason)}" if compared.reason else _so_far(compared)
    tail = _result_and_pairs(compared)
    if compared.verdict == "no difference shown":
        most = _ends_open(compared.reason) or at_most(compared)
        return "no difference shown", f": {most}{tail}" if most else tail
    if not compared.ratio:
        return f"is {compared.verdict}", tail
    than = "" if compared.baseline == "before" else f" than {name(compared.baseline)}"
    claim, bounds = effect(compared)
    interval = f" ({confidence(compared)} interval {bounds})" if bounds else ""
    return f"is {claim}{than}", f"{interval}{tail}"


def effect(compared: Comparison) -> tuple[str, str | None]:
    """How much faster or slower, and the interval in the same unit: (412 times faster, 398 to 431)."""
    ratio, low, high = compared.ratio or 1.0, compared.low, compared.high
    is_faster = ratio >= 1
    has_bounds = low is not None and high is not None and low > 0
    if max(ratio, 1 / ratio) >= RATIO_FROM:
        sides = (ratio, low, high) if is_faster else (1 / ratio, high and 1 / high, low and 1 / low)
        shown = [units.factor(value) if value else None for value in sides]
        bounds = f"{shown[1]}{units.DASH}{shown[2]}" if has_bounds else None
        return f"{shown[0]}{units.TIMES} {'faster' if is_faster else 'slower'}", bounds
    word, direction = ("faster", "less") if is_faster else ("slower", "more")
    changed = _changed(ratio)
    if not has_bounds or low is None or high is None:
        return f"{word}: {percent(abs(changed))} {direction} time", None
    sign = -1 if is_faster else 1
    ends = sorted((sign * _changed(low), sign * _changed(high)))
    width = ends[1] - ends[0]
    text = f"{word}: {percent(abs(changed), width)} {direction} time"
    first, last = (percent(end, width) for end in ends)
    return text, f"{first.removesuffix(' %')}{units.DASH}{last}"


def _changed(ratio: float) -> float:
    """The part of the time before by which the time after is longer."""
    return 1 / ratio - 1


def percent(part: float, width: float | None = None) -> str:
    """A part of one in per cent, with as many decimals as an interval of this width asks for."""
    span = abs(part) if width is None else width
    decimals = 0 if span >= 0.05 else 1 if span >= 0.002 else 2
    return f"{100 * part:.{decimals}f} %".replace("-", units.MINUS)


def confidence(compared: Comparison) -> str:
    """The interval's confidence: 95 %."""
    return f"{100 * compared.confidence:g} %"


def at_most(compared: Comparison) -> str | None:
    """The largest difference that the interval leaves open, of the one to the other."""
    if not compared.low or not compared.high:
        return None
    return f"at most {percent(max(compared.high, 1 / compared.low) - 1)} either way"


def pairs(compared: Comparison) -> int:
    """How many pairs were timed."""
    return min(len(compared.before_s), len(compared.after_s))


def ratio(compared: Comparison, value: float | None) -> str | None:
    """A ratio with as many decimals as the interval asks for: 412, 1.06, 1.004."""
    if value is None or compared.low is None or compared.high is None or value >= 9.995:
        return units.factor(value)
    width = compared.high - compared.low
    return f"{value:.{2 if width >= 0.02 else 3 if width >= 0.002 else 4}f}"


def is_timed(compared: Comparison) -> bool:
    """Whether there is more of times than those of one recorded run each."""
    return compared.is_paired or max(len(compared.before_s), len(compared.after_s)) > 1


def is_drawn(compared: Comparison) -> bool:
    """Whether there are pairs to draw, of code that gives the same result as far as is known."""
    return is_timed(compared) and pairs(compared) > 0 and compared.verdict != "results differ"


def difference(compared: Comparison) -> str | None:
    """The first place where the results differ."""
    return compared.differences[0] if compared.differences else compared.reason


def _so_far(compared: Comparison) -> str:
    if not pairs(compared):
        return ""
    before, after = (units.seconds(median(times)) for times in (compared.before_s, compared.after_s))
    return f": {units.counted(pairs(compared), 'pair')}, {before} and {after}"


def _result_and_pairs(compared: Comparison) -> str:
    result = {True: "same result", False: "results differ", None: "results not compared"}
    return "".join(f", {part}" for part in (result[compared.same_result], *_count(compared)))


def _count(compared: Comparison) -> list[str]:
    """How many samples stand behind a claim."""
    if not pairs(compared):
        return []
    if compared.is_paired:
        return [units.counted(pairs(compared), "pair") or ""]
    return [f"{units.count(len(compared.before_s))} and {units.counted(len(compared.after_s), 'run')}"]


def _ends_open(text: str | None) -> str:
    """A sentence of bounded length to which a full stop can be added."""
    return clean(text or "", _SENTENCE).rstrip(". ")


def _note(text: str, names: set[str]) -> str:
    """A note as a sentence; the name of a part keeps its first letter."""
    sentence = f"{_ends_open(text)}."
    return sentence if sentence.split()[0] in names else sentence[:1].upper() + sentence[1:]


def others_that_differ(compared: Comparison) -> list[str]:
    """Further differences between the results, after the one that the first sentence names."""
    rest = compared.differences[1 : 1 + MOST_DIFFERENCES]
    said = [f"{_ends_open(text)}." for text in rest]
    left_out = len(compared.differences) - 1 - len(rest)
    return [*said, f"{units.counted(left_out, 'more difference')}."] if left_out > 0 else said


def notes(comparisons: Sequence[Comparison]) -> list[str]:
    """What the reader must know beside the verdicts; what concerns one of several parts names it."""
    names = {each.baseline for each in comparisons} | {each.name for each in comparisons}
    shared = [note for note in comparisons[0].notes if all(note in each.notes for each in comparisons)]
    said = [_note(note, names) for note in shared]
    for each in comparisons:
        who = f"{name(each.name)}: " if len(comparisons) > 1 else ""
        reason = each.reason if each.verdict in ("faster", "slower") else None
        own = [*([reason] if reason else []), *(note for note in each.notes if note not in shared)]
        own += others_that_differ(each)
        said += [f"{who}{_ends_open(note)}." if who else _note(note, names) for note in own]
    said = list(dict.fromkeys(said))
    if len(said) > _MOST_NOTES:
        more = units.counted(len(said) - _MOST_NOTES, "more note")
        return [*said[:_MOST_NOTES], f"{more} in report.comparisons."]
    return said


def measured(comparisons: Sequence[Comparison]) -> list[str]:
    """How the times were taken and what the figures are."""
    timed = [each for each in comparisons if each.ratio is not None and each.verdict != "results differ"]
    if not timed:
        return []
    if not all(each.is_paired for each in timed):
        return [
            "The ratio is that of the median times of saved runs, which were not taken in pairs: whatever "
            "changed on the machine between them is in it."
        ]
    sentences = [f"Timed in pairs, each of the two going first by turns.{_loops(timed)}"]
    several = (
        f" The intervals of {len(timed)} comparisons are widened so that all hold together with "
        f"{confidence(timed[0])}."
        if len(timed) > 1
        else ""
    )
    sentences.append(
        "The ratio is time before ÷ time after, the median over the pairs; below 2 it is said as a part of "
        f"the time before.{several}"
    )
    floors = [each.floor for each in timed if each.floor is not None and math.isfinite(each.floor)]
    if floors:
        sentences.append(f"Here the same code differs from itself by up to {percent(max(floors) - 1)}.")
    return sentences


def _loops(timed: Sequence[Comparison]) -> str:
    """How many executions one sample is the mean of, where it is more than one."""
    counts = {timed[0].baseline: timed[0].loops_before} | {each.name: each.loops_after for each in timed}
    parts = [f"{units.count(loops)} of {name(who)}" for who, loops in counts.items() if loops and loops > 1]
    if not parts:
        return ""
    shown = parts if len(parts) <= 4 else [*parts[:3], "…"]
    return f" One sample is the mean of executions in a row: {', '.join(shown)}."


def closing(report: Report) -> list[str]:
    """How it was measured, and where."""
    return [*measured(report.comparisons), *wording.remarks(report.run)]
