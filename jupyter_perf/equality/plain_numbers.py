"""Numbers: Python's, numpy's, Decimal and Fraction.

Exact: 3 and 3.0 differ, as int64 and float64 do, and so do True and 1. What differs is the kind of number,
not who made it: a float and a numpy.float64 are one type, as are int and int64, bool and numpy.bool. NaN is
NaN, and 0.0 is -0.0. Close: floats within the tolerance, whatever the types; two integers only if equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jupyter_perf.equality.base import (
    ABSOLUTE,
    RELATIVE,
    Difference,
    Item,
    Kind,
    Member,
    Pair,
    Reading,
    Rules,
)
from jupyter_perf.equality.wording import both, full_name

# numpy's names of what Python's own types are: numpy itself calls the same type by several.
_SAME = {
    "builtins.bool": "bool",
    "builtins.int": "int64",
    "builtins.float": "float64",
    "builtins.complex": "complex128",
}
_PLAIN: dict[type, Any] = {int: int.__add__, float: float.__add__, complex: complex.__add__}


class Numbers(Kind):
    """One number of any type."""

    types = (
        "builtins.int",
        "builtins.float",
        "builtins.complex",
        "decimal.Decimal",
        "fractions.Fraction",
        "numpy.number",
        "numpy.bool_",
    )
    is_scalar = True

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """By the kind of number and its width; Python's own count as numpy's."""
        if rules.close or _type(before) == _type(after):
            return None
        return both(before, after)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By value."""
        first, second = as_python(before), as_python(after)
        same = is_close(first, second, _relative(before, after)) if rules.close else equal(first, second)
        if not same:
            yield Difference("", both(before, after))

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type and value."""
        number = as_python(value)
        # An integer has few hashes of its own, and NaN has that of the object.
        if type(number) is int:
            text = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
        else:
            text = b"nan" if _is_nan(number) else str(hash(number)).encode()
        yield _type(value).encode() + text

    def plain(self, value: Any) -> tuple[Any, ...]:
        """The type and the value, or NaN by its name."""
        number = as_python(value)
        if isinstance(number, Decimal | Fraction) and not _is_nan(number):
            return ("number", _type(value), *number.as_integer_ratio())
        return "number", _type(value), "nan" if _is_nan(number) else number


def as_python(value: Any) -> Any:
    """The number without what a subclass adds: bool as int, numpy's as Python's where that has it whole."""
    for cls, add in _PLAIN.items():
        if isinstance(value, cls) and issubclass(type(value), cls):
            return add(value, cls(0))
    return value if isinstance(value, Decimal | Fraction) else value.item()


def equal(before: Any, after: Any) -> bool:
    """Equality of two plain numbers of one type; NaN equals NaN, a complex number by its parts."""
    if isinstance(before, complex) and isinstance(after, complex):
        return equal(before.real, after.real) and equal(before.imag, after.imag)
    if _is_nan(before) or _is_nan(after):
        return _is_nan(before) and _is_nan(after)
    return bool(before == after)


def is_close(before: Any, after: Any, relative: float) -> bool:
    """Two plain numbers within the tolerance, as in math.isclose: symmetric, infinity only like itself."""
    if isinstance(before, complex) or isinstance(after, complex):
        first, second = complex(before), complex(after)
        if _is_nan(first) or _is_nan(second) or first == second:
            return equal(first, second)
        if math.isinf(abs(first)) or math.isinf(abs(second)):
            return False
        return abs(first - second) <= max(relative * max(abs(first), abs(second)), ABSOLUTE)
    if _is_nan(before) or _is_nan(after):
        return _is_nan(before) and _is_nan(after)
    if isinstance(before, int) and isinstance(after, int):
        return before == after
    try:
        return math.isclose(before, after, rel_tol=relative, abs_tol=ABSOLUTE)
    except OverflowError:  # an integer beyond every float
        return bool(before == after)


def _is_nan(number: Any) -> bool:
    if isinstance(number, Decimal):
        return number.is_nan()
    return bool(number != number)


def _type(value: Any) -> str:
    dtype = getattr(value, "dtype", None) if _is_numpy(value) else None
    return str(dtype.name) if dtype is not None else _SAME.get(full_name(type(value)), full_name(type(value)))


def _relative(before: Any, after: Any) -> float:
    return max(RELATIVE.get(_width(before), 1e-9), RELATIVE.get(_width(after), 1e-9))


def _width(value: Any) -> int:
    """Bytes of a real number of numpy's; 8 for others."""
    if not _is_numpy(value) or value.dtype.kind not in "fc":
        return 8
    return int(value.dtype.itemsize) // (2 if value.dtype.kind == "c" else 1)


def _is_numpy(value: Any) -> bool:
    return full_name(type(value)).startswith("numpy.")
