"""How a number and its unit are written: the one place for all forms of a report.

Sizes are decimal, as on a disk's label: 1 kB is 1,000 bytes and 1 MB is 1,000,000. Every function gives
None for a value that was not measured (None or not a number), so that the caller leaves it out.
"""

from __future__ import annotations

import math

MINUTE_S, HOUR_S = 60.0, 3600.0
MINUS = "\N{MINUS SIGN}"
TIMES, DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"

_TIME_UNITS = ((1.0, "s", 3), (1e-3, "ms", 3), (1e-6, "µs", 2), (1e-9, "ns", 2))
_SIZE_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def seconds(value: float | None) -> str | None:
    """A duration to three figures, below a millisecond to two: 1.20 s, 45.6 ms, 12 µs, 2 min 05 s."""
    if value is None or not math.isfinite(value):
        return None
    sign, value = (MINUS, -value) if value < 0 else ("", value)
    if value >= MINUTE_S - 0.05:
        return sign + _long_duration(round(value))
    for scale, unit, figures in _TIME_UNITS:
        if value >= scale * 0.9995:
            return f"{sign}{_figures(value / scale, figures)} {unit}"
    return "0 s" if value < 0.5e-9 else f"{sign}1 ns"


def _long_duration(whole_s: int) -> str:
    if whole_s < HOUR_S:
        return f"{whole_s // 60} min {whole_s % 60:02d} s"
    minutes = round(whole_s / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def size(value: float | None) -> str | None:
    """Bytes to three figures: 812 bytes, 3.4 MB, 1.25 GB."""
    if value is None or not math.isfinite(value):
        return None
    sign, value = (MINUS, -value) if value < 0 else ("", value)
    for scale, unit in _SIZE_UNITS:
        if value >= scale * 0.9995:
            return f"{sign}{_figures(value / scale, 3)} {unit}"
    whole = round(value)
    return f"{sign}{whole} byte" if whole == 1 else f"{sign}{whole} bytes"


def size_change(value: float | None) -> str | None:
    """A difference in bytes with its sign: +312 MB, and with a minus sign 4 MB less."""
    text = size(value)
    return f"+{text}" if text is not None and value is not None and value > 0 else text


def count(value: float | None) -> str | None:
    """A whole number with its thousands set apart: 336,776."""
    if value is None or not math.isfinite(value):
        return None
    return f"{round(value):,}".replace("-", MINUS)


def counted(value: float | None, one: str, many: str | None = None) -> str | None:
    """A number with its noun: 1 row, 336,776 rows."""
    number = count(value)
    return None if number is None else f"{number} {one if number == '1' else many or one + 's'}"


def share(value: float | None) -> str | None:
    """A part of one, in whole per cent: 84 %; a part too small for that is "<1 %", never zero."""
    if value is None or not math.isfinite(value):
        return None
    if 0 < value < 0.005:
        return "<1 %"
    if 0.995 <= value < 0.99995:
        return ">99 %"
    return f"{round(value * 100)} %".replace("-", MINUS)


def rate(value: float | None) -> str | None:
    """Samples a second: 500 times a second."""
    number = count(value)
    return None if number is None else f"{number} times a second"


def factor(value: float | None) -> str | None:
    """How many times faster: 6.4."""
    if value is None or not math.isfinite(value):
        return None
    return _figures(value, 3) if value < 100 else count(value)


def tick_seconds(value: float) -> str:
    """A round time on an axis, without trailing zeros: 0, 20 ms, 1.5 s."""
    scale, unit = next(
        ((scale, unit) for scale, unit, _ in _TIME_UNITS if value >= scale * 0.9995), _TIME_UNITS[-1][:2]
    )
    return f"{value / scale:.6g} {unit}" if value else "0"


def tick_factor(value: float) -> str:
    """A ratio on an axis, in as few figures as tell it: 0.5, 1, 1.02, 200, 1,000."""
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def _figures(value: float, figures: int) -> str:
    """A number from 1 to 999 with so many figures, all of its whole part included: 1.20, 45.6, 123."""
    whole = 3 if value >= 99.95 else 2 if value >= (9.995 if figures > 2 else 9.95) else 1
    return f"{value:.{max(figures - whole, 0)}f}"
