import dataclasses

import pytest

from jupyter_perf.model import COLUMNS, Encoded, Report, Run, Table
from tests.model import examples

TABLE = Table({"name": ["a", "b", "c"], "cost_s": [1.0, None, 2.0]})


def test_rows_and_back():
    rows = list(TABLE.rows())
    assert rows[1] == {"name": "b", "cost_s": None}
    again = Table.of_rows(["name", "cost_s"], [tuple(row.values()) for row in rows])
    assert list(again.rows()) == rows


def test_a_table_of_no_rows_keeps_its_columns():
    table = Table.of_rows(["name", "cost_s"], [])
    assert list(table.columns) == ["name", "cost_s"] and len(table) == 0


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError):
        Table.of_rows(["name", "cost_s"], [("a", 1.0), ("b",)])
    with pytest.raises(ValueError):
        Table.of_rows(["name"], [("a", 1.0)])


def test_sorted_puts_the_largest_first_and_what_was_not_measured_last():
    assert list(TABLE.sorted("cost_s")["name"]) == ["c", "a", "b"]
    assert list(TABLE.sorted("cost_s", descending=False)["name"]) == ["b", "a", "c"]


def test_head_and_take():
    assert list(TABLE.head(2)["name"]) == ["a", "b"]
    assert TABLE.head(3) is TABLE and TABLE.head(10) is TABLE
    assert list(TABLE.take([2, 0])["cost_s"]) == [2.0, 1.0]
    assert len(TABLE.head(0)) == 0


def test_encoded_reads_like_the_list_that_it_stands_for():
    column = Encoded(codes=[1, -1, 0, 1], values=["x", "y"])
    assert list(column) == ["y", None, "x", "y"]
    assert [column[i] for i in range(len(column))] == list(column)


@pytest.mark.parametrize(
    "noun", [examples.run(), examples.report(), TABLE], ids=lambda noun: type(noun).__name__
)
def test_nouns_are_frozen(noun):
    field = dataclasses.fields(noun)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(noun, field, None)


def test_every_frame_of_the_contract_is_a_property_with_a_page():
    for name in COLUMNS:
        assert getattr(Run, name).__doc__, name


def test_table_of_what_was_not_recorded_has_empty_columns():
    table = examples.run().table("awaits")
    assert list(table.columns) == list(COLUMNS["awaits"]) and len(table) == 0


def test_an_unknown_table_is_refused():
    with pytest.raises(KeyError):
        examples.run().table("colours")


def test_comparison_is_the_first_or_none():
    assert examples.report().comparison.name == "before/after"
    assert Report(examples.run()).comparison is None


@pytest.mark.parametrize("rows", [20, 6_000])
def test_largest_rows_come_first_and_missing_ones_last(rows):
    table = Table({"at": list(range(rows)), "took": [None, *range(rows - 1)]})
    largest = table.largest("took", 3)
    assert list(largest["took"]) == [rows - 2, rows - 3, rows - 4]
    assert list(largest["at"]) == [rows - 1, rows - 2, rows - 3]
    assert len(Table({"at": [1], "took": [None]}).largest("took", 3)) == 1
