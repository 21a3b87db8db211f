"""Who may import whom: the table of the design, held against every import, hidden ones too."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupyter_perf
from tests.house.source_files import PACKAGE, module_name, python_files, shown, tree

# Each place may import itself and what stands here. What has no line here may not exist. `context`,
# `sources` and `discovery` are base modules beside the model: what travels from the host to whoever touches
# the running program, which code is the user's, and how the members of a family are found.
MAY_IMPORT = {
    "model": "",
    "discovery": "",
    "sources": "",
    "tracebacks": "sources",
    "context": "sources",
    "fingerprint": "model",
    "changes": "model",
    "stats": "model",
    "samplers": "model",
    "drivers": "model context sources",
    "dialects": "model fingerprint",
    "recorders": "model fingerprint samplers drivers context sources discovery",
    "detectors": "model fingerprint",
    "fixes": "model fingerprint",
    "runner": "model stats",
    "equality": "model stats discovery",
    "verify": "model dialects fixes runner equality context",
    "renderers": "model discovery",
    "plots": "model",
    "store": "model discovery",
    "session": "model recorders dialects detectors fixes verify context sources discovery tracebacks",
    "comparing": "model stats changes context samplers recorders runner equality session tracebacks",
    "magics": "model fingerprint changes stats samplers drivers dialects recorders detectors fixes runner "
    "equality comparing verify renderers plots store session context sources discovery tracebacks",
    "lab": "model stats recorders detectors renderers plots store session magics context sources discovery",
    "cli": "model stats recorders detectors renderers plots store session magics context sources discovery",
    # The package itself: the public names, on first use, and what %load_ext calls.
    "jupyter_perf": "model plots comparing session store magics",
}
# What a place may import when it is itself imported, beside the standard library.
AT_IMPORT = {"plots": {"matplotlib"}}
IPYTHON = {"IPython", "ipykernel", "ipywidgets", "traitlets", "comm"}
# Libraries of the user's program, which are looked at only where that program has loaded them.
USERS = {"aiosqlite", "duckdb", "polars", "psycopg", "psycopg2", "pyarrow", "sqlalchemy"}
PACKAGE_FILES = python_files("jupyter_perf")
OUTSIDE_MAGICS = [path for path in PACKAGE_FILES if (PACKAGE / "magics") not in path.parents]


def place(module: str) -> str:
    """The line of the table that a module of ours belongs to."""
    return module.split(".")[1] if "." in module else module


def imports(path: Path, *, typing_only: bool = True) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports, anywhere in it; relative names resolved.

    `from package import name` gives `package.name`. Without `typing_only`, blocks under `if TYPE_CHECKING`
    are left out: they import nothing when the program runs.
    """
    for node in _walk(tree(path), typing_only):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(path, node)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            target = node.args[0] if node.args else None
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                yield node.lineno, target.value


