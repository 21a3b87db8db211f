"""JSON both ways. The schema number grows when a reader of the old form would misread the new one."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from jupyter_perf.model.comparison import Comparison
from jupyter_perf.model.report import Report
from jupyter_perf.model.run import Run
from jupyter_perf.model.table import Column, Encoded, Table

SCHEMA = 1

Noun = TypeVar("Noun", Run, Report, Comparison)

_AS_THEY_ARE = {str, int, bool, types.NoneType}


def to_json(noun: Run | Report | Comparison) -> dict[str, Any]:
    """The noun as plain JSON values; `schema` and `kind` say how to read it back."""
    return {"schema": SCHEMA, "kind": type(noun).__name__.lower(), **_plain(noun)}


def to_json_text(noun: Run | Report | Comparison) -> str:
    """`to_json` as text."""
    return json.dumps(to_json(noun), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(value: Mapping[str, Any] | str, kind: type[Noun]) -> Noun:
    """A Run, Report or Comparison from what `to_json` made.

    Raises ValueError, in one sentence, where the value is not of this kind, damaged, or of a newer schema.
    """
    data = _parsed(value) if isinstance(value, str) else dict(value)
    if not isinstance(data, dict) or data.get("kind") != kind.__name__.lower():
        raise ValueError(f"this is not a {kind.__name__} saved by jupyter_perf")
    schema = data.get("schema")
    if type(schema) is not int or schema < 1:
        raise ValueError(f"this {kind.__name__} is damaged: it has no schema number")
    if schema > SCHEMA:
        raise ValueError(
            f"this {kind.__name__} has schema {schema}, and this version of jupyter_perf "
            f"reads up to {SCHEMA}: upgrade jupyter_perf to read it"
        )
    try:
        return typing.cast(Noun, _build(data, kind))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this {kind.__name__} is damaged: {error}") from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Table):
        return {name: _plain_column(column) for name, column in value.columns.items()}
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Encoded)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _plain_column(column: Column) -> list[Any]:
    """As `_plain` makes it, in one look at the types where all values are numbers and texts."""
    values = list(column)
    kinds = set(map(type, values))
    if kinds <= _AS_THEY_ARE or (kinds <= {*_AS_THEY_ARE, float} and _are_finite(values)):
        return values
    return [_plain(value) for value in values]


def _are_finite(values: list[Any]) -> bool:
    return all(math.isfinite(value) for value in values if type(value) is float)


def _build(data: Any, kind: Any) -> Any:
    if kind is Table:
        return _table(data)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _build(data[name], hints[name]) for name in hints if name in data})
    return _build_generic(data, kind)


def _build_generic(data: Any, kind: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        kind = next(item for item in arguments if item is not types.NoneType)
        return None if data is None else _build(data, kind)
    if origin is tuple:
        return tuple(_build(item, arguments[0]) for item in data)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _build(item, arguments[1]) for key, item in data.items()}
    return data


def _table(data: Any) -> Table:
    table = Table({name: _column(column) for name, column in data.items()})
    if any(len(column) != len(table) for column in table.columns.values()):
        raise TypeError("the columns of a table differ in length")
    return table


def _column(column: list[Any]) -> list[Any]:
    return [tuple(item) if isinstance(item, list) else item for item in column]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
