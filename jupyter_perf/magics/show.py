"""What becomes of a report: shown, bound, written, kept."""

from __future__ import annotations

from typing import Any

from jupyter_perf.context import Context, Options
from jupyter_perf.magics.config import JupyterPerf
from jupyter_perf.model import Partial, Previous, Report
from jupyter_perf.renderers.bundle import bundle
from jupyter_perf.renderers.dump import dump
from jupyter_perf.renderers.snakeviz_view import open_in_browser, snakeviz_html
from jupyter_perf.session import Recording
from jupyter_perf.store import Store


class Presenter:
    """Ends recordings and presents their reports in one shell."""

    def __init__(self, shell: Any, config: JupyterPerf) -> None:
        self._shell = shell
        self._config = config

    def finish(self, recording: Recording, partial: Partial | None, source: str) -> Report:
        """Stop the recording and present its report as its options ask."""
        context = recording.context
        options = context.options
        store = Store() if self._config.history else None
        report = recording.stop(partial, lambda: self._previous(store, context, source))
        if options.name is not None:
            self._shell.user_ns[options.name] = report
        if not options.quiet:
            self.show(report, options)
        if options.dump is not None:
            self._dump(report, options.dump)
        if store is not None:
            store.save(report, notebook=context.notebook, source=source, params=options.params)
            for trouble in store.troubles:
                self.say(trouble)
        return report

    def present(self, report: Report, *, source: str | None = None, notebook: str | None = None) -> None:
        """Show a report that is made already; keep it in the history where it has the source of a cell."""
        self.show(report, Options(top=self._config.top))
        if self._config.history and source is not None:
            store = Store()
            store.save(report, notebook=notebook, source=source)
            for trouble in store.troubles:
                self.say(trouble)

    def _previous(self, store: Store | None, context: Context, source: str) -> Previous | None:
        if store is None:
            return None
        return store.previous(notebook=context.notebook, cell_id=context.cell_id, source=source)

    def show(self, report: Report, options: Options) -> None:
        """Display the report, and snakeviz's view below it where that was asked for."""
        self._shell.display_pub.publish(data=bundle(report, top=options.top))
        if options.snakeviz:
            self._show_snakeviz(report)

    def _show_snakeviz(self, report: Report) -> None:
        # Imported when used: a kernel has no terminal, and this would double the time of %load_ext.
        from IPython.terminal.interactiveshell import TerminalInteractiveShell

        try:
            if isinstance(self._shell, TerminalInteractiveShell):
                open_in_browser(report)
                return
            page = snakeviz_html(report)
        except (ValueError, RuntimeError, ImportError) as error:
            self.say(f"snakeviz's view cannot be shown: {error}")
        else:
            text = "snakeviz's view is shown where HTML is"
            self._shell.display_pub.publish(data={"text/html": page, "text/plain": text})

    def _dump(self, report: Report, path: str) -> None:
        try:
            dump(report, path)
        except (ValueError, OSError) as error:
            self.say(f"--dump: {error}")

    def say(self, sentence: str) -> None:
        """One sentence of our own, as a display."""
        self._shell.display_pub.publish(data={"text/plain": f"jupyter_perf: {sentence}"})
