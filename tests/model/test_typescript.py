import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_perf.model import COLUMNS, Table, to_json, typescript
from tests.model import examples

SOURCE = typescript.source()


def interface(name):
    """The fields of an interface of the generated text, name to type."""
    start = SOURCE.index("{", SOURCE.index(f"export interface {name} ")) + 1
    body = SOURCE[start : SOURCE.index("}", start)]
    return dict(line.strip().rstrip(";").split(": ", 1) for line in body.strip().splitlines())


def test_the_file_in_the_panel_is_the_one_that_the_model_gives():
    path = typescript.DEFAULT_PATH
    current = path.read_text(encoding="utf-8") if path.exists() else ""
    assert current == SOURCE, f"{path.name} is out of date; repair it with: {typescript.COMMAND}"


@pytest.mark.parametrize("noun", typescript.NOUNS, ids=lambda noun: noun.__name__)
def test_a_noun_has_the_fields_of_its_json(noun):
    data = to_json(examples.report())
    finding = data["findings"][0]
    saved = {
        "Run": data["run"],
        "Report": {key: data[key] for key in data if key not in ("schema", "kind")},
        "Finding": finding,
        "Fix": finding["fix"],
        "Proof": finding["fix"]["proof"],
        "Comparison": data["comparisons"][0],
        "Previous": data["previous"],
    }[noun.__name__]
    assert list(interface(noun.__name__)) == list(saved)


def test_what_may_be_missing_may_be_null_and_nothing_else():
    finding = interface("Finding")
    assert finding["rule"] == "string" and finding["line"] == "number | null"
    assert finding["severity"] == "Severity" and finding["fix"] == "Fix | null"
    assert finding["evidence"] == "string[]"
    assert interface("Run")["environment"] == "Record<string, string>"


def test_literals_are_unions():
    assert "export type FixKind = 'code' | 'sql' | 'index';" in SOURCE
    assert "'no difference shown' | 'inconclusive'" in SOURCE


@pytest.mark.parametrize("name", COLUMNS)
def test_each_frame_is_an_interface_of_columns(name):
    type_name = interface("Tables")[name]
    assert list(interface(type_name)) == list(COLUMNS[name])


def test_columns_are_arrays_whose_items_may_be_missing():
    queries = interface("QueriesTable")
    assert queries["sql"] == "(string | null)[]" and queries["rows"] == "(number | null)[]"
    assert interface("StacksTable")["stack"] == "(string[] | null)[]"


def test_docstrings_become_comments():
    assert "/** The same cell's run before this one;" in SOURCE
    assert " * `ratio` is time before ÷ time after" in SOURCE


@pytest.mark.parametrize("kind", [complex, set[int], dict, Table, tuple[int, str]], ids=str)
def test_a_type_without_a_form_is_refused(kind):
    with pytest.raises(TypeError, match="no form in TypeScript"):
        typescript.type_of(kind)


def test_the_command_writes_where_it_is_told(tmp_path):
    path = tmp_path / "model.ts"
    subprocess.run([sys.executable, "-m", "jupyter_perf.model.typescript", str(path)], check=True)
    assert path.read_text(encoding="utf-8") == SOURCE


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert typescript.main([str(tmp_path / "missing" / "model.ts")]) == 1
    assert f"there is no folder {tmp_path / 'missing'}" in capsys.readouterr().err
    assert typescript.main(["one", "two"]) == 2
    assert typescript.main(["--help"]) == 2
    assert typescript.COMMAND in capsys.readouterr().err


def test_the_default_is_in_the_panels_sources():
    assert Path("labextension/src/model.ts") == typescript.DEFAULT_PATH.relative_to(Path(__file__).parents[2])
