"""One number and another."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from jupyter_perf.equality import difference

NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (3, 3),
        (3, np.int64(3)),
        (0.5, np.float64(0.5)),
        (True, np.True_),
        (1j, np.complex128(1j)),
        (0.0, -0.0),
        (NAN, math.nan * -1),
        (NAN, np.float64("nan")),
        (complex(1, NAN), complex(1, NAN)),
        (Decimal("1.0"), Decimal("1.00")),
        (Decimal("nan"), Decimal("nan")),
        (Decimal("snan"), Decimal("snan")),
        (Fraction(1, 3), Fraction(2, 6)),
    ],
)
def test_the_same_in_exact(before, after):
    assert difference(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (3.0, 3, "3.0 and 3"),
        (True, 1, "True and 1"),
        (1, 2, "1 and 2"),
        (NAN, 1.0, "nan and 1.0"),
        (complex(1, NAN), complex(2, NAN), "(1+nanj) and (2+nanj)"),
        (np.float32(0.5), 0.5, "0.5 (float32) and 0.5 (float)"),
        (Decimal(1), 1, "Decimal('1') and 1"),
        (None, 3.0, "None and 3.0"),
        ("3", 3, "'3' and 3"),
    ],
)
def test_differences_in_exact(before, after, sentence):
    assert difference(before, after) == sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (3, 3.0),
        (True, 1),
        (0.1 + 0.2, 0.3),
        (1e-17, 0.0),
        (np.float32(0.1), 0.1),
        (Decimal("0.1"), 0.1),
        (1 + 1e-12j, 1.0),
        (math.inf, np.float32("inf")),
        (10**400, 10**400),
        (10**400, Decimal(10) ** 400),
    ],
)
def test_the_same_in_close(before, after):
    assert difference(before, after, "close") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1.0, 1.0 + 1e-8),
        (10**15, 10**15 + 1),
        (math.inf, 1e308),
        (math.inf, -math.inf),
        (NAN, 0.0),
        (complex(math.inf, 0), complex(1, 0)),
        (10**400, math.inf),
        (np.float32(1), np.float32(1.001)),
    ],
)
def test_differences_in_close(before, after):
    assert difference(before, after, "close")
    assert difference(after, before, "close")


def test_an_integer_too_long_to_be_written_out_is_told_apart():
    assert difference(10**5000, 10**5000) is None
    assert difference(10**5000, 10**5000 + 1)


def test_off_looks_at_nothing():
    assert difference(1, "x", "off") is None


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="unknown mode 'loose': use exact, unordered, close or off"):
        difference(1, 1, "loose")
