"""A real ipykernel to run cells in, through jupyter_client, as a front end does.

outcome = kernel.execute("1 + 1")
assert outcome.status == "ok" and outcome.result["text/plain"] == "2"
"""

from __future__ import annotations

import json
import os
import queue
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from psutil import Process

from tests.leftovers import KEPT

ROOT = Path(__file__).parents[1]
REPORT = "application/vnd.jupyter-perf.report+json"
# An expression, so that no name appears among the user's.
LEFTOVERS = "__import__('tests.leftovers', fromlist=['leftovers'])"

Kind = Literal["stream", "display", "update", "clear", "result", "error"]
_KINDS: dict[str, Kind] = {
    "stream": "stream",
    "display_data": "display",
    "update_display_data": "update",
    "clear_output": "clear",
    "execute_result": "result",
    "error": "error",
}


@dataclass(frozen=True)
class Output:
    """One output message: its kind, and its content as the protocol has it."""

    kind: Kind
    content: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The MIME bundle; empty for streams and errors."""
        return self.content.get("data", {})


@dataclass
class Outcome:
    """What became of a cell: `status` is `ok`, `error` or `aborted`; the outputs in order."""

    status: str = ""
    outputs: list[Output] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)
    is_idle: bool = False

    @property
    def execution_count(self) -> int | None:
        return self.reply.get("execution_count")

    def text(self, stream: str = "stdout") -> str:
        """Everything that was written to a stream."""
        return "".join(
            output.content["text"]
            for output in self.outputs
            if output.kind == "stream" and output.content["name"] == stream
        )

    @property
    def result(self) -> dict[str, Any] | None:
        """The bundle of the cell's last value, or None."""
        return next((output.data for output in self.outputs if output.kind == "result"), None)

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The bundles that were displayed, in order; updates are not among them."""
        return [output.data for output in self.outputs if output.kind == "display"]

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The bundles that carry a report of ours."""
        return [bundle for bundle in self.displays if REPORT in bundle]

    @property
    def error(self) -> dict[str, Any] | None:
        """`ename`, `evalue` and `traceback` as they were shown, or None."""
        return next((output.content for output in self.outputs if output.kind == "error"), None)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of the outputs, in order."""
        return [output.kind for output in self.outputs]


class _ThisPython(KernelSpecManager):
    """Knows one kernel: ipykernel on the interpreter that runs the tests."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class Kernel:
    """A running kernel, with a folder of its own for files, history and settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = folder / "history.sqlite"
        self._outcomes: dict[str, Outcome] = {}
        self._manager = KernelManager(
            kernel_spec_manager=_ThisPython(), connection_file=str(folder / "kernel.json")
        )
        paths = (str(ROOT), os.environ.get("PYTHONPATH", ""))
        environment = {
            **os.environ,
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_DATA_DIR": str(folder / "jupyter"),
            "JUPYTER_PERF_STORE": str(self._store),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        self._manager.start_kernel(env=environment, cwd=str(folder))
        self._client = self._connect()

    def _connect(self) -> BlockingKernelClient:
        client = self._manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
        except RuntimeError:
            client.stop_channels()
            self._manager.shutdown_kernel(now=True)
            raise
        KEPT.update((client.hb_channel, Process(self._manager.provisioner.pid)))
        return client

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.execute("print(__import__('os').getpid())", silent=True).text())

    def submit(
        self,
        code: str,
        *,
        silent: bool = False,
        store_history: bool = True,
        stop_on_error: bool = True,
        cell_id: str | None = None,
    ) -> str:
        """Send a cell without waiting for it; `outcome` waits. Gives the message's id."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": store_history and not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        message = self._client.session.msg("execute_request", content)
        if cell_id is not None:
            message["metadata"]["cellId"] = cell_id
        identity = message["header"]["msg_id"]
        self._outcomes[identity] = Outcome()
        self._client.shell_channel.send(message)
        return identity

    def outcome(self, identity: str, timeout_s: float = 60) -> Outcome:
        """Wait for a submitted cell; one that does not end in time is interrupted.

        Raises TimeoutError, with what the cell had shown, or RuntimeError where the kernel died.
        """
        self._pump(lambda: self._is_done(identity), timeout_s, identity)
        return self._outcomes.pop(identity)

    def execute(self, code: str, timeout_s: float = 60, **options: Any) -> Outcome:
        """Run a cell to its end; the options are those of `submit`."""
        return self.outcome(self.submit(code, **options), timeout_s)

    def wait_for_text(self, identity: str, text: str, timeout_s: float = 60) -> None:
        """Wait until a submitted cell has printed `text`: then it is surely running."""
        self._pump(lambda: text in self._outcomes[identity].text(), timeout_s, identity)

    def interrupt(self) -> None:
        """What the stop button does."""
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        """What "Restart kernel" does; what the test leaves behind counts from here."""
        self._client.stop_channels()
        self._manager.restart_kernel(now=True, newports=True)
        self._outcomes.clear()
        self._client = self._connect()
        self._look()

    def shutdown(self) -> None:
        """End the kernel, and wait until it is gone."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def complete(self, code: str) -> list[str]:
        """What tab completion offers at the end of `code`."""
        return self._client.complete(code, reply=True, timeout=30)["content"]["matches"]

    def inspect(self, code: str) -> str:
        """What shift-tab shows for the name at the end of `code`."""
        content = self._client.inspect(code, reply=True, timeout=30)["content"]
        return content["data"].get("text/plain", "") if content["found"] else ""

    def begin(self, store: Path) -> None:
        """Start a test: no names, the first folder, a history of its own, and a look at what is there."""
        self._store = store
        if not self._manager.is_alive():
            self.restart()
        self._quietly("%reset -f", f"__import__('os').chdir({str(self._folder)!r})")
        self._look()

    def end(self) -> list[str]:
        """End a test: unload the extension, and say what remains."""
        if not self._manager.is_alive():
            return ["nothing but a kernel that has died"]
        self._quietly("%unload_ext jupyter_perf")
        return json.loads(self.execute(f"{LEFTOVERS}.end()", store_history=False).text())

    def _look(self) -> None:
        self._quietly(
            f"__import__('os').environ['JUPYTER_PERF_STORE'] = {str(self._store)!r}",
            f"{LEFTOVERS}.begin()",
        )

    def _quietly(self, *cells: str) -> None:
        for cell in cells:
            outcome = self.execute(cell, store_history=False)
            assert outcome.status == "ok", outcome

    def _is_done(self, identity: str) -> bool:
        outcome = self._outcomes[identity]
        return outcome.is_idle and bool(outcome.reply)

    def _pump(self, is_enough: Callable[[], bool], timeout_s: float, identity: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_enough():
            self._take_output()
            self._take_replies()
            if time.monotonic() > deadline:
                shown = repr(self._outcomes[identity])
                self._stop(identity)
                raise TimeoutError(f"no end after {timeout_s} s: {shown}")
            if not self._manager.is_alive():
                raise RuntimeError(f"the kernel died: {self._outcomes[identity]}")

    def _stop(self, identity: str) -> None:
        """Interrupt a cell, and wait a little for it, so that the next one is not aborted with it."""
        self.interrupt()
        limit = time.monotonic() + 10
        while not self._is_done(identity) and time.monotonic() < limit:
            self._take_output()
            self._take_replies()

    def _take_output(self) -> None:
        try:
            message = self._client.get_iopub_msg(timeout=0.1)
        except queue.Empty:
            return
        outcome = self._outcomes.get(message["parent_header"].get("msg_id", ""))
        if outcome is None:
            return
        kind, content = message["msg_type"], message["content"]
        if kind in _KINDS:
            outcome.outputs.append(Output(_KINDS[kind], content))
        outcome.is_idle |= kind == "status" and content["execution_state"] == "idle"

    def _take_replies(self) -> None:
        while True:
            try:
                message = self._client.get_shell_msg(timeout=0)
            except queue.Empty:
                return
            outcome = self._outcomes.get(message["parent_header"].get("msg_id", ""))
            if outcome is not None:
                outcome.reply = message["content"]
                outcome.status = message["content"]["status"]
