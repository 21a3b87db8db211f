"""Strings of the user's, made fit to be shown: one line, of bounded length, without control characters.

A file name, a statement or a thread's name may hold anything: a megabyte of text, escape sequences
that recolour a terminal, marks that reverse the reading direction, halves of surrogate pairs. Each
renderer escapes for its own format on top of this.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
LONGEST = 2000

# Format characters that reorder or hide text: "Trojan Source" (Boucher and Anderson, 2021).
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # spelling in Persian and Hindi, and in composed emoji
_SUSPECT = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u03ff\u2010-\u2027\u2030-\u205e]")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_NO_FILE = "~"  # what pstats writes for functions in C


def clean(text: str, limit: int = LONGEST) -> str:
    """One line of at most `limit` characters, with runs of blanks as one and odd characters escaped."""
    head = text[: limit * 2 + 200]
    line = _visible(" ".join(head.split()))
    if len(head) == len(text):
        return shorten(line, limit)
    return shorten(line, limit - 1).rstrip(ELLIPSIS) + ELLIPSIS


def clean_block(text: str, limit: int = LONGEST) -> str:
    """Several lines of code, indentation kept, with odd characters escaped; at most `limit` characters."""
    lines = [_visible(line.expandtabs(4).rstrip()) for line in text[: limit + 1].splitlines()]
    return shorten("\n".join(lines).strip("\n"), limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)].rstrip(ELLIPSIS + " ") + ELLIPSIS


def width(text: str) -> int:
    """Columns that the text takes in a terminal: wide East Asian characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def fit(text: str, columns: int) -> str:
    """The text cut to this many terminal columns, the last one an ellipsis where something was cut."""
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for character in text:
        used += _columns(character)
        if used > columns:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS


def short_file(file: str) -> str:
    """The last two parts of an absolute path; a cell's name and a library's path stay as they are."""
    return "/".join(re.split(r"[/\\]", file)[-2:]).lstrip("/") if _ABSOLUTE.match(file) else file


def place(file: str | None, line: int | None) -> str | None:
    """Where something is: `In[12]:3`, `shop/models.py:40`; None for a function in C."""
    if file is None or file == _NO_FILE:
        return None
    name = clean(short_file(file), 200)
    return name if line is None else f"{name}:{line}"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _visible(text: str) -> str:
    return _SUSPECT.sub(_escape_hidden, text)


def _escape_hidden(match: re.Match[str]) -> str:
    character = match.group()
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    return character.encode("unicode_escape").decode("ascii")
