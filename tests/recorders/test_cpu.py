"""The CPU recorder on a scripted sampler and a fake clock: every figure is exact."""

from __future__ import annotations

import os
import sysconfig
import threading
from collections.abc import Sequence

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.cpu import CpuRecorder
from jupyter_perf.samplers import Frame, Stretch
from jupyter_perf.samplers.fake import FakeSampler
from jupyter_perf.sources import Cell, Sources

CELL = "/tmp/ipykernel_1/1.py"
EARLIER = "/tmp/ipykernel_1/0.py"
LIBRARY = os.path.join(os.path.dirname(threading.__file__), "json", "decoder.py")
SELECTORS = os.path.join(os.path.dirname(threading.__file__), "selectors.py")
SHELL = os.path.join(sysconfig.get_path("purelib"), "IPython", "core", "interactiveshell.py")
SOURCE = "%%perf\nimport json\ndef f():\n    return json.loads(t)\nf()\nawait g()\n"

RUN_CODE = Frame("run_code", SHELL, 3600)
TOP = Frame("<module>", CELL, 5)
INNER = Frame("f", CELL, 4)
LOADS = Frame("loads", LIBRARY, 300)
DECODE = Frame("JSONDecoder.decode", LIBRARY, 337)


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def stretch(start_s: float, duration_s: float, *stack: Frame, ident: int | None = None) -> Stretch:
    name = "MainThread" if ident is None else "worker"
    return Stretch(100.0 + start_s, duration_s, name, ident or threading.get_ident(), os.getpid(), stack)


def recorded(
    monkeypatch: pytest.MonkeyPatch, script: Sequence[Stretch], wall_s: float = 1.0, **facts: object
) -> Draft:
    """What the recorder makes of a script, in a cell of `wall_s` seconds."""
    monkeypatch.setattr(FakeSampler, "script", tuple(script))
    clock = Clock()
    sources = Sources()
    sources.add(Cell(CELL, "In[2]", 2, "abc", SOURCE))
    sources.add(Cell(EARLIER, "In[1]", 1, None, "def h():\n    return 1\n"))
    context = Context(options=Options(engine="fake"), sources=sources, clock=clock, origin_s=100.0)
    recorder = CpuRecorder(context)
    recorder.start()
    for callback in context.begin_callbacks:
        callback()
    clock.now_s = 100.0 + wall_s
    recorder.stop()
    draft = Draft(wall_s=wall_s)
    for name, value in facts.items():
        setattr(draft, name, value)
    recorder.collect(draft)
    return draft


def rows(draft: Draft, table: str, *columns: str) -> list[tuple]:
    return [tuple(row[column] for column in columns) for row in draft.tables[table].rows()]


def test_library_time_counts_for_the_users_line(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(
        monkeypatch,
        [stretch(0.0, 0.25, RUN_CODE, TOP), stretch(0.25, 0.75, RUN_CODE, TOP, INNER, LOADS, DECODE)],
    )
    lines = rows(
        draft, "lines", "file", "line", "source", "self_s", "total_s", "self_share", "cumulative_share"
    )
    assert lines == [
        ("In[2]", 4, "    return json.loads(t)", 0.75, 0.75, 0.75, 0.75),
        ("In[2]", 5, "f()", 0.25, 1.0, 0.25, 1.0),
    ]


def test_functions_are_unfolded_and_the_users_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, TOP, INNER, LOADS, DECODE)])
    assert set(rows(draft, "functions", "function", "self_s", "total_s")) == {
        ("JSONDecoder.decode", 1.0, 1.0),
        ("<module>", 0.0, 1.0),
        ("f", 0.0, 1.0),
        ("loads", 0.0, 1.0),
    }
    assert rows(draft, "user_functions", "function", "line", "self_s", "total_s") == [
        ("f", 3, 1.0, 1.0),
        ("<module>", 1, 0.0, 1.0),
    ]


def test_recursion_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, TOP, INNER, INNER, INNER)])
    assert ("f", 1.0, 1.0) in rows(draft, "functions", "function", "self_s", "total_s")
    assert ("In[2]", 4, 1.0, 1.0) in rows(draft, "lines", "file", "line", "self_s", "total_s")


