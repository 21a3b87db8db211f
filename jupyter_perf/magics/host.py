"""The cell host: arms before a cell runs, reports after it. The cell itself runs as without it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError

from jupyter_perf import session
from jupyter_perf.context import Context, Options
from jupyter_perf.magics.arguments import check, parse
from jupyter_perf.magics.cells import CellBook
from jupyter_perf.magics.config import JupyterPerf
from jupyter_perf.magics.progress import Progress
from jupyter_perf.magics.show import Presenter
from jupyter_perf.magics.tracebacks import CleanTracebacks
from jupyter_perf.magics.transform import (
    AROUND,
    AwaitedPerf,
    await_compare,
    has_body,
    hide_magic_line,
    magic_above,
    magic_options,
    stacked_options,
)
from jupyter_perf.model import Partial, Report
from jupyter_perf.recorders.sql import prepare_drivers, release_drivers
from jupyter_perf.session import AlreadyRecordingError, Recording, with_loop

# Cells that are not recorded as a whole: what reads the recordings, and what makes recordings of its own.
_NOT_RECORDED = ("%perf_notebook", "%%compare")
# So many reports of a notebook's cells are kept for `%perf_notebook show`, the oldest out.
REPORTS_LIMIT = 500


@dataclass
class _Armed:
    """A recording under way, and the execution that it belongs to."""

    info: Any
    recording: Recording
    progress: Progress
    tracebacks: CleanTracebacks
    process: int
    request: str | None


class CellHost:
    """Connects one IPython shell with the session."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.config = JupyterPerf(parent=shell)
        self.book = CellBook(shell)
        self.presenter = Presenter(shell, self.config)
        self.records_all = False
        self.reports: deque[Report] = deque(maxlen=REPORTS_LIMIT)
        self._armed: _Armed | None = None
        self._has_hidden = False

    def load(self) -> None:
        """Register with the shell."""
        self.shell.configurables.append(self.config)
        self.shell.input_transformers_cleanup[:0] = [self.transform, self.await_compare]
        self.shell.input_transformer_manager.token_transformers.append(AwaitedPerf)
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)
        session.set_host(self.context)
        prepare_drivers()

    def unload(self) -> None:
        """Take everything back."""
        release_drivers()
        session.set_host(None)
        if self._armed is not None:
            self._disarm().recording.discard()
        self.shell.events.unregister("pre_run_cell", self.pre_run_cell)
        self.shell.events.unregister("post_run_cell", self.post_run_cell)
        self.shell.input_transformer_manager.token_transformers.remove(AwaitedPerf)
        for transformer in (self.transform, self.await_compare):
            self.shell.input_transformers_cleanup.remove(transformer)
        self.shell.configurables.remove(self.config)

    def transform(self, lines: list[str]) -> list[str]:
        """What `hide_magic_line` makes of a cell; a cell with bad options is left for the magic to refuse."""
        hidden = hide_magic_line(lines, self._is_refused)
        self._has_hidden |= hidden is not lines
        return hidden

    # IPython leaves such a transformer out where it only asks whether what is typed so far is complete: a
    # cell that begins with a `%%magic` is complete at a blank line, not at its first whole statement.
    transform.has_side_effects = True  # type: ignore[attr-defined]

    def await_compare(self, lines: list[str]) -> list[str]:
        """What `transform.await_compare` makes of a cell."""
        return await_compare(lines, self._awaits)

    await_compare.has_side_effects = True  # type: ignore[attr-defined]

    def _is_refused(self, line: str) -> bool:
        try:
            check(parse(line, self.config), self.shell.user_ns)
        except UsageError:
            return True
        return False

    def pre_run_cell(self, info: Any = None) -> None:
        """Arm, where the cell asks for it."""
        raw_cell = getattr(info, "raw_cell", None)
        if not isinstance(raw_cell, str) or not raw_cell.strip():
            return
        self.book.remember(info)
        self._arm(info, raw_cell)
        self._has_hidden = False

    def _arm(self, info: Any, raw_cell: str) -> None:
        options = self._wanted(raw_cell)
        if options is None:
            return
        self._drop_stale()
        context = self.context(options, raw_cell, getattr(info, "cell_id", None))
        context.is_async = self._awaits(raw_cell)
        recording = Recording(context)
        progress = Progress(self.shell, context, self.config.progress_after_s)
        try:
            recording.start()
        except AlreadyRecordingError as error:
            self.presenter.say(str(error))
        except Exception as error:
            # The cell runs on, whatever keeps us from recording it.
            self.presenter.say(f"this cell is not recorded: {error}")
        else:
            tracebacks = CleanTracebacks(self.shell)
            tracebacks.start()
            self._armed = _Armed(info, recording, progress, tracebacks, os.getpid(), request_id(self.shell))

    def _drop_stale(self) -> None:
        """Forget a cell that has ended without the event that says so."""
        armed = self._armed
        if armed is None:
            return
        if session.active() is not armed.recording or armed.request != request_id(self.shell):
            self._disarm().recording.discard()

    def _wanted(self, raw_cell: str) -> Options | None:
        line = stacked_options(raw_cell)
        if line is not None and magic_options(raw_cell) is not None and not has_body(raw_cell):
            return None
        if line is None:
            is_recording = raw_cell.lstrip().startswith(_NOT_RECORDED)
            if not self.records_all or session.active() is not None or is_recording:
                return None
            return parse("--quiet", self.config)
        try:
            options = parse(line, self.config)
            check(options, self.shell.user_ns)
        except UsageError:
            return None
        return options

    def _awaits(self, raw_cell: str) -> bool:
        """Whether the cell awaits at its top level; a cell without any of the words need not be parsed."""
        if "await" not in raw_cell and "async" not in raw_cell:
            return False
        transformed = self.shell.transform_cell(raw_cell)
        return bool(self.shell.should_run_async(raw_cell, transformed_cell=transformed))

    def context(self, options: Options, raw_cell: str | None = None, cell_id: str | None = None) -> Context:
        """The live objects of a recording in this shell; `raw_cell` is the text of the cell, as typed."""
        return with_loop(
            options,
            namespace=self.shell.user_ns,
            sources=self.book.sources(raw_cell),
            shell=self.shell,
            cell_id=cell_id,
            notebook=notebook_path(self.shell),
        )

    def post_run_cell(self, result: Any = None) -> None:
        """Report, where the cell that ended is the one that was armed for."""
        info = getattr(result, "info", None)
        self._explain_unrecorded(getattr(info, "raw_cell", None))
        armed = self._armed
        if armed is None or armed.process != os.getpid():
            return
        if info is not None and info is not armed.info:
            return
        self._disarm()
        if result is not None and result.error_before_exec is not None:
            armed.recording.discard()
            return
        self._report(armed, _partial(result))

    def _explain_unrecorded(self, raw_cell: str | None) -> None:
        """Say so where a magic above `%%perf` compiled the cell itself, without `run_cell`."""
        above = magic_above(raw_cell) if raw_cell and self._has_hidden else None
        self._has_hidden = False
        if above is not None and above not in AROUND:
            self.presenter.say(f"{above} ran this cell unrecorded: put %%perf above {above}")

    def _report(self, armed: _Armed, partial: Partial | None) -> None:
        source = armed.info.raw_cell
        report = self.presenter.finish(armed.recording, partial, source)
        if self.records_all:
            self.reports.append(report)

    def _disarm(self) -> _Armed:
        armed, self._armed = self._armed, None
        assert armed is not None
        armed.progress.clear()
        armed.tracebacks.stop()
        return armed


def _partial(result: Any) -> Partial | None:
    """Why the cell did not come to its end; ipykernel gives no result for a cell that it cancelled."""
    if result is None:
        error = sys.exc_info()[1]
        return session.partial_of(error if error is not None else asyncio.CancelledError())
    return session.partial_of(result.error_in_exec)


def notebook_path(shell: Any) -> str | None:
    """The notebook's path, where the front end or the server tells it."""
    for name in ("__session__", "__vsc_ipynb_file__"):
        if isinstance(shell.user_ns.get(name), str):
            return str(shell.user_ns[name])
    return os.environ.get("JPY_SESSION_NAME")


def request_id(shell: Any) -> str | None:
    """The message that asked for what is running; None outside a kernel."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    identity = parent.get("header", {}).get("msg_id")
    return str(identity) if identity is not None else None
