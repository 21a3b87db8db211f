"""Attributes and names replaced for the length of a recording, and put back to the letter."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """What was replaced, so that `undo` restores it, last first.

    What the user has replaced anew in the meantime is left alone.
    """

    def __init__(self) -> None:
        self._attributes: list[tuple[type, str, Any, Any]] = []
        self._names: list[tuple[dict[str, Any], str, Any, Any]] = []

    def attribute(self, owner: type, name: str, value: Any) -> None:
        """Set an attribute in a class's own namespace."""
        self._attributes.append((owner, name, owner.__dict__.get(name, _ABSENT), value))
        setattr(owner, name, value)

    def name(self, namespace: dict[str, Any], name: str, value: Any) -> None:
        """Set a name in a module's namespace."""
        self._names.append((namespace, name, namespace.get(name, _ABSENT), value))
        namespace[name] = value

    def undo(self) -> None:
        """Put everything back; a second call does nothing."""
        while self._attributes:
            owner, name, before, value = self._attributes.pop()
            if owner.__dict__.get(name) is not value:
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        while self._names:
            namespace, name, before, value = self._names.pop()
            if namespace.get(name) is not value:
                continue
            if before is _ABSENT:
                del namespace[name]
            else:
                namespace[name] = before
