"""`%perf_notebook on|off|show`."""

from __future__ import annotations

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class

from jupyter_perf.context import Options
from jupyter_perf.magics.base import HostedMagics
from jupyter_perf.model import Report, Run


@magics_class
class NotebookMagics(HostedMagics):
    """Records every cell, and shows the notebook's own hot spots."""

    @line_magic
    def perf_notebook(self, line: str) -> None:
        """Record every cell from now on (on), no more (off), or show the notebook's hottest cells (show)."""
        action = line.strip()
        if action not in ("on", "off", "show"):
            raise UsageError("%perf_notebook takes one word: on, off or show")
        getattr(self, f"_{action}")()

    def _on(self) -> None:
        if not self.host.records_all:
            self.host.records_all = True
            self.host.reports.clear()

    def _off(self) -> None:
        self.host.records_all = False

    def _show(self) -> None:
        if not self.host.reports:
            self.host.presenter.say("no cell has been recorded: %perf_notebook on, then run cells")
            return
        run = Run.merge([report.run for report in self.host.reports], label="notebook")
        self.host.presenter.show(Report(run=run), Options(top=self.host.config.top))
