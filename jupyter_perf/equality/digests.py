"""The content of a value as a few bytes: to see that an input was changed, and to match without order.

A digest is bounded in time, to well under a second mostly. Arrays are read whole up to 100 MB in all; of
more, a megabyte each in blocks evenly spaced. Of Python objects 50,000 are read; a longer list is sampled
evenly. What is not read may change unseen: `Fingerprint.sampled` says that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from jupyter_perf.equality.base import Item, Member, Reading
from jupyter_perf.equality.kinds import Kinds

BYTES = 100_000_000
ITEMS = 50_000
# Digests for matching say only which items may be the same: coarse, the same for what is the same. They go
# no deeper than this; a circle has none of its own then.
MATCHING_BYTES = 1_000_000
MATCHING_ITEMS = 100
MATCHING_DEPTH = 4
SIZE = 16
# Characters of a text that is read at once.
SHORT = 1000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The content of a value at one time. Compared with == to one of the same object at another time.

    `sampled`: the value was too large to be read whole, and a small change may go unseen.
    """

    digest: bytes
    sampled: bool = False


def fingerprint(value: Any) -> Fingerprint | None:
    """The content of a value, to be compared with that of the same object later.

    None where a change cannot be told: arbitrary objects, open connections, iterators, functions. Within a
    container these count as the objects they are.
    """
    try:
        kinds = Kinds()
        if not kinds.of(value).has_content:
            return None
        reading = Reading(for_matching=False, items=ITEMS, bytes_left=BYTES)
        return Fingerprint(_Digest(kinds, reading, None).of(value), reading.sampled)
    except Exception:  # an odd object: then it cannot be told
        return None


def matching_digest(value: Any, kinds: Kinds) -> bytes:
    """A digest that values which are exactly the same share, though not they alone."""
    reading = Reading(for_matching=True, items=MATCHING_ITEMS, bytes_left=MATCHING_BYTES)
    try:
        return _Digest(kinds, reading, MATCHING_DEPTH).of(value)
    except Exception:  # an odd object: matched with every other
        return b""


def _brief(value: Any) -> bytes | None:
    """What the kind of a short built-in value gives as its content, without the kind."""
    cls = type(value)
    brief: bytes | None = b"None" if value is None else None
    if cls is str and len(value) <= SHORT:
        brief = b"builtins.str" + value.encode(errors="surrogatepass")
    elif cls is int:
        brief = b"int64" + value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    elif cls is float and value == value:
        brief = b"float64" + str(hash(value)).encode()
    return brief


class _Node:
    """A value half read."""

    __slots__ = ("hasher", "is_member", "key", "members", "parts")

    def __init__(self, key: int, parts: Iterator[bytes | Item | Member], is_member: bool) -> None:
        self.key = key
        self.parts = parts
        self.is_member = is_member
        self.hasher = blake2b(digest_size=SIZE)
        self.members = 0

    def take(self, digest: bytes, is_member: bool) -> None:
        if is_member:
            self.members += int.from_bytes(digest, "little")
        else:
            self.hasher.update(digest)

    def digest(self) -> bytes:
        if self.members:
            self.hasher.update((self.members % (1 << 8 * SIZE)).to_bytes(SIZE, "little"))
        return self.hasher.digest()


class _Digest:
    def __init__(self, kinds: Kinds, reading: Reading, depth: int | None) -> None:
        self._kinds = kinds
        self._reading = reading
        self._depth = depth
        self._left = ITEMS

    def of(self, value: Any) -> bytes:
        """The digest of a value, its parts read on a stack of our own."""
        root = _Node(0, iter([Item(value)]), False)
        stack, open_ = [root], {0}
        while True:
            node = stack[-1]
            part = next(node.parts, None)
            if part is None:
                if node is root:
                    return root.digest()
                stack.pop()
                open_.discard(node.key)
                stack[-1].take(node.digest(), node.is_member)
            elif isinstance(part, bytes):
                node.hasher.update(len(part).to_bytes(8, "little"))
                node.hasher.update(part)
            else:
                self._descend(part, stack, open_)

    def _descend(self, part: Item | Member, stack: list[_Node], open_: set[int]) -> None:
        value, is_member = part.value, isinstance(part, Member)
        key = id(value)
        brief = _brief(value)
        if brief is not None and self._left > 0:
            self._left -= 1
            content = len(brief).to_bytes(8, "little") + brief
            stack[-1].take(blake2b(content, digest_size=SIZE).digest(), is_member)
        elif self._depth is not None and len(stack) > self._depth:
            stack[-1].take(b"deep", is_member)
        elif key in open_ and self._depth is None:
            stack[-1].take(b"again", is_member)
        elif self._left <= 0:
            self._reading.sampled = True
        else:
            self._left -= 1
            open_.add(key)
            parts = self._kinds.of(value).content(value, self._reading)
            stack.append(_Node(key, parts, is_member))
