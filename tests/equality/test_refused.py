"""What is read once or not there yet: refused, wherever it stands, with what to write instead."""

import asyncio
import io
import re
import sqlite3
import subprocess
import sys

import pandas as pd
import pytest

from jupyter_perf.equality import IncomparableError, difference, fingerprint


async def later():
    return 1


def counting():
    yield 1


@pytest.fixture(params=["generator", "map", "zip", "file", "cursor", "groupby", "picture", "iterator"])
def refused(request, tmp_path):
    """A value, and what the sentence must say."""
    (tmp_path / "file").write_text("x")
    with sqlite3.connect(":memory:") as connection, (tmp_path / "file").open() as file:
        if request.param == "picture":
            from matplotlib.figure import Figure

            yield Figure(), "the data it shows"
        else:
            yield {
                "generator": (counting(), "list(...)"),
                "map": (map(str, [1]), "list(...)"),
                "zip": (zip([1], [2], strict=True), "list(...)"),
                "iterator": (iter([1]), "list(...)"),
                "file": (file, ".read()"),
                "cursor": (connection.execute("select 1"), ".fetchall()"),
                "groupby": (pd.DataFrame({"a": [1]}).groupby("a"), "an aggregate of it"),
            }[request.param]
    connection.close()


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [0, {"rows": value}]])
def test_refused_with_advice(refused, wrap):
    value, advice = refused
    for pair in ((wrap(value), wrap(1)), (wrap(1), wrap(value))):
        with pytest.raises(IncomparableError, match=re.escape(advice)):
            difference(*pair)
    assert fingerprint(value) is None


def test_the_place_is_named():
    with pytest.raises(IncomparableError, match=r"^item 1, key 'rows': a generator can be read once"):
        difference([0, {"rows": counting()}], [0, {"rows": counting()}])


def test_one_generator_from_both_parts_is_refused_too():
    one = counting()
    with pytest.raises(IncomparableError):
        difference(one, one)
    assert list(one) == [1], "nothing was taken from it"


def test_a_coroutine_is_refused():
    one = later()
    with pytest.raises(IncomparableError, match="awaited"):
        difference(one, 1)
    assert asyncio.run(one) == 1


def test_an_open_text_in_memory_is_refused():
    with pytest.raises(IncomparableError, match="read once"):
        difference(io.StringIO("a"), io.StringIO("a"))


def test_comparing_plain_values_imports_no_library_of_the_users():
    code = (
        "import sys\n"
        "from jupyter_perf.equality import difference, fingerprint\n"
        "difference([1, {'a': 2.5}], [1, {'a': 3}], 'unordered'); fingerprint([1])\n"
        "users = {'numpy', 'pandas', 'polars', 'pyarrow', 'sqlalchemy', 'matplotlib'}\n"
        "print(sorted(users & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
