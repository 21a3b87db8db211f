"""The magics, one file each, and the cell host. The only folder that imports IPython."""

from __future__ import annotations

from typing import Any

_ATTRIBUTE = "_jupyter_perf_host"


def load(shell: Any) -> None:
    """Register everything with the shell; a second time is harmless."""
    from jupyter_perf.discovery import members
    from jupyter_perf.magics.base import HostedMagics
    from jupyter_perf.magics.completion import complete
    from jupyter_perf.magics.host import CellHost

    if getattr(shell, _ATTRIBUTE, None) is not None:
        return
    host = CellHost(shell)
    host.load()
    for kind in members("magics", HostedMagics):
        shell.register_magics(kind(shell, host))
    complete(shell)
    setattr(shell, _ATTRIBUTE, host)


def unload(shell: Any) -> None:
    """Take everything back that `load` registered."""
    from jupyter_perf.magics.base import HostedMagics
    from jupyter_perf.magics.completion import complete_no_more

    host = getattr(shell, _ATTRIBUTE, None)
    if host is None:
        return
    host.unload()
    for magics in [one for one in shell.configurables if isinstance(one, HostedMagics)]:
        shell.configurables.remove(magics)
        shell.magics_manager.registry.pop(type(magics).__name__, None)
        for kind, names in magics.magics.items():
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
    complete_no_more(shell)
    delattr(shell, _ATTRIBUTE)
