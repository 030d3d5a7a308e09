"""Putting an experiment on the boards that a script named."""

import sys
from contextlib import suppress
from http import HTTPStatus

from tbgateway.client import Board, Client
from tbgateway.domain.errors import NameTakenError, NotFoundError, TbgatewayError
from tbgateway.domain.names import is_board_id

_LATER = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)


def put_on_board(client: Client, experiment: str, board: str, *, create: bool) -> Board:
    """Put it there, and make the board if there is none; a new one's address is printed.

    Raise NotFoundError if there is no such experiment, or no board and none may be made.
    """
    try:
        return client.boards.add(board, [experiment])
    except NotFoundError:
        if not create or is_board_id(board):
            raise
    try:
        made = client.boards.create(board, [experiment], access="members")
    except NameTakenError:  # somebody was faster, or it may not be seen
        return _added(client, experiment, board)
    _print(f"tbgateway: new board {made.name}: {made.url}")
    return made


def _added(client: Client, experiment: str, board: str) -> Board:
    try:
        return client.boards.add(board, [experiment])
    except NotFoundError as error:
        raise NotFoundError(
            f"The name {board!r} belongs to a board that this token may not see.",
            hint="Choose another name, or ask the board's owner for access to it.",
        ) from error


def is_final(error: TbgatewayError) -> bool:
    """Whether asking for the same again would be refused again."""
    return HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR and (
        error.status not in _LATER
    )


def _print(line: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # stderr may be closed, or missing
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
