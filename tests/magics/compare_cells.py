"""`%%compare` cells for the tests, and what became of them."""

from __future__ import annotations

import re
from typing import Any

from tests.kernel import REPORT, Kernel, Outcome

# Long enough for the first runs on a busy machine; few tests are about the pairs.
BUDGET_S = 1.5


def cell(before: str = "1", after: str = "1", *, options: str = "", **parts: str) -> str:
    """A cell with these parts, which begins at line 1 with the magic; `setup` and `each` come first."""
    budget = "" if "--budget" in options else f" --budget {BUDGET_S:g}"
    lines = [f"%%compare{budget} {options}".rstrip()]
    names = {"setup": "setup", "each": "setup-each"}
    for name, text in parts.items():
        lines += [f"#%% {names[name]}", text]
    return "\n".join([*lines, "#%% before", before, "#%% after", after])


def report(outcome: Outcome) -> dict[str, Any]:
    """The one report that a cell has shown, as JSON."""
    assert len(outcome.reports) == 1, (outcome.status, outcome.error, outcome.text("stderr"))
    return outcome.reports[0][REPORT]


def compared(outcome: Outcome) -> dict[str, Any]:
    """Its first comparison."""
    return report(outcome)["comparisons"][0]


def compare(kernel: Kernel, *parts: str, **options: str) -> dict[str, Any]:
    """Run such a cell, which must come to its end; gives its comparison."""
    outcome = kernel.execute(cell(*parts, **options))
    assert outcome.status == "ok", (outcome.error, outcome.text("stderr"))
    return compared(outcome)


def refusal(outcome: Outcome) -> str:
    """The one sentence that a cell was refused with."""
    assert (outcome.status, outcome.reports) == ("error", [])
    said = outcome.text("stderr")
    assert said.startswith("UsageError: ")
    assert said.count("\n") == 1, said
    return said.removeprefix("UsageError: ").strip()


def traceback(outcome: Outcome) -> str:
    """The traceback that a cell has shown, without its colours."""
    assert outcome.status == "error"
    assert outcome.error is not None, outcome.text("stderr")
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(outcome.error["traceback"]))


def value(kernel: Kernel, expression: str) -> str | None:
    """What a cell with this expression shows."""
    outcome = kernel.execute(expression)
    assert outcome.status == "ok", outcome.error
    return outcome.result["text/plain"] if outcome.result else None