def test_machinery_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(
        monkeypatch,
        [
            stretch(0.0, 0.5, Frame("run_cell", SHELL, 1), RUN_CODE),
            stretch(0.5, 0.5, Frame("run_cell", SHELL, 1), RUN_CODE, TOP),
        ],
    )
    assert rows(draft, "stacks", "stack", "self_s") == [(("<module> (In[2]:5)",), 0.5)]


def test_code_run_by_a_magic_begins_below_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, RUN_CODE, Frame("<module>", CELL, 1), RUN_CODE, TOP)])
    assert rows(draft, "stacks", "stack") == [(("<module> (In[2]:5)",),)]


def test_functions_of_earlier_cells_keep_their_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, TOP, Frame("h", EARLIER, 2))])
    assert rows(draft, "lines", "file", "line", "source")[0] == ("In[1]", 2, "    return 1")


def test_time_outside_the_run_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(-1.0, 1.5, TOP), stretch(0.5, 9.0, TOP, INNER)])
    assert rows(draft, "lines", "line", "self_s") == [(5, 0.5), (4, 0.5)]


def test_idle_loop_time_goes_to_the_line_that_awaits(monkeypatch: pytest.MonkeyPatch) -> None:
    select = Frame("EpollSelector.select", SELECTORS, 468)
    draft = recorded(
        monkeypatch,
        [stretch(0.0, 0.2, RUN_CODE, TOP), stretch(0.2, 0.7, select), stretch(0.9, 0.1, RUN_CODE, TOP)],
        cell_suspensions=[(0.2, 0.9, CELL, 6, "pause")],
        line_waits={(CELL, 6): 0.7},
    )
    found = {row[0]: row[1:] for row in rows(draft, "lines", "line", "self_s", "total_s", "wait_s")}
    assert found[6] == pytest.approx((0.7, 0.7, 0.7))
    assert found[5][0] == pytest.approx(0.3)
    functions = {row[0]: row[1] for row in rows(draft, "user_functions", "function", "self_s")}
    assert functions == pytest.approx({"pause": 0.7, "<module>": 0.3})


def test_time_of_another_thread_without_a_clock_comes_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(
        monkeypatch, [stretch(0.0, 1.0, TOP), stretch(0.0, 0.5, Frame("h", EARLIER, 2), ident=77)]
    )
    assert rows(draft, "stacks", "stack", "thread", "self_s") == [
        (("<module> (In[2]:5)",), "MainThread", 1.0),
        (("h (In[1]:2)",), "worker", 0.5),
    ]


def test_exact_calls_join_the_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, TOP, INNER)], call_counts={("f", CELL, 3): 12})
    assert ("f", 12) in rows(draft, "functions", "function", "calls")


def test_the_bar_adds_up_to_the_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [stretch(0.0, 1.0, TOP)], scalars={"sql_s": 0.25, "gc_s": 0.125})
    parts = dict(rows(draft, "breakdown", "category", "seconds"))
    assert parts["SQL"] == 0.25
    assert parts["garbage collection"] == 0.125
    assert sum(parts.values()) == pytest.approx(1.0)


def test_imports_are_the_sampled_share(monkeypatch: pytest.MonkeyPatch) -> None:
    importer = Frame("_find_and_load", "<frozen importlib._bootstrap>", 1176)
    draft = recorded(monkeypatch, [stretch(0.0, 0.4, TOP, importer), stretch(0.4, 0.6, TOP)])
    assert dict(rows(draft, "breakdown", "category", "seconds"))["imports"] == pytest.approx(0.4)


def test_names_the_sampler_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = recorded(monkeypatch, [])
    assert draft.scalars["sampler"] == "fake"


def test_deep_stacks_are_folded_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_perf.recorders.stacks.STACKS_LIMIT", 10)
    script = [stretch(i * 0.01, 0.01, TOP, INNER, Frame(f"lib{i}", LIBRARY, i + 1)) for i in range(100)]
    draft = recorded(monkeypatch, script)
    assert draft.folded == ["after 11 different stacks, library frames were left out"]
    assert rows(draft, "lines", "line", "self_s")[0] == (4, pytest.approx(1.0))
    assert len(draft.tables["stacks"]) == 11
