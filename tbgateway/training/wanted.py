"""What a script asks for, checked at the call: the only thing that may raise into a training."""

import os
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tbgateway.client.addresses import Address, parse_address
from tbgateway.client.discovery import read_token
from tbgateway.domain.description import Told, check_notes, check_params, check_tags
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import check_board_name, check_given_name, is_board_id
from tbgateway.training.plain_values import plain_params

SHORTEST_LEASE, LONGEST_LEASE = 10.0, 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An experiment as a script wants it; `lease` is in seconds."""

    name: str
    boards: tuple[str, ...] = ()
    told: Told = field(default_factory=Told)
    logdir: Path | None = None
    create_boards: bool = True
    resume: bool = False
    lease: float = 60.0
    address: Address | None = None
    token: str | None = field(default=None, repr=False)


def checked_name(name: str) -> str:
    """Return the experiment's name; raise InvalidInputError if it cannot be one."""
    if isinstance(name, str):
        return check_given_name(name)
    raise InvalidInputError(
        f"{reprlib.repr(name)} cannot be an experiment's name.", hint="Give a text.", field="name"
    )


def checked_boards(boards: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names or ids of boards, each once; raise InvalidInputError for others."""
    return tuple(dict.fromkeys(_checked_board(board) for board in _several(boards, "boards")))


def checked_told(params: object, tags: str | Sequence[str] | None, notes: str | None) -> Told:
    """Return what is told of an experiment; raise InvalidInputError for what cannot be."""
    plain = {} if params is None else plain_params(params)  # type: ignore[arg-type] # it refuses what is no mapping
    return Told(
        params=check_params(plain),
        tags=check_tags(tuple(dict.fromkeys(_several(tags, "tags")))),
        notes=None if notes is None else check_notes(notes),
    )


def checked_lease(lease: float) -> float:
    """Return the lease (seconds); raise InvalidInputError if it is too short or too long."""
    if isinstance(lease, int | float) and SHORTEST_LEASE <= lease <= LONGEST_LEASE:
        return float(lease)
    raise InvalidInputError(
        f"{reprlib.repr(lease)} cannot be a lease.",
        hint=f"Give {SHORTEST_LEASE:g} to {LONGEST_LEASE:g} seconds.",
        field="lease",
    )


def checked_directory(logdir: str | os.PathLike[str] | None) -> Path | None:
    """Return where the files shall go; raise InvalidInputError for what is no path."""
    if logdir is None:
        return None
    try:
        path = Path(logdir).expanduser().absolute()
        is_path = bool(os.fspath(logdir).strip()) and b"\0" not in str(path).encode()
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise _no_directory(logdir) from error
    if not is_path:
        raise _no_directory(logdir)
    return path


def checked_address(url: str | None) -> Address | None:
    """Return the gateway's address; raise InvalidInputError if it is none."""
    if url is None or isinstance(url, str):
        return None if url is None else parse_address(url)
    raise InvalidInputError(
        f"{reprlib.repr(url)} is not a gateway's address.",
        hint="Give a text, such as https://boards.example.org.",
        field="url",
    )


def token_in(token_file: str | os.PathLike[str] | None) -> str | None:
    """Return the token in a file, which may be a pipe; raise InvalidInputError if it holds none."""
    if token_file is None:
        return None
    try:
        return read_token(Path(token_file))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{reprlib.repr(token_file)} is no file.",
            hint="Give the path of a file that holds a token.",
            field="token_file",
        ) from error


def _checked_board(board: str) -> str:
    return board if is_board_id(board) else check_board_name(board)


def _no_directory(logdir: object) -> InvalidInputError:
    return InvalidInputError(
        f"{reprlib.repr(logdir)} cannot be a directory for event files.",
        hint="Give a path, in characters that UTF-8 has.",
        field="logdir",
    )


def _several(words: str | Sequence[str] | None, field_name: str) -> tuple[str, ...]:
    """Return the words, also where somebody gave just one, or None for none."""
    if words is None or isinstance(words, str):
        return () if words is None else (words,)
    try:
        given = tuple(words)
    except Exception as error:
        raise _no_texts(words, field_name) from error
    for word in given:
        if not isinstance(word, str):
            raise _no_texts(word, field_name)
    return given


def _no_texts(given: object, field_name: str) -> InvalidInputError:
    return InvalidInputError(
        f"{reprlib.repr(given)} is no text.", hint="Give a list of texts.", field=field_name
    )
