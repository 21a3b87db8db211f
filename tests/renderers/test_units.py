"""Numbers and their units."""

import math

import pytest

from jupyter_perf.renderers import units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 s"),
        (1.234, "1.23 s"),
        (2.5, "2.50 s"),
        (12.34, "12.3 s"),
        (59.9, "59.9 s"),
        (59.99, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3599.7, "1 h 00 min"),
        (3780, "1 h 03 min"),
        (0.0456, "45.6 ms"),
        (0.9999, "1.00 s"),
        (0.0009999, "1.00 ms"),
        (12e-6, "12 µs"),
        (1.5e-6, "1.5 µs"),
        (9.97e-6, "10 µs"),
        (340e-9, "340 ns"),
        (1e-12, "0 s"),
    ],
)
def test_seconds(value, text):
    assert units.seconds(value) == text


def test_negative_values_have_a_minus_sign():
    assert units.seconds(-0.5) == "\N{MINUS SIGN}500 ms"
    assert units.size_change(-4e6) == "\N{MINUS SIGN}4.00 MB"
    assert units.count(-1234) == "\N{MINUS SIGN}1,234"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (812, "812 bytes"),
        (1000, "1.00 kB"),
        (3_400_000, "3.40 MB"),
        (618_000_000, "618 MB"),
        (999_999, "1.00 MB"),
        (1.25e9, "1.25 GB"),
    ],
)
def test_sizes_are_decimal(value, text):
    assert units.size(value) == text


def test_growth_has_a_sign_and_none_where_nothing_changed():
    assert units.size_change(312_000_000) == "+312 MB"
    assert units.size_change(0) == "0 bytes"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (0.0001, "<1 %"),
        (0.0049, "<1 %"),
        (0.0051, "1 %"),
        (0.84, "84 %"),
        (0.997, ">99 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(value, text):
    assert units.share(value) == text


def test_counts():
    assert units.count(336776) == "336,776"
    assert units.counted(1, "row") == "1 row"
    assert units.counted(336776, "row") == "336,776 rows"
    assert units.counted(2, "query", "queries") == "2 queries"


@pytest.mark.parametrize(
    "unit",
    [units.seconds, units.size, units.size_change, units.count, units.share, units.rate, units.factor],
)
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_was_not_measured_has_no_text(unit, value):
    assert unit(value) is None