def _walk(node: ast.AST, typing_only: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not typing_only and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _walk(child, typing_only)


def _base(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = [*module_name(path).split("."), *(["."] if path.name == "__init__.py" else [])]
    return ".".join([*package[: len(package) - node.level], *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rsplit(".", 1)[-1]


def own_place(name: str) -> str | None:
    """The place that an imported name belongs to; None for other packages, and for the package's version."""
    parts = name.split(".")
    if parts[0] != "jupyter_perf":
        return None
    if len(parts) == 1 or parts[1].startswith("__"):
        return None
    return jupyter_perf._HOMES.get(parts[1], parts[1])


def test_every_place_has_a_line_in_the_table():
    assert {place(module_name(path)) for path in PACKAGE_FILES} <= MAY_IMPORT.keys()


def test_imports_keep_to_the_table():
    wrong = [
        f"{shown(path)}:{line} imports {name}: {here} may import only {MAY_IMPORT[here] or 'nothing of ours'}"
        for path in PACKAGE_FILES
        for here in [place(module_name(path))]
        for line, name in imports(path)
        if (there := own_place(name)) is not None and there not in {here, *MAY_IMPORT[here].split()}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_public_names_come_from_places_that_the_package_may_import():
    assert set(jupyter_perf._HOMES.values()) <= set(MAY_IMPORT["jupyter_perf"].split())


def test_the_table_has_no_circle():
    def below(name: str, seen: tuple[str, ...]) -> None:
        assert name not in seen, " imports ".join((*seen, name))
        for lower in MAY_IMPORT[name].split():
            below(lower, (*seen, name))

    for name in MAY_IMPORT:
        below(name, ())


def test_only_magics_imports_ipython():
    wrong = [
        f"{shown(path)}:{line} imports {name}: only jupyter_perf/magics may"
        for path in OUTSIDE_MAGICS
        for line, name in imports(path, typing_only=False)
        if name.split(".")[0] in IPYTHON
    ]
    assert not wrong, "\n".join(wrong)


def test_other_packages_are_imported_inside_functions():
    wrong = [
        f"{shown(path)}:{line} imports {name} when it is itself imported: do it in the function that needs it"
        for path in OUTSIDE_MAGICS
        for line, name in imports(path, typing_only=False)
        if line not in lines_inside_functions(path)
        if (top := name.split(".")[0]) != "jupyter_perf" and top not in sys.stdlib_module_names
        if top not in AT_IMPORT.get(place(module_name(path)), ())
    ]
    assert not wrong, "\n".join(wrong)


def lines_inside_functions(path: Path) -> set[int]:
    return {
        line
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.lineno, node.end_lineno + 1)
    }


def test_no_module_has_the_name_of_a_standard_one_that_its_package_needs():
    wrong = [
        f"{shown(path)} has the name of a module that {shown(sibling)} imports: call it otherwise"
        for path in PACKAGE_FILES
        if path.stem in sys.stdlib_module_names
        for sibling in sorted(path.parent.rglob("*.py"))
        if any(name.split(".")[0] == path.stem for _, name in imports(sibling))
    ]
    assert not wrong, "\n".join(wrong)


def loaded_by(code: str) -> set[str]:
    """The packages outside the standard library that a fresh interpreter has loaded after `code`."""
    program = (
        "import sys, json; before = set(sys.modules)\n"
        f"{code}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    tops = {name.split(".")[0] for name in json.loads(answer.stdout.splitlines()[-1])}
    # The data of sysconfig are the standard library's, under a name of this platform's own.
    standard = {name for name in tops if name in sys.stdlib_module_names or name.startswith("_sysconfigdata")}
    return tops - standard - {"jupyter_perf"}


def test_importing_the_package_loads_the_standard_library_alone():
    assert loaded_by("import jupyter_perf; dir(jupyter_perf)") == set()


def test_naming_every_public_name_loads_the_standard_library_alone():
    assert loaded_by("from jupyter_perf import *") == set()


def test_loading_the_extension_loads_nothing_heavy():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.extension_manager.load_extension('jupyter_perf')\n"
        "assert 'perf' in shell.magics_manager.magics['cell']"
    )
    heavy = {"line_profiler", "matplotlib", "memory_profiler", "numpy", "pandas", "snakeviz", "sqlglot"}
    assert loaded_by(code) & (heavy | USERS) == set()


def test_recording_loads_no_library_of_the_users():
    code = "import jupyter_perf\nwith jupyter_perf.record() as recording: sum(range(1000))\nrecording.report"
    assert loaded_by(code) & (USERS | IPYTHON) == set()


def test_hidden_and_relative_imports_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.house.source_files.ROOT", tmp_path)
    path = tmp_path / "jupyter_perf" / "recorders" / "invented.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "def hidden():\n    from ..magics import load\n    import jupyter_perf.plots\n"
        "    from jupyter_perf import record\n    import_module('jupyter_perf.store')\n"
        "if TYPE_CHECKING:\n    from IPython import get_ipython\n"
    )
    found = [own_place(name) for _, name in imports(path)]
    assert found == ["magics", "plots", "session", "store", None]
    assert [name for _, name in imports(path, typing_only=False)][4:] == []
