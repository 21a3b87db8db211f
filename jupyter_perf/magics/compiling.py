"""Code of the user's that a magic runs itself, compiled as IPython would compile it."""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any


def compiled(shell: Any, tree: ast.Module, name: str, *, with_value: bool) -> list[CodeType]:
    """The statements as one code object, and a last expression as another where its value is wanted.

    `tree` is what the shell's `transform_ast` gave.
    Code that awaits at its top level gives a coroutine when it is evaluated. Raises SyntaxError.
    """
    body = tree.body
    if not (with_value and body and isinstance(body[-1], ast.Expr)):
        return [compiled_module(shell, ast.Module(body, tree.type_ignores), name)] if body else []
    last = compile(ast.Expression(body[-1].value), name, "eval", flags(shell), dont_inherit=True)
    statements = ast.Module(body[:-1], tree.type_ignores)
    return [compiled_module(shell, statements, name), last] if body[:-1] else [last]


def compiled_module(shell: Any, tree: ast.Module, name: str) -> CodeType:
    """All of it as one code object. Raises SyntaxError."""
    code: CodeType = compile(tree, name, "exec", flags(shell), dont_inherit=True)
    return code


def flags(shell: Any) -> int:
    """Those of the session's `from __future__ import`, and top-level await."""
    return int(shell.compile.flags) | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
