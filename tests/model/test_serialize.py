import dataclasses
import math

import pytest

from jupyter_perf.model import SCHEMA, Report, Run, Table, from_json, to_json, to_json_text
from tests.model import examples


def rows(run):
    return {name: list(table.rows()) for name, table in run.tables.items()}


def without_tables(run):
    return dataclasses.replace(run, tables={})


@pytest.mark.parametrize("form", [to_json, to_json_text])
def test_run_comes_back_as_it_was(form):
    run = examples.run()
    back = from_json(form(run), Run)
    assert without_tables(back) == without_tables(run)
    assert rows(back) == rows(run)


@pytest.mark.parametrize("form", [to_json, to_json_text])
def test_report_comes_back_with_nested_fixes_proofs_and_comparisons(form):
    report = examples.report()
    back = from_json(form(report), Report)
    assert dataclasses.replace(back, run=None) == dataclasses.replace(report, run=None)
    assert back.findings[0].fix.proof.comparison.before_s == (0.2, 0.21)
    assert rows(back.run) == rows(report.run)


def test_a_run_with_nothing_but_its_name_comes_back():
    run = Run(run_id="r", label=None, cell_id=None, started_at=0.0, wall_s=0.0)
    assert from_json(to_json_text(run), Run) == run


def test_columns_of_few_values_are_written_out_and_missing_ones_are_null():
    queries = to_json(examples.run())["tables"]["queries"]
    assert queries["sql"] == [examples.SQL, examples.SQL, "COMMIT"]
    assert queries["rows"] == [1, 0, None]
    assert queries["error"] == [None, None, None]
    assert queries["duration_s"] == [0.01, None, 0.03]


def test_stacks_come_back_as_tuples():
    back = from_json(to_json_text(examples.run()), Run)
    assert back.tables["stacks"]["stack"][1] == ("run (a.py:1)",)


def test_what_is_no_number_becomes_null_so_that_every_reader_takes_it():
    run = dataclasses.replace(examples.run(), wait_s=math.nan, rate_hz=math.inf)
    text = to_json_text(run)
    assert "NaN" not in text and "Infinity" not in text
    back = from_json(text, Run)
    assert back.wait_s is None and back.rate_hz is None


def test_json_says_what_it_is():
    assert to_json(examples.run())["kind"] == "run"
    assert to_json(examples.report())["kind"] == "report"
    assert to_json(examples.run())["schema"] == SCHEMA


def test_writing_leaves_the_noun_alone_and_shares_nothing_with_it():
    report = examples.report()
    data = to_json(report)
    data["run"]["notes"].append("three")
    data["run"]["tables"]["queries"]["start_s"].clear()
    assert report.run.notes == ("one", "two")
    assert len(report.run.table("queries")) == 3


def test_fields_of_an_older_form_that_are_not_there_take_their_defaults():
    data = to_json(examples.run())
    del data["folded"], data["partial"]
    back = from_json(data, Run)
    assert back.folded == () and back.partial is None


def test_fields_of_a_later_minor_form_are_passed_over():
    assert from_json({**to_json(examples.run()), "colour": "red"}, Run).run_id == "r1"


def refusal(value, kind):
    with pytest.raises(ValueError) as caught:
        from_json(value, kind)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_a_newer_schema_is_refused_with_advice():
    sentence = refusal({**to_json(examples.run()), "schema": SCHEMA + 1}, Run)
    assert f"schema {SCHEMA + 1}" in sentence and "upgrade jupyter_perf" in sentence


def test_a_run_is_not_taken_for_a_report():
    assert refusal(to_json(examples.run()), Report) == "this is not a Report saved by jupyter_perf"


@pytest.mark.parametrize("text", ["[1, 2]", "null", '"text"', "{}", '{"kind": "run"}'])
def test_other_json_is_refused(text):
    assert "Run" in refusal(text, Run)


@pytest.mark.parametrize("text", ["", "{", "not json", '{"kind": "run", "schema": 1, "wall_s": 0.'])
def test_text_that_is_no_json_is_refused_in_a_sentence_of_ours(text):
    assert "Run" in refusal(text, Run)


def damaged(**changes):
    return {**to_json(examples.report()), **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"run": {}},
        {"run": None},
        {"run": 3},
        {"findings": [{"rule": "x"}]},
        {"findings": 5},
        {"findings": ["x"]},
        {"previous": {"run_id": "r0"}},
    ],
    ids=str,
)
def test_a_damaged_report_is_refused(changes):
    assert "damaged" in refusal(damaged(**changes), Report)


@pytest.mark.parametrize(
    "tables", [{"queries": 3}, {"queries": {"sql": 3}}, [1], {"queries": {"sql": ["a"], "rows": []}}]
)
def test_a_run_with_damaged_tables_is_refused(tables):
    assert "damaged" in refusal({**to_json(examples.run()), "tables": tables}, Run)


@pytest.mark.parametrize("schema", [None, "1", 1.5, True, -1])
def test_a_schema_that_is_no_positive_whole_number_is_refused(schema):
    assert "schema" in refusal({**to_json(examples.run()), "schema": schema}, Run)


def test_an_empty_table_comes_back_empty():
    run = dataclasses.replace(examples.run(), tables={"memory": Table({"at_s": (), "rss_bytes": ()})})
    assert len(from_json(to_json_text(run), Run).memory) == 0
