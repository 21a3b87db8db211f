"""The base class of our magics."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, magics_class

from jupyter_perf.magics.host import CellHost


@magics_class
class HostedMagics(Magics):
    """Magics that know the cell host of their shell."""

    shell: Any

    def __init__(self, shell: Any, host: CellHost) -> None:
        super().__init__(shell)
        self.host = host
