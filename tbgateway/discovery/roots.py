"""The logdir roots: the only places whose files a board may show."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tbgateway import eventfiles
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.experiment_state import Measurement
from tbgateway.eventfiles import is_within, printable


@dataclass(frozen=True, slots=True)
class Root:
    """A directory whose sub-directories are experiments; with `depth` 2 those of its projects.

    `real` is its real path where that is known, and is not to be looked up again.
    """

    path: Path
    depth: int = 1
    real: str | None = None


RootIdentity = tuple[int, int]
"""Device and inode: by them the kernel tells whether it is the directory that it was."""


def identity_of(path: Path) -> RootIdentity | None:
    """Return which directory `path` leads to now; None if there is nothing to be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def measure(path: str | Path, root_path: str | Path, search_depth: int) -> Measurement:
    """Measure one directory, once; `path` is what `resolve_inside` returned for that root."""
    return eventfiles.measure(str(path), os.path.realpath(root_path), search_depth)


def resolve_inside(path: str | Path, roots: Mapping[str, Root]) -> tuple[str, Path]:
    """Return the root that holds the directory `path`, and the directory's real path.

    Where roots lie inside each other it is the innermost. Raise InvalidInputError for anything
    but a readable directory whose real path lies below a root.
    """
    name, real = root_holding(path, roots)
    check_directory(os.fspath(path), real)
    return name, Path(real)


def root_holding(path: str | Path, roots: Mapping[str, Root]) -> tuple[str, str]:
    """Return the root that holds `path`, and its real path, whether or not there is anything.

    Raise InvalidInputError unless the real path lies below a root.
    """
    text = _checked(os.fspath(path))
    real = os.path.realpath(text)
    inside = {name: root for name, root in _real_roots(roots) if is_within(real, root)}
    if not inside:
        raise InvalidInputError(
            f"{text!r} lies outside of the logdir roots.", hint=_hint(roots), field="path"
        )
    name = max(inside, key=lambda each: len(inside[each]))
    if real == inside[name]:
        raise InvalidInputError(
            f"{text!r} is the logdir root {name!r} itself.",
            hint="Name one of the directories below it: each of them is an experiment.",
            field="path",
        )
    return name, real


def _checked(text: str) -> str:
    shown = printable(text)
    if "\0" in text:
        raise InvalidInputError(
            f"{shown!r} cannot be the path of an experiment: it holds a NUL character.",
            hint="No file's path does. Give the path as it is.",
        )
    if shown != text:
        raise InvalidInputError(
            f"{shown!r} cannot be the path of an experiment: it is not valid UTF-8.",
            hint="Rename the directory.",
        )
    if not text.startswith("/"):
        raise InvalidInputError(
            f"{text!r} is not an absolute path.", hint="Give the full path, beginning with '/'."
        )
    return text


def check_directory(text: str, real: str) -> None:
    """Raise InvalidInputError unless the real path of `text` is a directory that can be read."""
    try:
        os.scandir(real).close()
    except OSError as error:
        raise InvalidInputError(
            f"{text!r} cannot be read as a directory: {error.strerror}.",
            hint="An experiment is a directory of event files that the gateway's user can read.",
        ) from None


def _real_roots(roots: Mapping[str, Root]) -> Iterator[tuple[str, str]]:
    for name, root in roots.items():
        yield name, root.real or os.path.realpath(root.path)


def _hint(roots: Mapping[str, Root]) -> str:
    how = "the gateway's operator may add another one (the settings' logdirs)"
    if not roots:
        return f"There is no logdir root yet; {how}"
    known = ", ".join(f"{name} ({printable(path)})" for name, path in _real_roots(roots))
    return f"The roots are {known}; {how}"
