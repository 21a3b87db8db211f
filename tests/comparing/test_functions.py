"""`jupyter_perf.compare`: functions, in scripts, tests and cells."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
import traceback
from typing import Any

import pytest

import jupyter_perf
from jupyter_perf import Comparison

BUDGET_S = 2.0


def compare(**parts: Any) -> Comparison:
    return jupyter_perf.compare(parts, budget=BUDGET_S)


def test_it_gives_the_comparison_of_the_second_function() -> None:
    found = jupyter_perf.compare(
        {"old": lambda: sorted([2, 1]), "new": lambda: [1, 2], "wrong": lambda: [2, 1]}, budget=BUDGET_S
    )
    assert isinstance(found, Comparison)
    assert (found.baseline, found.name, found.same_result) == ("old", "new", True)
    assert len(found.before_s) == len(found.after_s) > 0
    assert len(found.samples) == len(found.before_s)
    report = jupyter_perf.last_report()
    assert report is not None
    assert [each.name for each in report.comparisons] == ["new", "wrong"]
    assert report.comparison == found
    assert report.comparisons[1].verdict == "results differ"
    found.assert_same()
    with pytest.raises(AssertionError, match="wrong gives another result than old"):
        report.comparisons[1].assert_same()


def test_where_results_differ_it_is_never_faster() -> None:
    found = compare(before=lambda: time.sleep(0.01) or 1, after=lambda: 2)
    assert (found.verdict, found.same_result, found.ratio) == ("results differ", False, None)
    with pytest.raises(AssertionError, match="its speed does not count"):
        found.assert_faster()


def test_coroutine_functions_are_awaited_on_the_running_loop() -> None:
    loops = set()

    async def awaiting() -> int:
        loops.add(asyncio.get_running_loop())
        await asyncio.sleep(0.001)
        return 1

    async def main() -> Comparison:
        found = await jupyter_perf.compare({"before": awaiting, "after": lambda: 1}, budget=BUDGET_S)
        assert loops == {asyncio.get_running_loop()}
        return found

    assert asyncio.run(main()).same_result is True


def test_an_endless_coroutine_is_ended_by_the_budget() -> None:
    async def endless() -> None:
        while True:
            await asyncio.sleep(0.01)

    async def main() -> Comparison:
        return await jupyter_perf.compare({"before": lambda: None, "after": endless}, budget=BUDGET_S)

    found = asyncio.run(main())
    assert (found.verdict, found.same_result) == ("inconclusive", None)
    assert f"{BUDGET_S:g} s were not enough for a first run of after" in (found.reason or "")


def test_a_function_that_times_out_itself_raises() -> None:
    async def late() -> None:
        raise TimeoutError("too late")

    async def main() -> None:
        await jupyter_perf.compare({"before": late, "after": late}, budget=BUDGET_S)

    with pytest.raises(TimeoutError, match="too late"):
        asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
def test_setup_each_runs_before_each_execution(is_async: bool) -> None:
    data: list[int] = []
    counts = {"prepared": 0, "executed": 0}

    def prepare() -> None:
        counts["prepared"] += 1
        data[:] = [3, 1, 2]

    async def prepare_async() -> None:
        await asyncio.sleep(0)
        prepare()

    def execute() -> list[int]:
        counts["executed"] += 1
        assert data == [3, 1, 2]
        data.sort()
        return list(data)

    parts = {"before": execute, "after": execute}
    each: Any = prepare_async if is_async else prepare
    found: Any = jupyter_perf.compare(parts, budget=BUDGET_S, setup_each=each)
    if is_async:

        async def main() -> Comparison:
            return await found

        found = asyncio.run(main())
    assert found.same_result is True
    assert (found.loops_before, found.loops_after) == (1, 1)
    # Once more for each part, to see that what it changes is restored.
    assert counts["prepared"] - counts["executed"] == 2
    assert counts["executed"] > 2


def test_rollback_leaves_the_table_as_it_was() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a)")

    def write() -> int:
        connection.execute("INSERT INTO t VALUES (1)")
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]

    found = jupyter_perf.compare({"before": write, "after": write}, budget=BUDGET_S, rollback=connection)
    assert found.same_result is True
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(ValueError, match="the connection has a transaction open"):
        jupyter_perf.compare({"before": write, "after": write}, budget=BUDGET_S, rollback=connection)
    connection.close()


def test_an_exception_is_the_users_own_without_our_frames_but_the_first() -> None:
    def fails() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine") as raised:
        compare(before=fails, after=fails)
    names = [frame.name for frame in traceback.extract_tb(raised.tb)]
    assert names[-2:] == ["compare", "fails"]
    assert names.count("compare") == 2, "the helper of these tests, and the public function"
    assert gc.isenabled()


def test_inputs_that_a_function_changes_are_named() -> None:
    data = [3, 1, 2]

    def sorts() -> int:
        data.sort()
        return data[0]

    found = compare(before=sorts, after=lambda: 1)
    assert any(note.startswith("before changes data") for note in found.notes)


@pytest.mark.parametrize(
    ("parts", "options", "error", "sentence"),
    [
        ({}, {}, ValueError, r"compare\(\) takes two functions or more"),
        ({"before": print}, {}, ValueError, r"compare\(\) takes two functions or more"),
        ({"before": 1, "after": print}, {}, TypeError, r"compare\(\) takes functions by name"),
        ([print, print], {}, TypeError, r"compare\(\) takes functions by name"),
        ({"a": print, "b": print}, {"budget": 0}, ValueError, "budget is a number of seconds above 0"),
        ({"a": print, "b": print}, {"budget": "1"}, ValueError, "budget is a number of seconds above 0"),
        ({"a": print, "b": print}, {"equal": "nearly"}, ValueError, "equal is one of exact, unordered"),
        ({"a": print, "b": print}, {"rollback": 3}, ValueError, r"which has no rollback\(\)"),
        ({"a": print, "b": print}, {"setup_each": 3}, TypeError, "setup_each is a function"),
        ({1: print, 2: print}, {}, TypeError, r"compare\(\) takes functions by name"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    parts: Any, options: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as refused:
        jupyter_perf.compare(parts, **options)
    assert "\n" not in str(refused.value)


def test_what_can_be_read_once_is_refused_with_advice() -> None:
    with pytest.raises(ValueError, match=r"the result of before cannot be compared: .*list\("):
        compare(before=lambda: (i for i in range(3)), after=lambda: [0, 1, 2])
