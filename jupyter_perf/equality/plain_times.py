"""Dates and times of the standard library, and pandas' Timestamp, which is one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import Difference, Item, Kind, Member, Pair, Reading, Rules, same_type
from jupyter_perf.equality.wording import both, full_name


class Times(Kind):
    """Equal by ==, and exact also in the offset from UTC: noon in UTC and one o'clock at +01:00 differ."""

    types = ("datetime.date", "datetime.time", "datetime.timedelta", "datetime.tzinfo")
    is_scalar = True

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """A date is no datetime; both values are shown."""
        return None if rules.close or same_type(before, after) else both(before, after)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By == and the offset from UTC."""
        same = bool(before == after)
        if same and not rules.close and hasattr(type(before), "utcoffset") and hasattr(before, "tzinfo"):
            same = before.utcoffset() == after.utcoffset()
        if not same:
            yield Difference("", both(before, after))

    def plain(self, value: Any) -> tuple[Any, ...]:
        """Type, value and offset."""
        offset = value.utcoffset() if hasattr(value, "tzinfo") and hasattr(value, "utcoffset") else None
        return full_name(type(value)), str(hash(value)), str(value), str(offset)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type and hash, which is the same for what is equal."""
        yield full_name(type(value)).encode(errors="replace")
        yield str(hash(value)).encode()
