"""What a reader sees at once stays small."""

import ast

from tests.house.source_files import python_files, shown, tree

FILE_LINES, FUNCTION_LINES = 400, 60
FILES = python_files("jupyter_perf", "tests", "benchmarks")


def test_files_are_under_400_lines():
    long = [
        f"{shown(path)} has {lines} lines: divide it by what its parts do"
        for path in FILES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= FILE_LINES
    ]
    assert not long, "\n".join(long)


def test_functions_are_under_60_lines():
    long = [
        f"{shown(path)}:{node.lineno} {node.name} has {size} lines"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (size := node.end_lineno - node.lineno + 1) >= FUNCTION_LINES
    ]
    assert not long, "\n".join(long)
