"""`%%compare` and `%compare`."""

from __future__ import annotations

import difflib
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from jupyter_perf.magics.arguments import words_of
from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.magics.comparison.arguments import COMPARE_PARSER, parse_compare
from jupyter_perf.magics.comparison.parts import split
from jupyter_perf.model import Run
from jupyter_perf.session import keep
from jupyter_perf.store import Store

# So many of the newest runs of a label are taken as its samples.
MOST_SAMPLES = 60


@magics_class
class CompareMagics(HostedMagics):
    """Compares pieces of code, and saved runs."""

    @no_var_expand
    @line_cell_magic
    def compare(self, line: str, cell: str | None = None) -> Any:
        """Time pieces of code in pairs, results first (%%compare), or compare two saved runs (%compare)."""
        __tracebackhide__ = True
        if cell is None:
            return self._compare_saved(line)
        # Imported when used: it is much, and most kernels never compare.
        from jupyter_perf.magics.comparison.cell import CellComparison

        options = parse_compare(line, self.host.config)
        comparison = CellComparison(
            self.host, options, f"%%compare {line}".rstrip() + f"\n{cell}", split(cell)
        )
        if comparison.is_async:
            return comparison.run()
        return comparison.run_now()

    def _compare_saved(self, line: str) -> None:
        from jupyter_perf.comparing.saved import compare_saved

        labels = words_of(line)
        if len(labels) != 2:
            raise UsageError("%compare takes the labels of two saved runs: %compare BEFORE AFTER")
        store = Store()
        before, after = (_runs(label, store) for label in labels)
        report = compare_saved(before, after)
        keep(report)
        self.host.presenter.present(report)


def _runs(label: str, store: Store) -> list[Run]:
    """The newest runs of a label, the newest first. Raises UsageError where there are none."""
    try:
        reports = store.labelled(label, MOST_SAMPLES)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not reports:
        raise UsageError(_not_found(label, store))
    runs = [report.run for report in reports if not report.comparisons]
    if not runs:
        raise UsageError(f"{label!r} is the label of a %%compare, not of a run: `%%perf -l LABEL` saves one")
    return runs


def _not_found(label: str, store: Store) -> str:
    """That there is no such label, and which one is nearest."""
    if store.troubles:
        return " ".join(store.troubles)
    known = store.labels()
    nearest = difflib.get_close_matches(label, known, n=1, cutoff=0.5)
    if nearest:
        return f"the history has no run with the label {label!r}: the nearest is {nearest[0]!r}"
    if known:
        return f"the history has no run with the label {label!r}: it has {', '.join(map(repr, known[:5]))}"
    return f"the history has no run with the label {label!r}: `%%perf -l {label}` records one"


def _help() -> str:
    """The magic's docstring: what it does, the parts, and every option."""
    return f"""{CompareMagics.compare.__doc__}

    %%compare
    #%% setup
    (once; the other parts see its names)
    #%% setup-each
    (before each sample, outside the clock)
    #%% before
    (what the others are compared with)
    #%% after
    (a rewrite; of several, each has a name: #%% after: join)

A part's result is the value of its last expression. What it assigns is gone afterwards.

{COMPARE_PARSER.format_help()}"""


CompareMagics.compare.__doc__ = _help()
