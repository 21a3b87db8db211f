"""The MIME bundle of a report: every form that a cell can display, in one message."""

from __future__ import annotations

from typing import Any

from jupyter_perf.discovery import members
from jupyter_perf.model import Report
from jupyter_perf.renderers import Renderer


def bundle(report: Report, top: int = 20) -> dict[str, Any]:
    """Each displayable form by its MIME type; the front end shows the richest that it knows."""
    kinds = members("renderers", Renderer)
    return {kind.mime: kind().render(report, top=top) for kind in kinds if kind.mime is not None}
