"""pyarrow: tables and arrays."""

import pytest

from jupyter_perf.equality import difference, fingerprint

pa = pytest.importorskip("pyarrow")


def table():
    return pa.table({"x": [1.0, float("nan"), None], "l": [[1], [2], None]})


def test_how_a_table_is_divided_is_no_difference():
    divided = pa.concat_tables([table().slice(0, 1), table().slice(1)])
    assert difference(table(), divided) is None
    assert difference(table()["x"], divided["x"]) is None


def test_differences():
    after = table().take([0, 0, 2])
    assert difference(table(), after) == "row 1, column `x`: nan and 1.0"
    assert difference(table(), table().slice(1)) == "3 rows and 2 rows"
    assert (
        difference(table(), table().rename_columns(["y", "l"])) == "names of the columns, item 0: 'x' and 'y'"
    )
    assert difference(pa.array([1]), pa.array([1.0])) == "type int64 and double"
    assert difference(pa.array([1]), pa.array([1.0]), "close") is None


def test_rows_in_any_order():
    assert difference(table(), table().take([2, 0, 1]), "unordered") is None
    sentence = difference(table(), table().take([2, 0, 0]), "unordered")
    assert sentence == "row 1 of before: (x=nan, l=[2]) has no counterpart in after"


def test_it_cannot_be_changed_so_its_identity_is_its_fingerprint():
    one = table()
    assert fingerprint(one) == fingerprint(one)
