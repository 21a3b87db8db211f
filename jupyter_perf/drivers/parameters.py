"""Parameters of statements in a form that keeps nothing of the user's: types, a hash, or a short text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

Masked = tuple[object, ...]
"""Types in order; names before them where they have names; a last number where some are left out."""

MANY: Masked = ("many",)
"""The parameters of `executemany`."""

MOST_TYPES = 16
_LONGEST_VALUES = 200
_PLAIN = (int, float, str, bytes, bool, type(None))

# Names of fields, and clauses of SQL, that carry a password or a key.
_SECRET_NAME = r"(?i)passw|pwd|secret|token|api_?key|credential"
_SECRET_TEXT = r"""(?ix)
    (?P<before>\b(?:password|passwd|identified\s+by|(?:re)?key|secret)\b\s*(?:=|:=|to)?\s*)
    (?:'(?:[^']|'')*'|"(?:[^"]|"")*")"""
_SECRET_OPTION = r"(?i)(?P<before>[?&;](?:passw\w*|pwd|secret\w*|token|key)=)[^&;]*"

_LITERAL = r"""(?sx)
    (?P<kept>"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|[A-Za-z_\x80-\uffff][\w$]*)
    |[xXbBnNeE]?'(?:[^']|'')*'
    |\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?"""


# Where there are neither comments nor quoted names, the literals alone can be searched for, which is
# several times faster.
_MARKS = ("--", "/*", '"', "`", "[")
_PLAIN_LITERAL = r"[xX]?'(?:[^']|'')*'|(?<![\w$])\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when it is first used: `%load_ext` and a cell without statements do not wait for it."""
    return re.compile(pattern)


def hashed(parameters: Any, many: bool) -> tuple[Masked, int]:
    """The types of the values, and a hash that is the same for equal values within this process.

    The hash of values that cannot be hashed, or that are not in a tuple, list or dictionary, is 0.
    """
    kind = parameters.__class__
    if many:
        return MANY, 0
    if kind is tuple:
        types = tuple(map(type, parameters)) if len(parameters) <= MOST_TYPES else _first_types(parameters)
        return types, hash_of(parameters)
    if parameters is None:
        return (), 0
    if kind is list:
        return hashed(tuple(parameters), many)
    if kind is dict:
        types, value = hashed(tuple(parameters.values()), many)
        return (*map(str, islice(parameters, MOST_TYPES)), *types), value
    return (kind,), 0


def _first_types(values: tuple[Any, ...]) -> Masked:
    return (*map(type, values[:MOST_TYPES]), len(values))


def hash_of(values: tuple[Any, ...]) -> int:
    """A hash of the values; those that cannot be hashed all count as one, but for plain bytes."""
    try:
        return hash(values)
    except Exception:
        parts = []
    for value in values:
        try:
            parts.append(hash(value))
        except Exception:
            parts.append(hash(bytes(value)) if type(value) in (bytearray, memoryview) else 0)
    return hash(tuple(parts))


def shown_types(masked: Masked) -> str | None:
    """`(int, str)`, or `{id: int}` for named ones; None where there are no parameters."""
    if not masked:
        return None
    if masked is MANY or masked == MANY:
        return "(many)"
    names = [item for item in masked if isinstance(item, str)]
    types = [item.__name__ for item in masked if isinstance(item, type)]
    more = [f"... {item} in all" for item in masked if isinstance(item, int)]
    if names:
        return "{" + ", ".join([*(f"{n}: {t}" for n, t in zip(names, types, strict=False)), *more]) + "}"
    return "(" + ", ".join([*types, *more]) + ")"


def shown_values(parameters: Any, many: bool) -> str:
    """The values as a short text; a value of an unusual type is shown by its type, a secret not at all."""
    if parameters is None:
        return ""
    if many:
        return f"(many: {len(parameters)})" if hasattr(parameters, "__len__") else "(many)"
    if isinstance(parameters, Mapping):
        items = [f"{name}: {_shown(value, str(name))}" for name, value in islice(parameters.items(), 50)]
        return _shortened("{" + ", ".join(items) + "}")
    if isinstance(parameters, (tuple, list)):
        return _shortened("(" + ", ".join(_shown(value) for value in parameters[:50]) + ")")
    return f"<{type(parameters).__name__}>"


def _shown(value: Any, name: str = "") -> str:
    if _compiled(_SECRET_NAME).search(name):
        return "***"
    if type(value) in _PLAIN:
        return repr(value[:_LONGEST_VALUES] if isinstance(value, (str, bytes)) else value)
    if type(value).__module__ in ("datetime", "decimal", "uuid"):
        return repr(str(value))
    return f"<{type(value).__name__}>"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUES else text[:_LONGEST_VALUES] + "..."


def without_secrets(text: str) -> str:
    """The text of SQL, of a URL or of an error with passwords replaced by `***`."""
    hidden = _compiled(_SECRET_TEXT).sub(r"\g<before>'***'", text)
    return _compiled(_SECRET_OPTION).sub(r"\g<before>***", hidden)


def without_literals(sql: str) -> str:
    """The SQL with a question mark for every string and number outside names and comments."""
    if any(mark in sql for mark in _MARKS):
        return _compiled(_LITERAL).sub(lambda found: found.group("kept") or "?", sql)
    return _compiled(_PLAIN_LITERAL).sub("?", sql)
