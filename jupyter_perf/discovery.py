"""Members of a family, found by folder and by entry point, so that nothing is registered twice.

A new driver, sampler, recorder, detector or renderer is one new file in its family's folder. Third
parties name a module of theirs under the entry-point group of the same name, for example

    [project.entry-points."jupyter_perf.drivers"]
    mydb = "mydb_perf.driver"
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import warnings
from functools import cache
from importlib.metadata import EntryPoint, distributions
from types import ModuleType
from typing import TypeVar

Base = TypeVar("Base")


def members(family: str, base: type[Base]) -> list[type[Base]]:
    """Every concrete subclass of `base` in `jupyter_perf.<family>` and its entry points, by module name."""
    return [
        member
        for module in _modules(family)
        for member in vars(module).values()
        if isinstance(member, type) and member.__module__ == module.__name__
        if member is not base and issubclass(member, base) and not inspect.isabstract(member)
    ]


@cache
def _modules(family: str) -> tuple[ModuleType, ...]:
    package = importlib.import_module(f"jupyter_perf.{family}")
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    own = [importlib.import_module(name) for name in names]
    points = (point for point in _entry_points() if point.group == f"jupyter_perf.{family}")
    return (*own, *filter(None, (_load(point) for point in points)))


@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    """Those of all families; what is installed later is found after a restart.

    `importlib.metadata.entry_points` would parse what every distribution names, for each family again.
    Of two distributions of one name the first on the path counts.
    """
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for distribution in distributions():
        if "jupyter_perf." in (distribution.read_text("entry_points.txt") or ""):
            found.setdefault(distribution.name, tuple(distribution.entry_points))
    return tuple(point for points in found.values() for point in points)


def _load(point: EntryPoint) -> ModuleType | None:
    """A third party's module; None, with a warning, where it cannot be imported."""
    try:
        module = point.load()
    except Exception as error:
        warnings.warn(f"{point.value} of {point.group} is left out: {error}", stacklevel=2)
        return None
    return module if isinstance(module, ModuleType) else None
