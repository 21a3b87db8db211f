"""The parts and options of a `%%compare` cell, and what is refused before anything runs."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from jupyter_perf.magics.comparison.arguments import CompareOptions, parse_compare
from jupyter_perf.magics.comparison.parts import split
from jupyter_perf.magics.config import JupyterPerf
from tests.kernel import Kernel
from tests.magics.compare_cells import cell, refusal, value

BODY = "#%% before\n1\n#%% after\n2\n"


def test_parts_have_the_lines_of_the_cell() -> None:
    parts = split("#%% setup\na = 1\n\n#%% setup-each\nb = 2\n#%% before\na\n#%% after\nb\n")
    assert [(part.kind, part.name, part.text, part.line) for part in parts] == [
        ("setup", "setup", "a = 1\n", 3),
        ("setup-each", "setup-each", "b = 2", 6),
        ("before", "before", "a", 8),
        ("after", "after", "b\n", 10),
    ]


def test_several_rewrites_have_names_of_their_own() -> None:
    parts = split("#%% before\n1\n#%% after: a join\n2\n#%%after:cache\n3")
    assert [(part.kind, part.name) for part in parts[1:]] == [("after", "a join"), ("after", "cache")]


def test_comments_may_stand_before_the_first_part_and_other_line_breaks_are_text() -> None:
    parts = split("# why\n\n" + BODY.replace("2", "'\x0c\u2028'"))
    assert [part.line for part in parts] == [5, 7]
    assert parts[1].text == "'\x0c\u2028'\n"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "%%compare needs a part `#%% before`, and has none"),
        ("# nothing\n", "%%compare needs a part `#%% before`, and has none"),
        ("#%% before\n1", "%%compare needs a part `#%% after`, and has before"),
        ("#%% setup\nx = 1\n#%% after\n1", "%%compare needs a part `#%% before`, and has setup, after"),
        ("1\n" + BODY, "line 2 belongs to no part: begin with a line `#%% before`"),
        ("\n# why\nx = 1\n" + BODY, "line 4 belongs to no part"),
        ("#%% befor\n1\n#%% after\n1", "line 2 begins an unknown part 'befor': the parts are setup, "),
        (BODY + "#%% after:\n1", "line 6 begins an unknown part 'after:'"),
        (BODY + "#%% after\n3", "two parts are called 'after': give each `#%% after: NAME` a name of"),
        ("#%% before\n1\n#%% after: x\n1\n#%% after: x\n2", "two parts are called 'x'"),
        ("#%% before\n1\n#%% after: before\n1", "two parts are called 'before': give each"),
        ("#%% setup\n#%% setup\n" + BODY, "two parts are called 'setup', which can be there once"),
        ("#%% before\n1\n" + BODY, "two parts are called 'before', which can be there once"),
        ("#%% before\n\n#%% after\n1", "part 'before' is empty: write the code to compare below its line"),
        ("#%% before\n1\n#%% after: x\n# later\n", "part 'x' is empty"),
    ],
)  # fmt: skip
def test_parts_that_cannot_be_are_refused_in_one_sentence(body: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        split(body)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_options_are_over_those_of_the_configuration() -> None:
    config = JupyterPerf(budget=3.0, equal="close")
    assert parse_compare("", config) == CompareOptions(budget=3.0, equal="close")
    line = "-l 'a name' --budget=0.5 --equal unordered --result x --rollback db.connection"
    wanted = CompareOptions("a name", 0.5, "unordered", "x", "db.connection")
    assert parse_compare(line, config) == wanted


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--budget 0", "--budget takes seconds above 0, not 0"),
        ("--budget -1", "--budget takes seconds above 0, not -1"),
        ("--budget nan", "--budget takes seconds above 0, not nan"),
        ("--budget inf", "--budget takes seconds above 0, not inf"),
        ("--budget soon", "argument --budget: invalid float value: 'soon'"),
        ("--budget", "argument --budget: expected one argument"),
        ("--budge 3", "unrecognized arguments: --budge 3"),
        ("fast", "unrecognized arguments: fast"),
        ("--equal nearly", "--equal takes one of exact, unordered, close, off, not 'nearly'"),
        ("--result a.b", "--result takes the name of a variable, and 'a.b' is not one"),
        ("-l 'open", "a quote is not closed: 'open"),
    ],
)
def test_options_that_cannot_be_are_refused_in_one_sentence(line: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_compare(line, JupyterPerf())
    assert str(refused.value) == sentence


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf")
    return kernel


@pytest.mark.kernel
def test_a_refused_cell_runs_nothing(shell: Kernel) -> None:
    ran = "globals()['ran'] = get_ipython().user_ns['ran'] = True\n1"
    cells = {
        "%%compare": "%%compare is a cell magic",
        "%%compare\n# nothing": "%%compare needs a part `#%% before`, and has none",
        f"%%compare\n#%% before\n{ran}": "%%compare needs a part `#%% after`, and has before",
        cell(ran, options="--budget 0"): "--budget takes seconds above 0, not 0",
        cell(ran, "x = = 1"): "this is not Python in line 6: invalid syntax",
        cell(ran, "def f():\nreturn 1"): "this is not Python in line 7: expected an indented block",
        cell(ran, "\nreturn 1"): "this is not Python in line 7: 'return' outside function",
        cell(ran, options="--rollback nowhere"): "--rollback nowhere: name 'nowhere' is not defined",
        cell(ran, options="--rollback 'a b'"): "--rollback a b: invalid syntax",
    }
    for text, sentence in cells.items():
        assert refusal(shell.execute(text)).startswith(sentence)
    assert value(shell, "'ran' in globals()") == "False"


@pytest.mark.kernel
def test_settings_are_the_defaults_of_options(shell: Kernel) -> None:
    shell.execute("%config JupyterPerf.equal = 'nearly'")
    said = refusal(shell.execute("%%compare\n" + BODY))
    shell.execute("%config JupyterPerf.equal = 'exact'")
    assert said == "--equal takes one of exact, unordered, close, off, not 'nearly'"


@pytest.mark.kernel
@pytest.mark.parametrize("question", ["%%compare?", "%compare?", "?%%compare"])
def test_help_names_every_option_and_part(shell: Kernel, question: str) -> None:
    outcome = shell.execute(question)
    text = "".join(page["data"]["text/plain"] for page in outcome.reply.get("payload", []))
    for word in ("--label", "--budget", "--equal", "--result", "--rollback", "#%% setup-each", "#%% after: "):
        assert word in text


@pytest.mark.kernel
def test_options_values_and_labels_complete(shell: Kernel) -> None:
    assert "--budget" in shell.complete("%%compare --bu")
    assert "--memory" not in shell.complete("%%compare --")
    assert "unordered" in shell.complete("%%compare --budget 3 --equal un")
    assert {"exact", "close", "off"} <= set(shell.complete("%%compare --equal "))
    shell.execute("%%perf -l first_try\n1")
    assert "first_try" in shell.complete("%compare fir")
