"""TypeScript types of the nouns, so that the panel reads what Python writes.

    python -m jupyter_perf.model.typescript [PATH]

writes `labextension/src/model.ts`, or PATH. The dataclasses of the model and its COLUMNS are the one
source; names stay in snake_case on both sides.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from jupyter_perf import model
from jupyter_perf.model import COLUMNS, COMPARISON_COLUMNS, SCHEMA, Comparison, Run, Table

COMMAND = "python -m jupyter_perf.model.typescript"
DEFAULT_PATH = Path(__file__).parents[2] / "labextension" / "src" / "model.ts"

# The nouns in the order in which they build on one another.
NOUNS: tuple[type, ...] = (
    model.Comparison,
    model.Proof,
    model.Fix,
    model.Finding,
    model.Previous,
    model.Run,
    model.Report,
)

# TypeScript has a `Partial` of its own.
_RENAMED = {"Partial": "PartialReason"}
_SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown"}
# A cell of an "object" column is a list of texts: the frames of a stack, outermost first.
_CELLS = {
    "string": "string",
    "Int64": "number",
    "Float64": "number",
    "boolean": "boolean",
    "object": "string[]",
}


def source() -> str:
    """The text of `model.ts`."""
    parts = [
        f"// Generated from jupyter_perf/model by `{COMMAND}`: change it there.",
        _constant(),
        *(f"export type {name} = {_union(kind)};" for name, kind in _literals().items()),
        *(_table_interface(name, columns, Run) for name, columns in COLUMNS.items()),
        *(_table_interface(name, columns, Comparison) for name, columns in _kept_by_comparisons().items()),
        _tables_interface("Tables", "The tables that a run can have, by name.", COLUMNS),
        _tables_interface(
            "ComparisonTables", "The tables that a comparison can have, by name.", _kept_by_comparisons()
        ),
        _recorded(),
        *(_noun_interface(noun) for noun in NOUNS),
        *(_saved_interface(noun) for noun in (model.Run, model.Report, model.Comparison)),
    ]
    return "\n\n".join(parts) + "\n"


def type_of(kind: Any, tables: str = "Tables") -> str:
    """The TypeScript type of the JSON that a field of this Python type becomes.

    `tables` names the interface of the tables that the field's noun can have. Raises TypeError where the
    type has no form in JSON.
    """
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is types.NoneType:
        return "null"
    if isinstance(kind, type) and kind in NOUNS:
        return kind.__name__
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        named = (name for name, literal in _literals().items() if literal == kind)
        return next(named, _union(kind))
    if origin in (types.UnionType, typing.Union):
        return " | ".join(type_of(argument) for argument in arguments)
    if origin is tuple and arguments[1:] == (...,):
        return _array(type_of(arguments[0]))
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return f"Recorded<{tables}>" if arguments[1] is Table else f"Record<string, {type_of(arguments[1])}>"
    raise TypeError(f"a field of type {kind} has no form in TypeScript yet")


def write(path: Path) -> None:
    """Write `model.ts`. Raises FileNotFoundError where the folder is not there."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    path.write_text(source(), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """The command line: an optional path. Returns the exit status."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write(f"usage: {COMMAND} [PATH]\n")
        return 2
    try:
        write(Path(arguments[0]) if arguments else DEFAULT_PATH)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _constant() -> str:
    doc = "The schema number of the JSON that these types describe; a larger one is not to be read."
    return f"{_comment(doc)}export const SCHEMA = {SCHEMA};"


def _literals() -> dict[str, Any]:
    return {
        _RENAMED.get(name, name): value
        for name, value in vars(model).items()
        if typing.get_origin(value) is Literal
    }


def _union(literal: Any) -> str:
    return " | ".join(f"'{value}'" for value in typing.get_args(literal))


def _array(item: str) -> str:
    return f"({item})[]" if " " in item else f"{item}[]"


def _noun_interface(noun: type) -> str:
    hints = typing.get_type_hints(noun)
    tables = "ComparisonTables" if noun is Comparison else "Tables"
    fields = (f"{field.name}: {type_of(hints[field.name], tables)};" for field in dataclasses.fields(noun))
    return _interface(noun.__name__, inspect.getdoc(noun), fields)


def _saved_interface(noun: type) -> str:
    doc = f"A {noun.__name__} as it is saved and sent."
    fields = ("schema: number;", f"kind: '{noun.__name__.lower()}';")
    return _interface(f"Saved{noun.__name__} extends {noun.__name__}", doc, fields)


def _table_interface(name: str, columns: Mapping[str, str], owner: type) -> str:
    fields = (f"{column}: {_array(f'{_CELLS[dtype]} | null')};" for column, dtype in columns.items())
    return _interface(_table_name(name), inspect.getdoc(getattr(owner, name)), fields)


def _kept_by_comparisons() -> dict[str, dict[str, str]]:
    """The frames of a comparison that it keeps as tables; its samples are fields of their own."""
    return {name: columns for name, columns in COMPARISON_COLUMNS.items() if name != "samples"}


def _tables_interface(name: str, doc: str, tables: Iterable[str]) -> str:
    return _interface(name, doc, (f"{table}: {_table_name(table)};" for table in tables))


def _recorded() -> str:
    doc = "The tables that were recorded. A table or a column that was not measured is not there."
    return (
        f"{_comment(doc)}export type Recorded<All> = {{\n"
        "  [Name in keyof All]?: { [Column in keyof All[Name]]?: All[Name][Column] };\n"
        "};"
    )


def _table_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_")) + "Table"


def _interface(name: str, doc: str | None, fields: Iterable[str]) -> str:
    body = "".join(f"  {field}\n" for field in fields)
    return f"{_comment(doc)}export interface {name} {{\n{body}}}"


def _comment(doc: str | None) -> str:
    if not doc:
        return ""
    lines = doc.replace("*/", "* /").splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
