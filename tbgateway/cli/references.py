"""Experiments as people name them on a command line."""

from pathlib import Path

from tbgateway.cli.session import Session
from tbgateway.domain.errors import InvalidInputError


def reference(text: str) -> str:
    """Return an id or name as it is, and a path as an absolute one without links.

    A path begins with `.`, `/` or `~`, or holds a `/` and exists. Raise InvalidInputError for a
    path that JSON cannot carry, and for nothing at all.
    """
    if not text.strip():
        raise InvalidInputError(
            f"{text!r} names no experiment.", hint="Name one by its id, name or path."
        )
    if not _is_path(text):
        return text
    path = str(Path(text).expanduser().resolve())
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"{path!r} is not valid UTF-8.", hint="Rename the directory, or one above it."
        ) from error
    return path


def references(texts: list[str] | tuple[str, ...]) -> list[str]:
    """Return several experiments as the gateway understands them."""
    return [reference(text) for text in texts]


def registered(session: Session, text: str) -> str:
    """Return a reference of which a path is known to the gateway: it is registered if need be."""
    named = reference(text)
    return session.client.experiments.register(named).id if named.startswith("/") else named


def _is_path(text: str) -> bool:
    return text.startswith((".", "/", "~")) or ("/" in text and Path(text).exists())
