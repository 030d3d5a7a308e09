"""Where the script's side keeps what it remembers, and how it writes it."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tbgateway.training.directories import make_directories


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Return the directory of what may be lost."""
    return _below(environ.get("XDG_CACHE_HOME", ""), ".cache")


def state_dir(environ: Mapping[str, str]) -> Path:
    """Return the directory of what must not be lost."""
    return _below(environ.get("XDG_STATE_HOME", ""), ".local/state")


def write_json(path: Path, value: object) -> None:
    """Write the file whole or not at all, for its owner only, as are directories on the way to it.

    Raise OSError.
    """
    make_directories(path.parent, 0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _below(named: str, usual: str) -> Path:
    base = Path(named) if named.startswith("/") else _home() / usual
    return base / "tbgateway"


def _home() -> Path:
    """Return the user's home; where nobody knows it, a place that holds nothing."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)
