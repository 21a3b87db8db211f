"""Rules of the house that no linter has: no blanket exemption, nothing unfinished, no place named."""

import re
import sys
import tokenize
from functools import cache
from pathlib import Path

from tests.house.source_files import ROOT, python_files, shown

FILES = python_files("jupyter_perf", "tests", "benchmarks")
UNFINISHED = ("TODO", "FIXME", "XXX", "HACK", "NotImplementedError")
BLANKET = {
    re.compile(r"#\s*type:\s*ignore(?!\[)"): "name the error: `type: ignore[code]`",
    re.compile(r"#\s*noqa(?!:\s*[A-Z]+\d)", re.IGNORECASE): "name the rule: `noqa: CODE`",
    re.compile(r"#\s*(ruff|flake8):\s*noqa|#\s*mypy:\s*ignore-errors"): "a whole file is not exempt",
}
# What a file that resolves packages must not fix: it would bind everybody to one machine's registry.
REGISTRY = re.compile(r"index-url|find-links|--registry|^\s*registry\s*=|\"resolved\"\s*:", re.MULTILINE)
TEXT_ENDINGS = {".py", ".ts", ".tsx", ".md", ".toml", ".json", ".ipynb", ".css", ".html", ".js", ".svg", ""}
FOLDERS = ("jupyter_perf", "tests", "benchmarks", "notebooks", "labextension", ".ci")


@cache
def tokens(path):
    with tokenize.open(path) as file:
        return list(tokenize.generate_tokens(file.readline))


def text_files():
    inside = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    at_the_top = (path for path in ROOT.iterdir() if path.is_file())
    generated = {"__pycache__", "node_modules", ".ipynb_checkpoints"}
    return [
        path
        for path in (*at_the_top, *inside)
        if path.suffix in TEXT_ENDINGS and path.name != ".git" and not generated & set(path.parts)
    ]


def test_no_check_is_switched_off_wholesale():
    wrong = [
        f"{shown(path)}:{token.start[0]} {advice}"
        for path in FILES
        for token in tokens(path)
        for pattern, advice in BLANKET.items()
        if token.type == tokenize.COMMENT and pattern.search(token.string)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_unfinished():
    wrong = [
        f"{shown(path)}:{token.start[0]} {word}"
        for path in FILES
        for token in tokens(path)
        for word in UNFINISHED
        if token.type in (tokenize.COMMENT, tokenize.NAME) and re.search(rf"\b{word}\b", token.string)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_names_a_registry():
    names = {"pyproject.toml", ".npmrc", "package.json", "package-lock.json", "pip.conf"}
    files = [path for path in text_files() if path.name in names or path.parent.name == ".ci"]
    assert ROOT / "pyproject.toml" in files
    wrong = [shown(path) for path in files if REGISTRY.search(path.read_text(encoding="utf-8"))]
    assert not wrong, f"bound to one registry: {wrong}"


def test_no_file_names_a_place_of_this_machine():
    places = {str(ROOT), sys.prefix, str(Path.home())}
    patterns = [f"{place}/" for place in places if len(Path(place).parts) > 1]
    wrong = [
        f"{shown(path)} names {pattern}"
        for path in text_files()
        for pattern in patterns
        if pattern in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_top_of_the_repository_has_nothing_but_what_belongs_there():
    allowed = {
        *("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "hatch_build.py", "install.json"),
        *("jupyter_perf", "notebooks", "tests", "labextension", "benchmarks"),
        *("build", "dist", "test-results"),  # made by tools, and not kept in git
    }
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found <= allowed, f"does not belong at the top: {sorted(found - allowed)}"
