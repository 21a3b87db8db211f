"""What the pictures share: the figure, its colours, and how axes, times and user's text look.

Colours are set one by one rather than taken from the user's matplotlib style, so that a figure is readable
on a light and on a dark page alike. They are from the palette of Okabe and Ito, which colour-blind readers
can tell apart (https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
INK, PALE, PAPER = "#222222", "#D9D9D9", "#FFFFFF"

# Text of the user's is never read as a formula.
VERBATIM: dict[str, Any] = {"parse_math": False, "usetex": False}

# The least time for which a unit is used, the unit's length in seconds, and its name.
_TIME_UNITS = ((120.0, 60.0, "min"), (0.9995, 1.0, "s"), (0.9995e-3, 1e-3, "ms"), (0.0, 1e-6, "µs"))


class Picture(Figure):
    """A figure on white paper that a notebook shows even where pyplot was never imported."""

    def __init__(self, width_in: float, height_in: float, title: str) -> None:
        super().__init__(figsize=(width_in, height_in), dpi=100, facecolor=PAPER, layout="constrained")
        self.suptitle(plain(title), x=0.01, ha="left", fontsize=12, color=INK, **VERBATIM)

    def _repr_png_(self) -> bytes:
        target = io.BytesIO()
        self.savefig(target, format="png")
        return target.getvalue()

    def remark(self, text: str) -> None:
        """A sentence under the picture."""
        self.supxlabel(plain(text), x=0.01, ha="left", fontsize=9, color=INK, **VERBATIM)


def style(axes: Axes, *, y_label: str | None = None) -> None:
    """Quiet axes in our colours, whatever the user's style is."""
    axes.set_facecolor(PAPER)
    axes.grid(False)
    axes.tick_params(which="both", colors=INK, labelcolor=INK, labelsize=9)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
    if y_label is not None:
        axes.set_ylabel(y_label, color=INK, fontsize=9)


def legend(axes: Axes, handles: Sequence[Artist] | None = None) -> None:
    """The legend, above the axes on the right, where it covers nothing."""
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2,
                fontsize=9, labelcolor=INK, facecolor=PAPER, edgecolor=PALE, framealpha=1.0)  # fmt: skip


def say(axes: Axes, sentence: str) -> None:
    """A sentence in place of what was not measured."""
    axes.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.text(0.5, 0.5, plain(sentence), transform=axes.transAxes, ha="center", va="center",
              fontsize=10, color=INK, style="italic", wrap=True, **VERBATIM)  # fmt: skip


def time_unit(longest_s: float) -> tuple[float, str]:
    """The unit that suits a time: its length in seconds, and its name."""
    return next((scale, unit) for least, scale, unit in _TIME_UNITS if longest_s >= least)


def seconds(value_s: float) -> str:
    """A time to three figures, with its unit."""
    scale, unit = time_unit(value_s)
    value = value_s / scale
    return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.3g} {unit}"


def plain(text: str, length: int = 200) -> str:
    """The text on one line, without control characters, cut to `length`."""
    line = "".join(c if c.isprintable() else " " for c in text.strip())
    return line if len(line) <= length else line[: length - 1] + "…"


def numbers(column: Iterable[Any]) -> list[float]:
    """A column's numbers; a missing one is NaN, which matplotlib leaves out."""
    return [float("nan") if value is None else float(value) for value in column]
