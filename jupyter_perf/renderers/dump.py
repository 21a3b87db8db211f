"""`--dump PATH`: the form by the path's ending, and the file on the disk.

A path is resolved and checked before the cell runs, so that a mistake is said early and an `os.chdir` in
the cell does not lead elsewhere. What is written appears as a whole or not at all: a neighbour is written
first and takes the file's place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping

from jupyter_perf.discovery import members
from jupyter_perf.model import Report
from jupyter_perf.renderers import Renderer
from jupyter_perf.renderers.folder import REPORT_FILE, own_files

FOLDER = "/"


def resolve(path: str) -> str:
    """The path, absolute from here, with `~` expanded; a separator at its end, for a folder, is kept."""
    absolute = os.path.abspath(os.path.expanduser(path))
    return os.path.join(absolute, "") if _ends_with_separator(path) else absolute


def check_dump(path: str, *, exact: bool) -> str | None:
    """Why a report cannot be written to `path`, in one sentence; None where nothing stands against it.

    `exact` says whether calls will be counted.
    """
    try:
        ending, form = _form(path)
    except ValueError as error:
        return str(error)
    if form.needs_exact and not exact:
        return f"{ending} holds exact call counts: add --exact"
    return _obstacle(os.path.realpath(resolve(path)), is_folder=ending == FOLDER)


def dump(report: Report, path: str) -> str:
    """Write the report in the form of the path's ending; gives the absolute path.

    Raises ValueError where the ending is unknown or the run lacks what the form needs, and OSError where
    the file cannot be written, each in one sentence.
    """
    _, form = _form(path)
    target = os.path.realpath(resolve(path))
    content = form().render(report)
    try:
        if isinstance(content, Mapping):
            _write_folder(target, content)
        else:
            _write_file(target, _bytes(content))
    except OSError as error:
        raise OSError(error.errno, f"{target} cannot be written: {error.strerror or error}") from error
    return target


def _form(path: str) -> tuple[str, type[Renderer]]:
    """The longest ending that fits, and its form; raises ValueError where none does."""
    forms = {form.ending: form for form in members("renderers", Renderer) if form.ending is not None}
    name = os.path.basename(path)
    if _ends_with_separator(path) or os.path.isdir(resolve(path)) or "." not in name:
        return FOLDER, forms[FOLDER]
    fitting = [ending for ending in forms if name.lower().endswith(ending)]
    if not fitting:
        known = ", ".join(sorted(ending for ending in forms if ending != FOLDER))
        raise ValueError(f"the ending of {name!r} is unknown: use {known}, or a folder/")
    ending = max(fitting, key=len)
    return ending, forms[ending]


def _ends_with_separator(path: str) -> bool:
    return path.endswith((os.sep, os.altsep or os.sep))


def _obstacle(target: str, *, is_folder: bool) -> str | None:
    """What on the disk stands against writing to this absolute path."""
    parent = os.path.dirname(target)
    if not os.path.isdir(parent):
        return f"the folder {parent} does not exist"
    if is_folder and os.path.exists(target) and not os.path.isdir(target):
        return f"{target} is a file, not a folder"
    if not is_folder and os.path.exists(target) and not os.path.isfile(target):
        return f"{target} is not a regular file"
    place = target if os.path.exists(target) else parent
    if not os.access(place, os.W_OK) or (not is_folder and not os.access(parent, os.W_OK)):
        return f"there is no permission to write to {place}"
    return None


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        # For JSON this is the escape of a character that UTF-8 lacks; elsewhere it is at least readable.
        return content.encode("utf-8", "backslashreplace")
    raise TypeError(f"a form with an ending renders text, bytes or files, not {type(content).__name__}")


def _write_file(target: str, content: bytes) -> None:
    with _neighbour(target) as temporary:
        with open(temporary, "xb") as file:
            file.write(content)
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)


def _write_folder(target: str, files: Mapping[str, bytes]) -> None:
    """A new folder as a whole; in one that is there, file by file, leaving the user's own files alone."""
    if os.path.isdir(target):
        _clear_former(target, keep=set(files))
        for name, content in files.items():
            _write_file(os.path.join(target, name), content)
        return
    with _neighbour(target) as temporary:
        os.mkdir(temporary)
        for name, content in files.items():
            with open(os.path.join(temporary, name), "xb") as file:
                file.write(content)
        os.rename(temporary, target)


def _clear_former(folder: str, keep: set[str]) -> None:
    """Remove the frames of a former dump that the new one lacks, so that no two runs are mixed."""
    if os.path.isfile(os.path.join(folder, REPORT_FILE)):
        for name in own_files() - keep:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, name))


@contextlib.contextmanager
def _neighbour(target: str) -> Iterator[str]:
    """A path for a temporary file or folder beside `target`, gone afterwards whatever happened."""
    temporary = os.path.join(os.path.dirname(target), f".jupyter_perf-{uuid.uuid4().hex[:12]}.tmp")
    try:
        yield temporary
    finally:
        if os.path.isdir(temporary):
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
