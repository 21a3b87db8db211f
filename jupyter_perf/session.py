"""The paragraph: recorders, a Run, rules, a Report."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
import platform
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, TracebackType
from typing import Any

from jupyter_perf.context import Context, Options
from jupyter_perf.detectors import Detector
from jupyter_perf.discovery import members
from jupyter_perf.model import Encoded, Finding, Partial, Previous, Report, Run, Table
from jupyter_perf.recorders import Draft, Recorder
from jupyter_perf.recorders.cpu import samplers
from jupyter_perf.recorders.line_profile import unknown_function
from jupyter_perf.tracebacks import remove_own_frames

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_active: Recording | None = None
_last_report: Report | None = None
_host_context: Callable[[Options], Context] | None = None
_RECORD_OPTIONS = ("exact", "lines", "memory", "native", "subprocesses", "engine", "sql", "params")


class AlreadyRecordingError(RuntimeError):
    """A recording was asked for while another one is under way."""

    def __init__(self) -> None:
        super().__init__(
            "a recording is already under way, so this part is not recorded on its own; "
            "it is in the report of the recording around it"
        )


class Recording:
    """One recording: `start`, the user's code, `stop`, which gives the Report.

    `kinds` are the recorders to choose from by the options; by default all there are.
    """

    def __init__(self, context: Context, kinds: Sequence[type[Recorder]] | None = None) -> None:
        self.context = context
        self._kinds = members("recorders", Recorder) if kinds is None else kinds
        self._recorders: list[Recorder] = []
        self._started_at = 0.0
        self._begun_s = 0.0

    def start(self) -> None:
        """Switch every wanted recorder on. Raises AlreadyRecordingError where one is under way."""
        global _active
        with _lock:
            if _active is not None:
                raise AlreadyRecordingError
            _active = self
        self._begun_s = self.context.origin_s = self.context.clock()
        self._started_at = time.time()
        try:
            for kind in sorted(self._kinds, key=lambda kind: kind.order):
                if kind.is_wanted(self.context.options):
                    self._start(kind)
        except BaseException:
            self.discard()
            raise
        self.context.origin_s = self.context.clock()
        for callback in self.context.begin_callbacks:
            callback()

    def _start(self, kind: type[Recorder]) -> None:
        recorder = kind(self.context)
        try:
            recorder.start()
        except Exception as error:
            self._fail(recorder, error)
        else:
            self._recorders.append(recorder)

    def stop(
        self, partial: Partial | None = None, find_previous: Callable[[], Previous | None] | None = None
    ) -> Report:
        """Switch everything off and give the report.

        The code ended now, unless `context.ended_s` says when. `find_previous` looks up the same cell's last
        run; it is called once nothing is recorded any more.
        """
        context = self.context
        wall_s = context.ended_s = context.now_s() if context.ended_s is None else context.ended_s
        self.discard()
        draft = Draft(wall_s=wall_s)
        draft.overhead_s = context.origin_s - self._begun_s
        for recorder in reversed(self._recorders):
            try:
                recorder.collect(draft)
            except Exception as error:
                self._fail(recorder, error)
        for file in context.sources.changed_files():
            context.note(f"{file} was changed since it was loaded, or reloaded in parts: lines may be others")
        draft.tables["cells"] = _cells(context, draft)
        draft.overhead_s += context.now_s() - wall_s
        run = draft.finish(
            run_id=uuid.uuid4().hex,
            label=context.options.label,
            cell_id=context.cell_id,
            started_at=self._started_at,
            notes=tuple(context.notes),
            environment=_environment(),
            partial=partial,
        )
        previous = find_previous() if find_previous is not None else None
        report = Report(run=run, findings=find(run), previous=previous)
        keep(report)
        return report

    def discard(self) -> None:
        """Switch everything off, without a report."""
        global _active
        for recorder in reversed(self._recorders):
            try:
                recorder.stop()
            except Exception as error:
                self._fail(recorder, error)
        with _lock:
            if _active is self:
                _active = None

    def _fail(self, recorder: Recorder, error: Exception) -> None:
        """A measurement that cannot be had is said so in the report, and never costs the user the rest."""
        _log.debug("%s failed", type(recorder).__name__, exc_info=True)
        what = type(recorder).__name__.removesuffix("Recorder").lower()
        self.context.note(f"{what} was not measured: {str(error) or type(error).__name__}")


def active() -> Recording | None:
    """The recording that is under way in this process."""
    return _active


def last_report() -> Report | None:
    """The report of the newest recording in this process, or None."""
    return _last_report


def keep(report: Report) -> None:
    """Make this the newest report: what `last_report` gives."""
    global _last_report
    _last_report = report


def find(run: Run) -> tuple[Finding, ...]:
    """What the rules find in a run, largest saving first."""
    findings = [finding for rule in members("detectors", Detector) for finding in rule().detect(run)]
    return tuple(sorted(findings, key=lambda finding: -(finding.cost_s or 0.0)))


def set_host(host_context: Callable[[Options], Context] | None) -> None:
    """Have `make_context` ask a host that knows the notebook's cells; None for none."""
    global _host_context
    _host_context = host_context


