import dataclasses
import gc

import pandas as pd
import pytest

from jupyter_perf.model import (
    COLUMNS,
    FINDING_COLUMNS,
    Encoded,
    Finding,
    Report,
    Run,
    Table,
    from_json,
    to_json_text,
)
from tests.model import examples


def empty_run():
    return Run(run_id="r", label=None, cell_id=None, started_at=0.0, wall_s=0.0)


def dtypes(frame):
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def expected_dtypes(columns):
    return {name: str(pd.Series([], dtype=dtype).dtype) for name, dtype in columns.items()}


# What a column of each dtype may hold, with a missing value.
VALUES = {
    "string": ["x", None],
    "Int64": [1, None],
    "Float64": [0.5, None],
    "boolean": [True, None],
    "object": [("f (a.py:1)",), None],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_frame_of_nothing_has_its_columns_and_dtypes(name):
    frame = getattr(empty_run(), name)
    assert list(frame.columns) == list(COLUMNS[name])
    assert dtypes(frame) == expected_dtypes(COLUMNS[name])
    assert len(frame) == 0


@pytest.mark.parametrize("name", COLUMNS)
def test_a_frame_has_the_dtypes_of_the_contract_and_na_for_what_was_not_measured(name):
    columns = {column: VALUES[dtype] for column, dtype in COLUMNS[name].items()}
    frame = getattr(dataclasses.replace(empty_run(), tables={name: Table(columns)}), name)
    assert dtypes(frame) == expected_dtypes(COLUMNS[name])
    assert not frame.iloc[0].isna().any()
    assert frame.iloc[1].isna().all()


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_few_values_give_the_same_frame(name):
    plain = {column: [VALUES[dtype][i] for i in (0, 1, 0)] for column, dtype in COLUMNS[name].items()}
    encoded = {
        column: Encoded(codes=[0, -1, 0], values=VALUES[dtype][:1]) for column, dtype in COLUMNS[name].items()
    }
    run = empty_run()
    one = getattr(dataclasses.replace(run, tables={name: Table(plain)}), name)
    other = getattr(dataclasses.replace(run, tables={name: Table(encoded)}), name)
    pd.testing.assert_frame_equal(one, other)


def test_a_column_that_was_not_recorded_is_missing_not_zero():
    frame = examples.run().queries
    assert len(frame) == 3
    assert frame["database"].isna().all() and frame["line"].isna().all()
    assert frame["rows"].tolist()[:2] == [1, 0] and frame["rows"].isna()[2]
    assert frame["duration_s"].sum() == pytest.approx(0.04)


def test_pandas_marks_missing_values_with_na():
    frame = examples.run().queries
    assert frame["rows"][2] is pd.NA and frame["duration_s"][1] is pd.NA


def test_every_look_gives_a_frame_of_its_own():
    run = examples.run()
    frame = run.queries
    frame.loc[0, "rows"] = 99
    del frame["sql"]
    again = run.queries
    assert again["rows"][0] == 1 and "sql" in again
    assert run.tables["queries"]["rows"][0] == 1


def test_runs_do_not_get_each_others_frames_even_where_memory_is_used_again():
    for i in range(50):
        run = dataclasses.replace(
            empty_run(), tables={"memory": Table({"at_s": [float(i)], "rss_bytes": [i]})}
        )
        assert run.memory["rss_bytes"].tolist() == [i]
        del run
        gc.collect(0)


def test_frames_survive_json():
    run = examples.run()
    back = from_json(to_json_text(run), Run)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(run, name))


def test_findings_frame():
    frame = examples.report().findings_frame
    assert dtypes(frame) == expected_dtypes(FINDING_COLUMNS)
    assert frame["rule"].tolist() == ["n-plus-one-query", "missing-index", "not-worth-optimizing"]
    assert frame["fix"].tolist()[:2] == ["connection.execute(...)", "CREATE INDEX i ON t (c)"]
    assert frame["same_result"][0] and frame["same_result"].isna().tolist() == [False, True, True]
    assert frame["ratio"][0] == 2.05 and frame["ratio"].isna().tolist() == [False, True, True]
    assert frame["line"].isna().tolist() == [False, True, True]


def test_findings_frame_puts_the_largest_saving_first():
    findings = (
        Finding("a", "info", "unknown saving"),
        Finding("b", "info", "small", cost_s=0.1),
        Finding("c", "info", "large", cost_s=3.0),
    )
    frame = Report(empty_run(), findings).findings_frame
    assert frame["rule"].tolist() == ["c", "b", "a"]


def test_findings_frame_of_none_has_its_columns():
    frame = Report(empty_run()).findings_frame
    assert dtypes(frame) == expected_dtypes(FINDING_COLUMNS) and len(frame) == 0
