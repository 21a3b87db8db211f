"""`%perf STATEMENT`: the statement runs as it would by itself, and is reported."""

from __future__ import annotations

import re

import pytest

from tests.kernel import Kernel

pytestmark = pytest.mark.kernel

FUNCTIONS = """
import asyncio, time
def double(x=1):
    return x * 2
async def triple(x=1):
    await asyncio.sleep(0)
    return x * 3
async def numbers():
    yield 1
    yield 2
"""


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    """A kernel with the extension and a few functions."""
    kernel.execute("%load_ext jupyter_perf")
    assert kernel.execute(FUNCTIONS).status == "ok"
    return kernel


def value(kernel: Kernel, expression: str) -> str | None:
    result = kernel.execute(expression).result
    return result["text/plain"] if result else None


# The cell, and the value that it shows: what the cell without `%perf` shows.
VALUES = {
    "call": ("%perf double(21)", "42"),
    "assignment": ("%perf x = double(3)", None),
    "statements": ("%perf a = 2; a + 1", "3"),
    "loop": ("%perf for i in range(3): double(i)", None),
    "semicolon": ("%perf double(1);", None),
    "semicolon and comment": ("%perf double(1);  # why", None),
    "value of the magic": ("y = %perf double(5)\ny", "10"),
    "options": ("%perf -l name --top 3 --no-sql double(2)", "4"),
    "quoted option": ("%perf -l 'two words' double(2)", "4"),
    "lines": ("%perf --lines double triple -- double(2)", "4"),
    "negative": ("%perf -- -double(2)", "-4"),
    "await": ("%perf await triple(2)", "6"),
    "await and semicolon": ("%perf await triple(2);", None),
    "await in an assignment": ("%perf x = await triple(2)\nx", "6"),
    "awaited value of the magic": ("y = %perf await triple(5)\ny", "15"),
    "await with options": ("%perf -l 'await it' await triple(1)", "3"),
    "asynchronous comprehension": ("%perf [i async for i in numbers()]", "[1, 2]"),
    "awaits nothing itself": ("%perf async def later(): await triple()", None),
    "the word await": ("%perf 'await ' + str(double(1))", "'await 2'"),
    "braces": ("n = 1\n%perf {n: f'{n}'}", "{1: '1'}"),
    "one name in braces": ("n = 1\n%perf {n}", "{1}"),
    "quotes": ("%perf 'a\"b' + \"it's\"", "'a\"bit\\'s'"),
    "per cent and dollar": ("n = 1\n%perf '%d $n %%perf' % 3", "'3 $n %perf'"),
    "dashes inside": ("%perf '-- --exact' + '-o x'", "'-- --exact-o x'"),
    "continued": ("%perf double(1) + \\\n  double(2)", "6"),
    "other magic": ("%perf %who_ls module", "['asyncio', 'time']"),
}  # fmt: skip


def test_the_value_is_shown_and_kept_as_without(shell: Kernel) -> None:
    shown, kept, reports = {}, {}, {}
    for name, (cell, _) in VALUES.items():
        shell.execute("'before'")
        outcome = shell.execute(cell)
        assert outcome.status == "ok", (name, outcome.error, outcome.text("stderr"))
        shown[name] = (outcome.result or {}).get("text/plain")
        kept[name] = value(shell, f"(_, {outcome.execution_count} in Out)")
        reports[name] = len(outcome.reports)
    assert shown == {name: expected for name, (_, expected) in VALUES.items()}
    assert kept == {
        name: "('before', False)" if expected is None else f"({expected}, True)"
        for name, (_, expected) in VALUES.items()
    }
    assert set(reports.values()) == {1}


def test_names_are_assigned_where_the_statement_stands(shell: Kernel) -> None:
    shell.execute("%perf x = double(3)")
    assert value(shell, "x") == "6"
    shell.execute("if True:\n    for i in range(3):\n        %perf z = await triple(i)")
    assert value(shell, "(z, i)") == "(6, 2)"
    shell.execute("class Settings:\n    %perf size = double(4)")
    assert value(shell, "Settings.size") == "8"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    %perf double(a)\n    z = %perf double(a)\n    return z", "14"),
        ("    z = %perf [double(a) for _ in range(2)]\n    return z", "[14, 14]"),
        ("    %perf for i in range(2): double(a)\n    return a", "7"),
    ],
)
def test_a_statement_in_a_function_sees_its_names(shell: Kernel, body: str, expected: str) -> None:
    assert shell.execute(f"def h(a):\n{body}").status == "ok"
    outcome = shell.execute("h(7)")
    assert outcome.status == "ok", outcome.error
    assert outcome.result == {"text/plain": expected}
    assert len(outcome.reports) >= 1


def test_await_in_an_async_function_sees_its_names(shell: Kernel) -> None:
    shell.execute("async def h(a):\n    z = %perf await triple(a)\n    return z")
    outcome = shell.execute("await h(7)")
    assert outcome.result == {"text/plain": "21"}
    assert len(outcome.reports) == 1


