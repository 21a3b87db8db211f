"""How the parts of `%%compare` run: names, IPython's syntax, `await`, errors, interrupts, the budget."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel
from tests.magics.compare_cells import (
    cell,
    compare,
    compared,
    refusal,
    traceback,
    value,
)

pytestmark = pytest.mark.kernel


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf\nimport asyncio, time")
    return kernel


def test_names_of_parts_and_setup_are_gone_afterwards(shell: Kernel) -> None:
    kernel_names = "sorted(name for name in globals() if not name.startswith('_'))"
    before = value(shell, kernel_names)
    found = compare(
        shell,
        "own = base + 1\ndef double(x): return own and 2 * x\ndouble(base)",
        "import math\nclass Other: x = base * 2\nOther.x",
        setup="base = 20\nimport json",
    )
    assert found["same_result"] is True
    assert value(shell, kernel_names) == before


def test_a_part_does_not_see_the_names_of_another(shell: Kernel) -> None:
    outcome = shell.execute(cell("own = 1\nown", "own"))
    assert "NameError: name 'own' is not defined" in traceback(outcome)


@pytest.mark.parametrize(
    "part",
    [
        "z = z + 1\nz",
        "z += 1; w = z\nw",
        "for z in range(6, 7): pass\nz",
        "z = z + 1\ndef later(): return z\nlater()",
        "was = z\ndel z\nwas + 1",
    ],
)
def test_a_users_name_is_as_before_in_each_execution_and_afterwards(shell: Kernel, part: str) -> None:
    shell.execute("z = 5; seen = set()")
    # What each execution sees is kept in the user's own set.
    found = compare(shell, f"seen.add(z)\n{part}", "6", options="--equal exact")
    assert found["same_result"] is True
    assert value(shell, "z, seen") == "(5, {5})"


def test_ipythons_syntax_in_parts(shell: Kernel) -> None:
    outcome = shell.execute(
        cell(
            "word = 'said'\n!echo {word}\nlines = !echo {n}\nlines[0]",
            "%time there = '5'\nthere",
            setup="n = 5",
        )
    )
    assert outcome.status == "ok", outcome.error
    assert compared(outcome)["same_result"] is True
    assert outcome.text().split().count("said") == 1
    assert value(shell, "'there' in globals(), 'word' in globals()") == "(False, False)"


@pytest.mark.parametrize("awaiting", ["setup", "each", "before", "after"])
def test_each_kind_of_part_may_await(shell: Kernel, awaiting: str) -> None:
    shell.execute("async def it():\n    await asyncio.sleep(0)\n    return asyncio.get_running_loop()")
    shell.execute("loop = await it()")
    texts = {"setup": "s = loop", "each": "e = loop", "before": "x = loop", "after": "x = loop"}
    texts[awaiting] = texts[awaiting].replace("loop", "await it()")
    before, after = (f"{texts.pop(name)}\n(s is loop, e is loop, x is loop)" for name in ("before", "after"))
    assert compare(shell, before, after, **texts)["same_result"] is True


def test_setup_runs_once_and_setup_each_before_each_execution(shell: Kernel) -> None:
    shell.execute("count = {'setup': 0, 'each': 0, 'parts': 0}")
    counted = "assert data == [0]\ndata.append(1)\ncount['parts'] += 1\nlen(data)"
    found = compare(
        shell, counted, counted, setup="count['setup'] += 1", each="count['each'] += 1\ndata = [0]"
    )
    assert (found["same_result"], found["loops_before"], found["loops_after"]) == (True, 1, 1)
    # Once more for each part, to see that what it changes is restored.
    assert value(shell, "count['setup'], count['each'] - count['parts']") == "(1, 2)"


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ({"before": "x = 1\n1/0", "after": "1"}, {4: "1/0"}),
        ({"before": "1", "after": "\nx = 1\n\n1/0"}, {8: "1/0"}),
        ({"before": "1", "after": "1", "setup": "y = 2\n1/0"}, {4: "1/0"}),
        ({"before": "1", "after": "1", "each": "1/0"}, {3: "1/0"}),
        ({"before": "f()", "after": "1", "setup": "def f():\n    1/0"}, {6: "f()", 4: "1/0"}),
        ({"before": "await asyncio.sleep(1/0)", "after": "1"}, {3: "await asyncio.sleep(1/0)"}),
        ({"before": "1", "after": "await asyncio.sleep(0)\n1/0"}, {6: "1/0"}),
    ],
    ids=["before", "after", "setup", "setup-each", "a function of setup", "await", "beside await"],
)
def test_an_exception_ends_the_comparison_with_the_users_traceback(
    shell: Kernel, parts: dict[str, str], lines: dict[int, str]
) -> None:
    before, after = parts.pop("before"), parts.pop("after")
    outcome = shell.execute(cell(before, after, **parts))
    shown = traceback(outcome)
    assert outcome.reports == []
    assert outcome.error is not None
    assert outcome.error["ename"] == "ZeroDivisionError"
    for number, text in lines.items():
        assert f"> {number} " in shown
        assert text in shown
    assert "jupyter_perf" not in shown


def test_an_exception_in_a_later_execution_ends_it_too(shell: Kernel) -> None:
    shell.execute("calls = []")
    outcome = shell.execute(cell("calls.append(1)\nif len(calls) > 8: 1/0\n1", "1"))
    assert "> 4 if len(calls) > 8: 1/0" in traceback(outcome)
    assert outcome.reports == []


def test_an_error_of_the_users_keeps_what_led_to_it(shell: Kernel) -> None:
    part = "try:\n    {}['key']\nexcept KeyError as error:\n    raise ValueError('worse') from error"
    shown = traceback(shell.execute(cell("1", part)))
    assert "KeyError: 'key'" in shown
    assert "ValueError: worse" in shown
    assert "jupyter_perf" not in shown


@pytest.mark.parametrize("part", ["time.sleep(0.05)", "await asyncio.sleep(0.05)"])
def test_an_interrupt_gives_what_there_is_and_status_error(shell: Kernel, part: str) -> None:
    # The first progress line shows that the first runs are over.
    sent = shell.submit(cell(f"{part}\n1", f"{part}\n1", options="--budget 60"))
    shell._pump(lambda: "display" in shell._outcomes[sent].kinds, 30, sent)
    shell.interrupt()
    outcome = shell.outcome(sent, 20)
    assert outcome.status == "error"
    assert outcome.error is not None
    assert outcome.error["ename"] == "KeyboardInterrupt"
    found = compared(outcome)
    assert found["same_result"] is True
    said = " ".join([found["reason"] or "", *found["notes"]])
    assert "interrupted" in said
    assert value(shell, "__import__('gc').isenabled()") == "True"


@pytest.mark.parametrize(
    "parts",
    [
        ("while True: pass", "1"),
        ("1", "while True: time.sleep(0.01)"),
        ("1", "while True: await asyncio.sleep(0.01)"),
        ("while True: pass", "await asyncio.sleep(0)"),
    ],
)
def test_a_body_that_never_ends_is_ended_by_the_budget(shell: Kernel, parts: tuple[str, str]) -> None:
    outcome = shell.execute(cell(*parts, options="--budget 0.6"), timeout_s=20)
    assert outcome.status == "ok"
    found = compared(outcome)
    assert found["verdict"] == "inconclusive"
    assert found["same_result"] is None
    endless = "before" if "True" in parts[0] else "after"
    assert f"0.6 s were not enough for a first run of {endless}" in found["reason"]
    assert found["before_s"] == []


@pytest.mark.parametrize("part", ["while True: pass", "while True: await asyncio.sleep(0.01)"])
def test_a_body_that_never_ends_is_ended_by_an_interrupt(shell: Kernel, part: str) -> None:
    sent = shell.submit(cell(f"print('running')\n{part}", options="--budget 60"))
    shell.wait_for_text(sent, "running")
    shell.interrupt()
    outcome = shell.outcome(sent, 20)
    assert (outcome.status, outcome.reports) == ("error", [])
    assert "> 4 while True" in traceback(outcome)


def test_code_that_catches_the_interrupt_goes_on(shell: Kernel) -> None:
    endless = "while True:\n    try: time.sleep(0.01)\n    except KeyboardInterrupt: break\n1"
    found = compare(shell, "1", endless, options="--budget 0.6")
    assert (found["verdict"], found["same_result"]) == ("inconclusive", True)
    # No interrupt comes later.
    assert shell.execute("time.sleep(1.2)").status == "ok"


def test_code_that_is_slow_beside_the_budget_gives_no_pairs_and_advice(shell: Kernel) -> None:
    found = compare(shell, "time.sleep(0.3)\n1", "time.sleep(0.3)\n1", options="--budget 1")
    assert found["verdict"] == "inconclusive"
    assert found["reason"].startswith("no pair in 1 s, ") or " pair in 1 s, " in found["reason"]
    assert "6 pairs take about" in found["reason"]


def test_a_result_may_be_named(shell: Kernel) -> None:
    shell.execute("data = [3, 1, 2]; other = 1")
    found = compare(shell, "x = sorted(data)", "x = data[:]\nx.sort()", options="--result x")
    assert found["same_result"] is True
    assert refusal(shell.execute(cell("x = 1", "y = 1", options="--result x"))) == (
        "--result x: part 'after' assigns no such variable"
    )
    assert refusal(shell.execute(cell("othr = 1", "othr = 2", options="--result other"))) == (
        "--result other: part 'before' has nothing to do with this variable"
    )


def test_parts_without_a_value_are_timed_and_said_not_to_be_compared(shell: Kernel) -> None:
    outcome = shell.execute(cell("x = 1", "y = 2"))
    found = compared(outcome)
    assert found["same_result"] is None
    assert any("name the variable that is the result with --result" in note for note in found["notes"])
    assert "same result" not in outcome.reports[0]["text/plain"]
