"""Forms of a report: one file each. A renderer is pure: a Report in, text or bytes out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from jupyter_perf.model import Report


class Renderer(ABC):
    """An output form.

    `mime` is set where the form is part of what a cell displays; `ending` where `--dump PATH` writes it.
    `needs_exact` says that it shows call counts, which only `--exact` records.
    """

    mime: ClassVar[str | None] = None
    ending: ClassVar[str | None] = None
    needs_exact: ClassVar[bool] = False

    @abstractmethod
    def render(self, report: Report, *, top: int = 20) -> object:
        """The report in this form: text, bytes, or JSON values for a JSON MIME type.

        Raises ValueError, in one sentence, where the run lacks what this form needs.
        """
