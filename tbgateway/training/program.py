"""Finding the program that a command names, as a shell does."""

import os
import shutil
from pathlib import Path

from tbgateway.domain.errors import DeniedError, NotFoundError

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # what shells exit with


class CommandNotFoundError(NotFoundError):
    """There is no such command."""

    exit_code = NOT_FOUND


class NotExecutableError(DeniedError):
    """It is there, and cannot be executed."""

    exit_code = NOT_EXECUTABLE


def find_program(word: str) -> str:
    """Return the path of a command. Raise CommandNotFoundError, or NotExecutableError."""
    found = shutil.which(word)
    if found is not None:
        return found
    path = Path(word)
    if os.sep in word and path.exists():
        problem = "it is a directory" if path.is_dir() else "it is not executable"
        raise not_executable(word, problem)
    raise CommandNotFoundError(
        f"The command {word!r} was not found.",
        hint="Nothing was registered. Is it spelled right, and its environment active?",
    )


def not_executable(word: str, problem: str) -> NotExecutableError:
    """Return the error that says so."""
    return NotExecutableError(
        f"{word!r} cannot be executed: {problem}.",
        hint="Start it with its interpreter, such as: tbgateway run --name NAME -- python train.py",
    )
