"""Loading, unloading, help, completion, settings."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel

pytestmark = pytest.mark.kernel

LOOK = """
import IPython
def look():
    shell = IPython.get_ipython()
    return (
        len(shell.input_transformers_cleanup),
        len(shell.input_transformer_manager.token_transformers),
        {name: len(calls) for name, calls in shell.events.callbacks.items()},
        [type(one).__name__ for one in shell.configurables],
        sorted(shell.magics_manager.magics['line']), sorted(shell.magics_manager.magics['cell']),
        sorted(shell.strdispatchers['complete_command'].strs),
    )
before = look()
"""


def test_loading_is_silent_and_twice_is_harmless(kernel: Kernel) -> None:
    assert kernel.execute("%load_ext jupyter_perf").outputs == []
    assert "already loaded" in kernel.execute("%load_ext jupyter_perf").text()
    kernel.execute("import jupyter_perf\njupyter_perf.load_ipython_extension(get_ipython())")
    assert len(kernel.execute("%%perf\n1").reports) == 1


def test_unloading_restores_everything(kernel: Kernel) -> None:
    kernel.execute(LOOK)
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("%%perf\n1")
    kernel.execute("%unload_ext jupyter_perf")
    assert kernel.execute("look() == before").result == {"text/plain": "True"}, kernel.execute(
        "(before, look())"
    ).result
    assert "not found" in kernel.execute("%%perf\n1").text("stderr")


def test_reloading_works(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("%reload_ext jupyter_perf")
    assert len(kernel.execute("%%perf\n1").reports) == 1


@pytest.mark.parametrize("question", ["%%perf?", "%perf?", "?%perf"])
def test_help_names_every_option(kernel: Kernel, question: str) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute(question)
    text = "".join(page["data"]["text/plain"] for page in outcome.reply.get("payload", []))
    for option in ("--label", "--exact", "--snakeviz", "--lines", "--memory", "--native", "--dump", "--top"):
        assert option in text


@pytest.mark.parametrize("start", ["%%perf --me", "%perf --me"])
def test_options_complete(kernel: Kernel, start: str) -> None:
    kernel.execute("%load_ext jupyter_perf")
    assert "--memory" in kernel.complete(start)


def test_settings_change_the_defaults(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("%config JupyterPerf.quiet = True")
    assert kernel.execute("%%perf\n1").reports == []
    kernel.execute("%config JupyterPerf.quiet = False")
    assert len(kernel.execute("%%perf\n1").reports) == 1
    assert "top" in kernel.execute("%config JupyterPerf").text()
