"""Text and bytes. A long one shows the place where it begins to differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_perf.equality.base import (
    Difference,
    Item,
    Kind,
    Member,
    Pair,
    Reading,
    Rules,
    same_type,
    types_differ,
)
from jupyter_perf.equality.digests import SHORT
from jupyter_perf.equality.wording import LONGEST, both, full_name, shown

BLOCK = 65_536
AROUND = 12


class Texts(Kind):
    """str, bytes, bytearray and their subclasses; numpy's text is a str."""

    types = ("builtins.str", "builtins.bytes", "builtins.bytearray")
    is_scalar = True

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """Text is never bytes; a subclass counts, except that of numpy."""
        if _base(before) is not _base(after):
            return both(before, after)
        if rules.close or same_type(_without_numpy(before), _without_numpy(after)):
            return None
        return types_differ(before, after)

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """By value, with the place of the first difference."""
        base = _base(before)
        if base.__eq__(before, after):
            return
        if max(base.__len__(before), base.__len__(after)) <= LONGEST:
            yield Difference("", both(before, after))
            return
        at = _first_difference(before, after, base)
        unit = "character" if base is str else "byte"
        cut = slice(max(0, at - AROUND), at + AROUND)
        one, other = (shown(base.__getitem__(value, cut)) for value in (before, after))
        lengths = f"{base.__len__(before):,} and {base.__len__(after):,} {unit}s long"
        yield Difference(f"{unit} {at:,}", f"{one} and {other} ({lengths})")

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Type and value."""
        base = _base(value)
        length = base.__len__(value)
        if base is str and length <= SHORT:
            name = full_name(type(_without_numpy(value))).encode(errors="replace")
            yield name + str.encode(value, errors="surrogatepass")
            return
        yield length.to_bytes(8, "little")
        if length > reading.bytes_left:
            reading.sampled = True
            length = 0
        reading.bytes_left -= length
        for start in range(0, length, BLOCK):
            block = base.__getitem__(value, slice(start, start + BLOCK))
            yield block.encode(errors="surrogatepass") if base is str else bytes(block)


def _base(value: Any) -> Any:
    """str, bytes or bytearray, whose own methods are used whatever a subclass has made of them."""
    return next(base for base in (str, bytes, bytearray) if issubclass(type(value), base))


def _without_numpy(value: Any) -> Any:
    """An instance of str for a numpy.str_, of bytes for a numpy.bytes_; others as they are."""
    return _base(value)() if type(value).__module__ == "numpy" else value


def _first_difference(before: Any, after: Any, base: Any) -> int:
    """The first position at which two texts differ, block by block and then by halves."""
    start, size = 0, BLOCK
    shortest = min(base.__len__(before), base.__len__(after))
    while size:
        cut = slice(start, start + size)
        if start + size <= shortest and base.__getitem__(before, cut) == base.__getitem__(after, cut):
            start += size
        elif size > shortest - start > 0:
            size = shortest - start if size == BLOCK else size // 2
        else:
            size //= 2
    return start
