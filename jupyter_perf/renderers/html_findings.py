"""Findings in HTML: the fault, its evidence, the rewrite and its proof."""

from __future__ import annotations

from jupyter_perf.model import Finding, Fix
from jupyter_perf.renderers import wording
from jupyter_perf.renderers.excerpt import clean, clean_block, place
from jupyter_perf.renderers.html_parts import Markup, prose, tag


def findings(found: tuple[Finding, ...], wall_s: float, top: int) -> Markup:
    """The findings in the order of the report, which is by saving."""
    cards = [_card(finding, wall_s) for finding in found[:top]]
    if len(found) > len(cards):
        cards.append(tag("div", wording.left_out(len(found) - len(cards), "report.findings"), cls="more"))
    return tag("div", *cards, cls="section") if cards else Markup("")


def _card(finding: Finding, wall_s: float) -> Markup:
    at, saving = place(finding.file, finding.line), wording.finding_saving(finding, wall_s)
    head = [tag("span", finding.severity, cls="severity"), tag("b", clean(finding.rule, 60), cls="rule")]
    if at:
        head.append(tag("code", at))
    if saving:
        head.append(tag("span", prose(saving), cls="saving"))
    parts = [
        tag("div", *(piece for part in head for piece in (part, " ")), cls="head"),
        tag("div", prose(clean(finding.message, 500))),
    ]
    if finding.evidence:
        parts.append(tag("ul", *(tag("li", prose(clean(item, 300))) for item in finding.evidence[:8])))
    if finding.fix:
        parts.append(_fix(finding.fix, wording.proof(finding)))
    return tag("div", *parts, cls=f"finding {finding.severity}")


def _fix(fix: Fix, proof: str | None) -> Markup:
    sides = [
        tag("div", tag("div", name, cls="side"), tag("pre", tag("code", clean_block(source, 1000))))
        for name, source in (("Before", fix.before), ("After", fix.after))
        if source
    ]
    proved = tag("div", prose(proof), cls="proof") if proof else Markup("")
    explained = prose(clean(fix.explanation, 500))
    return tag("div", tag("div", explained), tag("div", *sides, cls="sides"), proved)