def test_a_name_that_a_function_would_miss_is_refused(shell: Kernel) -> None:
    shell.execute("def h(a):\n    %perf q = double(a)\n    return q")
    outcome = shell.execute("h(7)")
    assert outcome.status == "error"
    assert outcome.text("stderr") == (
        "UsageError: in a function, %perf cannot assign q, which the function uses: "
        "write q = %perf followed by the expression\n"
    )


def test_each_turn_of_a_loop_is_reported(shell: Kernel) -> None:
    outcome = shell.execute("for i in range(3):\n    %perf double(i)")
    assert len(outcome.reports) == 3


@pytest.mark.parametrize("statement", ["%perf fail(1)", "%perf await fail_later()", "x = %perf fail(1)"])
def test_an_exception_shows_the_users_frames_and_a_partial_report(shell: Kernel, statement: str) -> None:
    shell.execute("def fail(n):\n    raise ValueError('from fail')\nasync def fail_later(): fail(1)")
    outcome = shell.execute(statement)
    assert outcome.status == "error"
    assert outcome.error is not None
    assert (outcome.error["ename"], outcome.error["evalue"]) == ("ValueError", "from fail")
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(outcome.error["traceback"]))
    assert "----> 2     raise ValueError('from fail')" in traceback
    assert "jupyter_perf" not in traceback
    assert len(outcome.reports) == 1
    assert value(shell, "__import__('jupyter_perf').last_report().run.partial") == "'exception'"


def test_an_interrupt_is_reported_as_one(shell: Kernel) -> None:
    shell.execute("def long():\n    print('go')\n    time.sleep(60)")
    running = shell.submit("%perf long()")
    shell.wait_for_text(running, "go")
    shell.interrupt()
    outcome = shell.outcome(running)
    assert outcome.error is not None
    assert outcome.error["ename"] == "KeyboardInterrupt"
    assert len(outcome.reports) == 1
    assert value(shell, "__import__('jupyter_perf').last_report().run.partial") == "'interrupt'"


def test_inside_a_recorded_cell_it_runs_and_says_that_it_is_not_recorded_apart(shell: Kernel) -> None:
    outcome = shell.execute("%%perf\nx = %perf double(1)\ny = %perf await triple(1)\n(x, y)")
    assert outcome.result == {"text/plain": "(2, 3)"}
    assert len(outcome.reports) == 1
    said = [bundle["text/plain"] for bundle in outcome.displays if bundle not in outcome.reports]
    assert len(said) == 2
    assert all("already under way" in sentence for sentence in said)


def test_strings_and_comments_stay_untouched(shell: Kernel) -> None:
    text = "\n%perf double(1)\n%perf await triple()\n%%perf\n"
    outcome = shell.execute(f"s = '''{text}'''\n# %perf await triple()\nx = 5 % double(1)  # %perf\ns")
    assert outcome.result == {"text/plain": repr(text)}
    assert outcome.reports == []


REFUSED = {
    "%perf": "needs a statement",
    "%perf -o r": "needs a statement",
    "%perf --lines double double(2)": "put -- between",
    "%perf --bogus double()": "--bogus",
    "%perf -double(1)": "-- goes before",
    "%perf -l 'open double()": "a quote is not closed",
    "%perf --lab x double()": "--lab",
    "%perf x = (": "this is not Python: ",
    "%perf await (": "this is not Python: ",
    "%perf -o 1x double()": "1x",
    "%perf --lines missing -- double()": "missing",
}


def test_bad_input_is_refused_in_one_sentence(shell: Kernel) -> None:
    for line, word in REFUSED.items():
        outcome = shell.execute(line)
        said = outcome.text("stderr")
        assert outcome.status == "error", line
        assert said.startswith("UsageError: "), line
        assert word in said
        assert said.count("\n") == 1
        assert (outcome.reports, outcome.error) == ([], None), line


def test_the_report_names_the_cells_line(shell: Kernel) -> None:
    shell.execute("def busy():\n    end = time.time() + 0.2\n    while time.time() < end: pass")
    outcome = shell.execute("1 + 1\n\nif True:\n    %perf -o r busy()", cell_id="abc")
    lines = value(shell, "sorted(set(zip(r.run.lines.file, r.run.lines.line.tolist())))")
    assert lines is not None
    assert f"('In[{outcome.execution_count}]', 4)" in lines
    source = f"r.run.lines.source[r.run.lines.file == 'In[{outcome.execution_count}]'].tolist()"
    assert value(shell, source) == "['    %perf -o r busy()']"
    assert value(shell, "'abc' in list(r.run.cells.cell_id)") == "True"


def test_what_a_statement_awaits_is_timed(shell: Kernel) -> None:
    shell.execute("async def sleeps():\n    await asyncio.sleep(0.1)")
    statement = "%perf -o r await sleeps()"
    for cell in (statement, f"async def h():\n    {statement}\nawait h()"):
        assert shell.execute(cell).status == "ok"
        sources = value(shell, "r.run.awaits.source.str.strip().tolist()")
        assert sources == "['await asyncio.sleep(0.1)']"
        assert value(shell, "bool(r.run.awaits.wait_s[0] >= 0.09)") == "True"
        assert value(shell, "r.run.notes") == "()"
