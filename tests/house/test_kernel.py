"""The kernel helper that the other tests rely on."""

import pytest

pytestmark = pytest.mark.kernel


def test_value_streams_and_displays_in_order(kernel):
    outcome = kernel.execute("print('one'); display(2); import sys; print('three', file=sys.stderr)\n4")
    assert outcome.status == "ok"
    assert outcome.text() == "one\n" and outcome.text("stderr") == "three\n"
    assert [bundle["text/plain"] for bundle in outcome.displays] == ["2"]
    assert outcome.result["text/plain"] == "4"
    assert outcome.kinds == ["stream", "display", "stream", "result"]


def test_error(kernel):
    outcome = kernel.execute("1 / 0")
    assert outcome.status == "error"
    assert outcome.error["ename"] == "ZeroDivisionError"
    assert outcome.result is None


def test_names_do_not_outlive_a_test(kernel, tmp_path):
    assert kernel.execute("outcome = 1").status == "ok"
    kernel.end()
    kernel.begin(tmp_path / "history.sqlite")
    assert kernel.execute("outcome").error["ename"] == "NameError"
    assert kernel.execute("[name for name in dir() if 'leftover' in name]").result["text/plain"] == "[]"


def test_a_cell_may_change_the_folder_and_the_next_test_is_back_in_the_first(kernel, tmp_path):
    first = kernel.execute("import os; os.getcwd()").result
    kernel.execute("os.chdir('/')")
    assert kernel.end() == []
    kernel.begin(tmp_path / "history.sqlite")
    assert kernel.execute("import os; os.getcwd()").result == first


def test_the_loop_of_script_magics_is_ipythons_own(kernel):
    assert kernel.execute("%%bash\necho here").text() == "here\n"
    assert kernel.end() == []


def test_interrupt_and_the_queue_behind_it(kernel):
    running = kernel.submit("import time\nprint('running', flush=True)\ntime.sleep(60)")
    queued = kernel.submit("1")
    kernel.wait_for_text(running, "running")
    kernel.interrupt()
    assert kernel.outcome(running).error["ename"] == "KeyboardInterrupt"
    assert kernel.outcome(queued).status == "aborted"


def test_a_cell_that_does_not_end_is_interrupted(kernel):
    with pytest.raises(TimeoutError, match=r"no end after 0\.5 s"):
        kernel.execute("import time; time.sleep(60)", timeout_s=0.5)
    assert kernel.execute("1 + 1").result["text/plain"] == "2"


def test_cell_id_reaches_the_kernel(kernel):
    code = "get_ipython().kernel.get_parent('shell')['metadata']['cellId']"
    assert kernel.execute(code, cell_id="a-cell").result["text/plain"] == "'a-cell'"


def test_restart_gives_a_new_process(kernel):
    before = kernel.pid
    kernel.execute("kept = 1")
    kernel.restart()
    assert kernel.pid != before
    assert kernel.execute("kept").error["ename"] == "NameError"


def test_each_test_has_a_history_of_its_own_after_a_restart_too(kernel, tmp_path):
    code = "import os; os.environ['JUPYTER_PERF_STORE']"
    expected = repr(str(tmp_path / "history.sqlite"))
    assert kernel.execute(code).result["text/plain"] == expected
    kernel.restart()
    assert kernel.execute(code).result["text/plain"] == expected


def test_completion_and_help(kernel):
    kernel.execute("def a_long_name():\n    'What it does.'")
    assert "a_long_name" in kernel.complete("a_long_n")
    assert "What it does." in kernel.inspect("a_long_name")
