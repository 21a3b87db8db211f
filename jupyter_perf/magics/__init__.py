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
    from jupyter_perf.magics.completion import complete_no_more

    host = getattr(shell, _ATTRIBUTE, None)
    if host is None:
        return
    host.unload()
    for names in shell.magics_manager.magics.values():
        for name in [name for name, function in names.items() if _is_ours(function)]:
            del names[name]
    complete_no_more(shell)
    delattr(shell, _ATTRIBUTE)


def _is_ours(function: object) -> bool:
    module = getattr(function, "__module__", "") or ""
    return module.startswith("jupyter_perf.")
