"""A real kernel, driven as a front end does, with the times that the benchmarks need."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import KernelManager

# The clock is the system's monotonic one, so that the kernel's readings and ours are on one scale
# (Linux: clock_gettime(2), CLOCK_MONOTONIC).
PRELUDE = """\
from time import monotonic as clock
begun = ended = None
"""
TIMES = "[begun, ended]"


@dataclass
class Ran:
    """A cell that ran: its status, what it printed, and when.

    `whole_s` is the time from the request to the reply as the front end sees it, `code_s` that between
    the cell's own readings `begun` and `ended` (None where the cell did not set them), and `after_s` the
    time from `ended` to the reply. `values` are the expressions that were asked for, evaluated after
    the cell and, where there is one, after its report.
    """

    status: str
    whole_s: float
    code_s: float | None = None
    after_s: float | None = None
    values: dict[str, Any] = field(default_factory=dict)
    said: str = ""


class KernelError(RuntimeError):
    """A cell that had to run did not."""


class Kernel:
    """A kernel of the interpreter that runs the benchmarks, in a folder of its own."""

    def __init__(self, *extensions: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="benchmarks-")
        environment = {
            **os.environ,
            "IPYTHONDIR": os.path.join(self._folder, "ipython"),
            "JUPYTER_DATA_DIR": os.path.join(self._folder, "jupyter"),
            "JUPYTER_PERF_STORE": os.path.join(self._folder, "history.sqlite"),
            "PYTHONHASHSEED": "0",
        }
        # With it, every kernel would compile each module that was changed since it was last compiled. After
        # an installation all of them are compiled.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._manager = KernelManager(connection_file=os.path.join(self._folder, "kernel.json"))
        self._manager.start_kernel(env=environment, cwd=self._folder, stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self._last_ended = None
        try:
            self.must_run(PRELUDE)
            for extension in extensions:
                self.must_run(f"%load_ext {extension}")
        except KernelError:
            self.shutdown()
            raise

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()

    def shutdown(self) -> None:
        """End the kernel and remove its folder."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        shutil.rmtree(self._folder, ignore_errors=True)

    def must_run(self, code: str, expressions: Mapping[str, str] | None = None) -> Ran:
        """Run a cell that has no reason to fail. Raises KernelError where it does."""
        ran = self.run(code, expressions)
        if ran.status != "ok":
            raise KernelError(f"this cell failed:\n{code}\n{ran.said}")
        return ran

    def run(self, code: str, expressions: Mapping[str, str] | None = None, timeout_s: float = 600) -> Ran:
        """Run a cell; `expressions` name Python expressions whose values are literals."""
        asked = {**(expressions or {}), "times": TIMES}
        begun_s = time.monotonic()
        identity = self._client.execute(code, user_expressions=asked, stop_on_error=False)
        reply = self._reply(identity, timeout_s)
        replied_s = time.monotonic()
        said = self._drain(identity)
        content = reply["content"]
        values = {name: _value(found) for name, found in content.get("user_expressions", {}).items()}
        ran = Ran(content["status"], replied_s - begun_s, values=values, said=said)
        begun, ended = values.pop("times", None) or (None, None)
        if ended is not None and ended != self._last_ended:
            self._last_ended = ended
            ran.code_s, ran.after_s = ended - begun, replied_s - ended
        return ran

    def _reply(self, identity: str, timeout_s: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while True:
            reply: dict[str, Any] = self._client.get_shell_msg(timeout=deadline - time.monotonic())
            if reply["parent_header"].get("msg_id") == identity:
                return reply

    def _drain(self, identity: str) -> str:
        """Read all outputs of a cell; what it said on its streams and as an error."""
        said = []
        while True:
            message = self._client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != identity:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            elif message["msg_type"] == "display_data":
                said.append(content["data"].get("text/plain", ""))
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return "\n".join(said)


def _value(found: Mapping[str, Any]) -> Any:
    if found["status"] != "ok":
        return None
    return ast.literal_eval(found["data"]["text/plain"])


def timed(*lines: str, magic: str = "") -> str:
    """A cell that runs these lines between two readings of the clock."""
    body = ["begun = clock()", *lines, "ended = clock()"]
    return "\n".join([magic, *body] if magic else body)
