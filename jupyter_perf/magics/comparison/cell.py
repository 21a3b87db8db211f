"""One `%%compare` cell, from its parts to the report that is shown."""

from __future__ import annotations

import dataclasses

from IPython.core.error import UsageError

from jupyter_perf.comparing.paragraph import Comparing, RefusedError, Settings, run_now
from jupyter_perf.comparing.restraint import note_on
from jupyter_perf.comparing.rollback import Rollback, RollbackError, before_each
from jupyter_perf.context import Context, Options
from jupyter_perf.magics.comparison.arguments import CompareOptions
from jupyter_perf.magics.comparison.hidden_output import hidden_output
from jupyter_perf.magics.comparison.parts import (
    AFTER,
    BEFORE,
    SETUP,
    SETUP_EACH,
    CellPart,
    Compiler,
    Setup,
    Text,
    fresh_names,
)
from jupyter_perf.magics.host import CellHost, notebook_path
from jupyter_perf.magics.progress import StatusLine
from jupyter_perf.model import Report
from jupyter_perf.runner import Progress
from jupyter_perf.session import keep
from jupyter_perf.store import Store
from jupyter_perf.tracebacks import remove_own_frames

# So many of the newest runs are looked through for the cell that `before` is from.
LOOK_THROUGH = 30


class CellComparison:
    """A `%%compare` cell, compiled; `run` sets up, compares and shows."""

    def __init__(self, host: CellHost, options: CompareOptions, cell: str, texts: list[Text]) -> None:
        self._host = host
        self._options = options
        self._cell = cell
        self._texts = texts
        self._names = fresh_names(host.shell.user_ns)
        compiler = Compiler(host.shell, cell, host.book.number)
        self._compiler = compiler
        try:
            self._trees = {text.name: compiler.tree(text) for text in texts}
            self._setups = {
                text.kind: Setup(self._trees[text.name], compiler, self._names)
                for text in texts
                if text.kind in (SETUP, SETUP_EACH)
            }
            self.is_async = any(setup.is_async for setup in self._setups.values()) or any(
                part.is_async for part in self._parts()
            )
        except SyntaxError as error:
            raise UsageError(f"this is not Python in line {error.lineno}: {error.msg}") from None

    def _parts(self) -> list[CellPart]:
        """The parts to compare, the baseline first."""
        ordered = sorted(
            (text for text in self._texts if text.kind in (BEFORE, AFTER)),
            key=lambda text: text.kind != BEFORE,
        )
        return [
            CellPart(text.name, self._trees[text.name], self._compiler, self._names, self._options.result)
            for text in ordered
        ]

    def run_now(self) -> None:
        """As `run`, where no part awaits."""
        __tracebackhide__ = True
        run_now(self.run())

    async def run(self) -> None:
        """Compare, and show the report; an interrupt is raised again behind what there is."""
        __tracebackhide__ = True
        try:
            await self._run()
        except BaseException as error:
            remove_own_frames(error)
            raise

    async def _run(self) -> None:
        await self._set_up()
        status = StatusLine(self._host.shell)
        rollback = self._rollback()
        comparing = Comparing(self._parts(), self._settings(status, rollback), self._context)
        try:
            report = await comparing.report()
        except (RefusedError, RollbackError) as error:
            raise UsageError(str(error)) from None
        finally:
            status.clear()
            if rollback is not None:
                rollback.undo()
        report = dataclasses.replace(report, run=dataclasses.replace(report.run, label=self._options.label))
        keep(report)
        self._host.presenter.present(report, source=self._cell, notebook=notebook_path(self._host.shell))
        if comparing.is_interrupted:
            raise KeyboardInterrupt

    async def _set_up(self) -> None:
        setup = self._setups.get(SETUP)
        if setup is None:
            return
        if setup.is_async:
            await setup()
        else:
            setup()

    def _rollback(self) -> Rollback | None:
        name = self._options.rollback
        if name is None:
            return None
        try:
            connection = eval(name, self._names)
        except Exception as error:
            raise UsageError(f"--rollback {name}: {error}") from None
        try:
            return Rollback(connection, name)
        except RollbackError as error:
            raise UsageError(str(error)) from None
        except Exception as error:  # of the connection itself, such as a closed one
            raise UsageError(f"--rollback {name}: {error}") from None

    def _settings(self, status: StatusLine, rollback: Rollback | None) -> Settings:
        options = self._options
        each = self._setups.get(SETUP_EACH)
        before = next(text for text in self._texts if text.kind == BEFORE)
        note = note_on(BEFORE, before.text, self._recent())
        return Settings(
            budget_s=options.budget,
            equal=options.equal,
            prepare=before_each(each, rollback),
            prepare_is_async=each is not None and each.is_async,
            has_rollback=rollback is not None,
            hide_output=lambda: hidden_output(self._host.shell),
            notes=(note,) if note is not None else (),
            on_progress=lambda progress: status.show(_progress_text(progress, options.budget)),
        )

    def _recent(self) -> list[Report]:
        if not self._host.config.history:
            return []
        try:
            return Store().recent(LOOK_THROUGH, notebook=notebook_path(self._host.shell))
        except ValueError:
            return []

    def _context(self, options: Options) -> Context:
        return self._host.context(options, self._cell)


def _progress_text(progress: Progress, budget_s: float) -> str:
    text = f"comparing: {progress.pairs} pairs, {progress.elapsed_s:.0f} s of {budget_s:g} s"
    if progress.ratio is not None and progress.low is not None and progress.high is not None:
        text += f", {progress.ratio:.3g} times as fast ({progress.low:.3g} to {progress.high:.3g})"
    return text
