"""Who may look at a board, as somebody asks for it."""

import asyncio
from dataclasses import dataclass, replace

from tbgateway.credentials import passwords
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Access, Board
from tbgateway.domain.names import check_username


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How people get in: `username` and `password` are for access by password only."""

    access: Access | None = None
    username: str | None = None
    password: str | None = None


async def new_hash(
    board: Board,
    entry: Entry,
    *,
    rounds: int,
    contradiction: type[TbgatewayError] = InvalidInputError,
) -> str | None:
    """Return the hash of the entry's password, if it has one; `rounds` is bcrypt's cost (log2).

    That takes its time: what `with_entry` refuses for this board is refused first.
    """
    with_entry(board, entry, "not made yet", contradiction=contradiction)
    if entry.password is None:
        return None
    return await asyncio.to_thread(passwords.hash_password, entry.password, rounds)


def with_entry(
    board: Board,
    entry: Entry,
    password_hash: str | None,
    *,
    contradiction: type[TbgatewayError] = InvalidInputError,
) -> Board:
    """Return the board with its entry changed; `password_hash` is the one of a new password.

    Raise InvalidInputError if the entry makes no sense, and `contradiction` if it makes none for a
    board that is as this one is.
    """
    access = entry.access or board.access
    if access is not Access.PASSWORD:
        kind = contradiction if entry.access is None else InvalidInputError
        return _without_password(board, access, entry, kind)
    username = board.username if entry.username is None else _checked(entry.username)
    hashed = board.password_hash
    if entry.password is not None:
        passwords.check_new_password(entry.password)
        hashed = password_hash
    if not (username and hashed):
        raise contradiction(
            "Access by password needs a user name and a password.",
            hint="Give both.",
            command="tbgateway board set-password NAME --username USER --generate-password",
        )
    return replace(board, access=access, username=username, password_hash=hashed)


def _without_password(
    board: Board, access: Access, entry: Entry, kind: type[TbgatewayError]
) -> Board:
    if (entry.username, entry.password) != (None, None):
        raise kind(
            f"A user name and a password have no meaning with access {access.value!r}.",
            hint="Leave them out, or use access 'password'.",
        )
    # What people knew once must not open the board again when it gets a password again.
    return replace(board, access=access, username=None, password_hash=None)


def _checked(username: str) -> str:
    try:
        return check_username(username)
    except InvalidInputError as error:
        error.field = "username"
        raise
