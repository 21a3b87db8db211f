"""What every kind of value has in common: how two are compared, and how one is digested.

A kind never walks into its parts. It yields them, and the walk keeps them on a stack of its own, so that a
value nested ten thousand deep is compared like any other, and a circle is seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from jupyter_perf.equality.wording import full_name, type_name

MODES = ("exact", "unordered", "close", "off")
# Relative and absolute tolerance of `close`. 1e-9 is that of math.isclose (PEP 485); sums of a million
# doubles taken in another order stay within it. Single precision carries 7 digits, half precision 3: there
# it is the 1e-5 of numpy.isclose, and 1e-2. The absolute one lets zero and what cancellation left of it be
# the same (numpy.isclose has 1e-8, which would hide differences of small quantities).
RELATIVE = {8: 1e-9, 4: 1e-5, 2: 1e-2}
ABSOLUTE = 1e-12


class IncomparableError(Exception):
    """Whether two values are the same cannot be told; the message says why, and what to do."""


class Pair(NamedTuple):
    """A part of both values, to be compared, and where it is: "item 3", "row 17, column `delay`"."""

    where: str
    before: Any
    after: Any


class Difference(NamedTuple):
    """A difference found: where, and what it is: "3.0 and 3"."""

    where: str
    text: str


class Item(NamedTuple):
    """A part of a value's content that has its place."""

    value: Any


class Member(NamedTuple):
    """A part of a value's content that has no place among the others, as in a set."""

    value: Any


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as the same: `mode` is "exact", "unordered" or "close"."""

    mode: str

    @property
    def close(self) -> bool:
        """Whether numbers may differ within the tolerance, and in type."""
        return self.mode == "close"

    @property
    def any_order(self) -> bool:
        """Whether the outermost collection may stand in any order."""
        return self.mode == "unordered"


@dataclass(slots=True)
class Reading:
    """One reading of a value's content, and what it may still read.

    `for_matching`: values that are the same must give the same content, and it may be coarse. Otherwise the
    content of one and the same value is read twice, and what was assigned to it since must show.
    `sampled` says that a part was too large to be read whole.
    """

    for_matching: bool
    items: int
    bytes_left: int
    sampled: bool = False


class Kind(ABC):
    """A kind of value: one file each, or a few that belong together.

    `types` are public names such as "pandas.DataFrame". They are looked up among the modules that are
    loaded, never imported. The kind whose type stands nearest in a value's method resolution order has it.
    `refusal` says why values of the kind cannot be compared at all, and what to do instead.
    `read_once`: even one and the same object is not known to be the same to both parts.
    `is_scalar`: short enough to be shown where the other value is of another kind.
    `has_content`: whether a change of a value in place can be seen.
    """

    types: ClassVar[tuple[str, ...]] = ()
    refusal: ClassVar[str | None] = None
    read_once: ClassVar[bool] = False
    is_scalar: ClassVar[bool] = False
    has_content: ClassVar[bool] = True

    def covers(self, ancestor: type) -> bool:
        """Whether a class without a name in `types` is of this kind by what it defines itself."""
        return False

    def type_difference(self, before: Any, after: Any, rules: Rules) -> str | None:
        """The difference in type, in words; None where the types count as the same."""
        if rules.close or same_type(before, after):
            return None
        return types_differ(before, after)

    @abstractmethod
    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """The parts to compare, in order; a Difference ends it."""

    @abstractmethod
    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """What the value consists of."""

    def plain(self, value: Any) -> tuple[Any, ...] | None:
        """Built-in values that say all of this one, where there are any; None otherwise."""
        return None


class Refused(Kind):
    """A kind that cannot be compared: its subclasses say why, and what to do."""

    has_content = False

    def compare(self, before: Any, after: Any, rules: Rules) -> Iterator[Pair | Difference]:
        """Never reached: the walk asks for `refusal` first."""
        raise IncomparableError(self.refusal)

    def content(self, value: Any, reading: Reading) -> Iterator[bytes | Item | Member]:
        """Which object it is, no more."""
        yield from identity(value, reading)


def same_type(before: Any, after: Any) -> bool:
    """Whether two values have one type, or types of one name.

    Both parts may define the same class anew, and pandas' `itertuples` makes one at each call.
    """
    first, second = type(before), type(after)
    return first is second or full_name(first) == full_name(second)


def types_differ(before: Any, after: Any) -> str:
    """The difference in type, in words."""
    first, second = type_name(type(before)), type_name(type(after))
    if first == second:
        first, second = full_name(type(before)), full_name(type(after))
    return f"a value of type {first} and one of type {second}"


def identity(value: Any, reading: Reading) -> Iterator[bytes]:
    """The type; and, where the same object is read twice, which object it is."""
    yield full_name(type(value)).encode(errors="replace")
    if not reading.for_matching:
        yield id(value).to_bytes(8, "little")


def sample(length: int, most: int) -> range:
    """So many positions at most, evenly spaced over a length."""
    return range(0, length, max(1, -(-length // most)))
