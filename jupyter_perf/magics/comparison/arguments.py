"""The options of `%%compare`, parsed and checked before anything runs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser

from jupyter_perf.magics.arguments import words_of
from jupyter_perf.magics.config import JupyterPerf


@dataclass(frozen=True)
class CompareOptions:
    """What a comparison was asked to do; the defaults are those of `%config JupyterPerf`."""

    label: str | None = None
    budget: float = 10.0
    equal: str = "exact"
    result: str | None = None
    rollback: str | None = None


def _parser() -> MagicArgumentParser:
    # IPython puts one more percent sign before the name.
    parser = MagicArgumentParser("%compare")
    parser.allow_abbrev = False
    add = parser.add_argument
    add("-l", "--label", metavar="LABEL", help="a name for this comparison in the history")
    add("--budget", type=float, metavar="S", help="seconds for the whole (default 10)")
    add("--equal", metavar="MODE", help="when results are the same: exact (default), unordered, close or off")
    add("--result", metavar="NAME", help="the variable that is the result, not the last expression")
    add("--rollback", metavar="CONNECTION", help="roll back what each sample writes on this connection")
    return parser


COMPARE_PARSER = _parser()


def parse_compare(line: str, config: JupyterPerf) -> CompareOptions:
    """The options in `line`, over those of `%config JupyterPerf`. Raises UsageError, in one sentence."""
    from jupyter_perf.equality import MODES

    given, left = COMPARE_PARSER.parse_known_args(words_of(line))
    if left:
        raise UsageError(f"unrecognized arguments: {' '.join(left)}")
    chosen = {name: value for name, value in vars(given).items() if value is not None}
    options = CompareOptions(**{"budget": config.budget, "equal": config.equal, **chosen})
    if not (math.isfinite(options.budget) and options.budget > 0):
        raise UsageError(f"--budget takes seconds above 0, not {options.budget:g}")
    if options.equal not in MODES:
        raise UsageError(f"--equal takes one of {', '.join(MODES)}, not {options.equal!r}")
    if options.result is not None and not options.result.isidentifier():
        raise UsageError(f"--result takes the name of a variable, and {options.result!r} is not one")
    return options
