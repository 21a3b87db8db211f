"""SQL texts reduced to what makes them the same statement.

Literals and parameters become `?`, white space one blank, comments nothing, and what is not quoted lower
case. Names stay apart, so that `shard_01` and `shard_02` are two statements, and so does a list of one
value, `in (?)`, from a list of several, `in (?, ...)`. Further rows of a VALUES list become `...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LITERAL = r"""(?:
    [xXbBnN]?'(?:[^']++|'')*+(?:'|\Z)
    |[eE]'(?:[^'\\]++|''|\\.)*+(?:'|\Z)
    |\.?\d[\w.]*+(?:(?<=[eE])[+-]\d+)?
    |%s|%\(\w+\)s|\?\d*|\$\d+
    |(?<![:\w])[:@$](?!\d)\w++(?!\$)
)"""

# What stands in a list of values: also with a sign, and the words that are values there.
_ITEM = rf"(?:[-+]?{_LITERAL}|(?i:null|true|false|default)\b)"
_ITEMS = rf"{_ITEM}(?:\s*+,\s*+{_ITEM})*+"

# Every alternative is decided by its first characters and keeps what it has begun (to the end of the
# text if need be), so that the time is proportional to the length of the text.
_TOKEN = re.compile(
    rf"""(?P<blank>(?:\s++|--[^\n]*+|/\*.*?(?:\*/|\Z))+)
    |(?P<rows>\((?P<first>{_ITEMS})\)(?:\s*+,\s*+\({_ITEMS}\)){{5,}}+)
    |(?P<list>{_ITEM}(?:\s*+,\s*+{_ITEM}){{20,}}+)
    |(?P<literal>{_LITERAL}|\$(?P<tag>\w*+)\$.*?(?:\$(?P=tag)\$|\Z))
    |(?P<quoted>"[^"]*+(?:"|\Z)|`[^`]*+(?:`|\Z))
    |(?P<word>[^\W\d][\w$]*+)
    |(?P<sign>\.\.\.|::|<=|>=|<>|!=|\|\||->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)

_ONE_ITEM = re.compile(_ITEM, re.VERBOSE | re.DOTALL)

_TIGHT_BEFORE = frozenset({",", ")", ";", ".", "::", "]", "["})
_TIGHT_AFTER = frozenset({"(", ".", "::", "["})
_SPACED = (
    "in values and or not as on using where when then else select from join over union all any some "
    "exists between like having returning except intersect limit with materialized by set case "
    "distinct "
)
_BEFORE_PARENTHESIS = frozenset(_SPACED.split())
_SIGNED = "( , = < > <= >= <> != + - * / % || is offset"
_BEFORE_SIGNED = _BEFORE_PARENTHESIS | frozenset(_SIGNED.split())
_VALUES = frozenset({"null", "true", "false", "default"})
_BEFORE_VALUE = frozenset({"(", ",", "="})
_VERBS = frozenset({"select", "insert", "update", "delete", "merge", "replace", "values"})


def fingerprint(sql: str) -> str:
    """The text that all executions of one statement share, whatever their values and layout."""
    return _joined(_Reduction().of(sql))


def operation(sql: str) -> str:
    """`SELECT`, `INSERT`, ...: the verb of the statement, behind comments and WITH; empty where none is."""
    depth, is_with = 0, False
    for kind, text in _tokens(sql):
        if kind == "sign":
            depth += (text == "(") - (text == ")")
        elif kind == "word":
            if not is_with and text != "with":
                return text.upper()
            if is_with and depth == 0 and text in _VERBS:
                return text.upper()
            is_with = True
    return "WITH" if is_with else ""


def _tokens(sql: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(sql):
        kind = found.lastgroup
        if kind == "blank":
            continue
        if kind == "word":
            yield "word", found.group().lower()
        elif kind in ("literal", "tag"):
            yield "literal", "?"
        elif kind in ("rows", "first"):
            yield "rows", found.group("first")
        else:
            yield str(kind), found.group()


class _Reduction:
    """Tokens of one text as they are collected.

    `_open` has, for each parenthesis not yet closed, its place in `_texts` and whether it holds nothing
    but literals so far. `_row` is the last such parenthesis that was closed, by the places of its
    beginning and end, and the place up to which it stands for further ones.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._open: list[tuple[int, bool]] = []
        self._row = (0, 0, -1)

    def of(self, sql: str) -> list[str]:
        """The tokens of the fingerprint."""
        texts = self._texts
        for kind, text in _tokens(sql):
            if kind == "literal" or (text in _VALUES and texts and texts[-1] in _BEFORE_VALUE):
                self._drop_sign()
                texts.append("?")
            elif kind == "list":
                self._drop_sign()
                texts += ["?", ",", "..."]
            elif kind == "rows":
                self._add_rows(text)
            elif text == "(":
                self._open.append((len(texts), True))
                texts.append(text)
            elif text == ")":
                texts.append(text)
                self._close()
            else:
                if text not in (",", "+", "-"):
                    self._mark_open()
                texts.append(text)
        while texts and texts[-1] == ";":
            texts.pop()
        return texts

    def _mark_open(self) -> None:
        if self._open and self._open[-1][1]:
            self._open[-1] = (self._open[-1][0], False)

    def _drop_sign(self) -> None:
        """A sign belongs to the number behind it where nothing stands before that it could join."""
        texts = self._texts
        if texts and texts[-1] in ("+", "-") and (len(texts) == 1 or texts[-2] in _BEFORE_SIGNED):
            texts.pop()

    def _add_rows(self, first: str) -> None:
        """Many rows of literals at once, of which the first shows how many values each has."""
        texts, start = self._texts, len(self._texts)
        values = len(_ONE_ITEM.findall(first))
        texts += ["(", "?", *([",", "?"] * (values - 1)), ")", ",", "..."]
        self._row = (start, len(texts) - 2, len(texts))

    def _close(self) -> None:
        if not self._open:
            return
        texts = self._texts
        start, only_literals = self._open.pop()
        before = texts[start - 1] if start else ""
        if not only_literals:
            self._mark_open()
        elif before == "in" and "," in texts[start : start + 3]:
            texts[start:] = ["(", "?", ",", "...", ")"]
        elif before == "," and self._row[2] == start - 1:
            self._repeat_row(start)
        else:
            self._row = (start, len(texts), len(texts))

    def _repeat_row(self, start: int) -> None:
        """Replace a further row of literals, of the same length, by dots that stand for all of them."""
        texts, (row_start, row_end, _) = self._texts, self._row
        if texts[row_start:row_end] != texts[start:]:
            self._row = (start, len(texts), len(texts))
            return
        del texts[start - 1 :]
        if texts[-1] != "...":
            texts += [",", "..."]
        self._row = (row_start, row_end, len(texts))


def _joined(texts: list[str]) -> str:
    parts: list[str] = []
    before = ""
    for text in texts:
        tight = not parts or text in _TIGHT_BEFORE or before in _TIGHT_AFTER
        if text == "(" and (before[-1:].isalnum() or before[-1:] in ('"', "`", "_")):
            tight = before not in _BEFORE_PARENTHESIS
        parts.append(text if tight else f" {text}")
        before = text
    return "".join(parts)