def make_context(options: Options) -> Context:
    """The live objects of a recording: the host's, where there is one."""
    return (_host_context or with_loop)(options)


def record(label: str | None = None, **options: Any) -> Recorded:
    """Record the code of a `with` or `async with` block.

        with jupyter_perf.record() as recording:
            ...
        recording.report

    `options` are those of `%%perf` that say what is measured: `exact`, `lines`, `memory`, `native`,
    `subprocesses`, `engine`, `sql`, `params`. Raises TypeError for another one, and ValueError, on entering
    the block, for a value that cannot be. Inside another recording the code runs unrecorded, with a warning.
    """
    for name in options:
        if name not in _RECORD_OPTIONS:
            raise TypeError(f"record() has no option {name!r}; it has label, {', '.join(_RECORD_OPTIONS)}")
    lines = options.get("lines", ())
    options["lines"] = (lines,) if isinstance(lines, str) else tuple(lines)
    return Recorded(Options(label=label, **options))


def problem(options: Options, namespace: Mapping[str, Any]) -> str | None:
    """Why what the options ask for cannot be measured, in one sentence; None where it can."""
    for name in options.lines:
        unknown = unknown_function(name, namespace)
        if unknown is not None:
            return f"--lines: {unknown}"
    if options.engine is None:
        return None
    kinds = {kind.name: kind for kind in samplers() if kind.preference < 1000}
    kind = kinds.get(options.engine)
    if kind is None:
        return f"--engine takes one of {', '.join(kinds)}, not {options.engine!r}"
    if options.native and not kind.sees_native:
        return f"--native needs py-spy: the {kind.name} sampler does not see native frames here"
    if options.subprocesses and not kind.sees_subprocesses:
        return f"--subprocesses needs py-spy: the {kind.name} sampler sees this process alone"
    obstacle = kind.obstacle()
    return f"--engine {kind.name}: {obstacle}" if obstacle else None


class Recorded:
    """The block that `record` records, and its report."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._recording: Recording | None = None
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The report, once the block has ended. Raises RuntimeError before, or if it was not recorded."""
        if self._report is None:
            raise RuntimeError("there is no report: the block has not ended, or was not recorded")
        return self._report

    def __enter__(self) -> Recorded:
        frame = sys._getframe(1)
        return self._enter(frame, is_async=_is_coroutine(frame))

    def _enter(self, frame: FrameType, *, is_async: bool) -> Recorded:
        context = make_context(self._options)
        context.is_async = is_async
        context.namespace = context.namespace or frame.f_globals
        obstacle = problem(self._options, context.namespace)
        if obstacle is not None:
            raise ValueError(obstacle.removeprefix("--"))
        recording = Recording(context)
        try:
            recording.start()
        except AlreadyRecordingError as error:
            warnings.warn(str(error), stacklevel=3)
        else:
            self._recording = recording
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        recording, self._recording = self._recording, None
        remove_own_frames(error)
        if recording is not None:
            self._report = recording.stop(partial_of(error))

    async def __aenter__(self) -> Recorded:
        return self._enter(sys._getframe(1), is_async=True)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)


def partial_of(error: BaseException | None) -> Partial | None:
    """Why code that raised this did not come to its end."""
    if error is None:
        return None
    return "interrupt" if isinstance(error, KeyboardInterrupt | asyncio.CancelledError) else "exception"


def with_loop(options: Options, **known: Any) -> Context:
    """A context with the running event loop and its current task, where there is one."""
    context = Context(options=options, **known)
    with contextlib.suppress(RuntimeError):
        context.loop = asyncio.get_running_loop()
        context.task = asyncio.current_task()
    return context


def _is_coroutine(frame: FrameType) -> bool:
    """Whether this is the frame of a coroutine, or of a cell that awaits at its top level."""
    return bool(frame.f_code.co_flags & inspect.CO_COROUTINE)


def _cells(context: Context, draft: Draft) -> Table:
    """The cells that the run's tables name, once each: under `%%time`, a cell is two files to Python."""
    columns = [table["file"] for table in draft.tables.values() if "file" in table.columns]
    named = {
        file for column in columns for file in (column.values if isinstance(column, Encoded) else column)
    }
    cells = [cell for cell in context.sources.by_shown().values() if cell.shown in named]
    rows = [(cell.shown, cell.cell_id, cell.execution_count, cell.source) for cell in cells]
    return Table.of_rows(("file", "cell_id", "execution_count", "source"), rows)


def _environment() -> dict[str, str]:
    from jupyter_perf import __version__

    return {
        "jupyter_perf": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processors": str(os.cpu_count()),
    }
