"""`.json`: the whole report, every row, which `jupyter_perf.model.from_json` loads back."""

from __future__ import annotations

from typing import ClassVar

from jupyter_perf.model import Report, to_json_text
from jupyter_perf.renderers import Renderer


class JsonExport(Renderer):
    """The report as `to_json_text` writes it."""

    ending: ClassVar[str | None] = ".json"

    def render(self, report: Report, *, top: int = 20) -> str:
        """Every table in full, whatever `top` says."""
        return to_json_text(report)
