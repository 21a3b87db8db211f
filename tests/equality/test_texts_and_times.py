"""Texts, bytes, dates and times."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from jupyter_perf.equality import difference

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a", np.str_("a")),
        (b"a", np.bytes_(b"a")),
        ("\ud800", "\ud800"),
        (NOON, datetime(2020, 1, 1, 12, tzinfo=ZoneInfo("UTC"))),
        (timedelta(1), timedelta(hours=24)),
        (pd.NaT, pd.NaT),
        (np.datetime64("NaT", "s"), np.datetime64("NaT", "s")),
        (pd.Timestamp("2020-01-01"), pd.Timestamp(2020, 1, 1)),
    ],
)
def test_the_same(before, after):
    assert difference(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("a", "b", "'a' and 'b'"),
        ("a", b"a", "'a' and b'a'"),
        (b"a", bytearray(b"a"), "b'a' and bytearray(b'a')"),
        ("one\ntwo", "one two", r"'one\ntwo' and 'one two'"),
        (date(2020, 1, 1), date(2020, 1, 2), "datetime.date(2020, 1, 1) and datetime.date(2020, 1, 2)"),
        (time(1), time(2), "datetime.time(1, 0) and datetime.time(2, 0)"),
        (pd.Timestamp("2020-01-01"), pd.NaT, "Timestamp('2020-01-01 00:00:00') and NaT"),
    ],
)
def test_differences(before, after, sentence):
    assert difference(before, after) == sentence


def test_the_same_moment_in_two_zones_differs_except_in_close():
    later = NOON.astimezone(timezone(timedelta(hours=1)))
    assert difference(NOON, later)
    assert difference(NOON, later, "close") is None


def test_an_aware_time_and_a_naive_one_differ():
    assert difference(NOON, NOON.replace(tzinfo=None))


@pytest.mark.parametrize("at", [0, 1, 65_535, 65_536, 65_537, 199_999])
@pytest.mark.parametrize("make", [str, str.encode])
def test_a_long_text_shows_where_it_begins_to_differ(at, make):
    before = "a" * 200_000
    after = before[:at] + "b" + before[at + 1 :]
    assert f" {at:,}: " in difference(make(before), make(after))


def test_a_text_that_ends_earlier_differs_at_its_end():
    sentence = difference("ab" * 100, "ab" * 50)
    assert sentence.startswith("character 100: 'abababababab")
    assert sentence.endswith("(200 and 100 characters long)")


def test_sentences_stay_short_whatever_the_text():
    assert len(difference("x" * 10_000_000, None)) < 100
