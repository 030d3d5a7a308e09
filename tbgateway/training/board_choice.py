"""Which boards `tbgateway run` shows its experiment on, where they are not simply named."""

import os
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from tbgateway.client import Board, Client
from tbgateway.client.addresses import parse_address
from tbgateway.domain.errors import NotFoundError, TbgatewayError, TimedOutError
from tbgateway.domain.names import is_id
from tbgateway.training import ranks
from tbgateway.training.complaints import Complaints
from tbgateway.training.contact import Contact
from tbgateway.training.patience import result_within
from tbgateway.training.place import suffixes
from tbgateway.training.run_order import RunOrder
from tbgateway.training.wanted import token_in

T = TypeVar("T")
_PATIENCE = 3.0  # seconds; a gateway that is slow must not keep the command waiting
_LONGEST = 60  # characters; a number may follow
_NAMELESS = "tensorboard"


def boards_of(order: RunOrder) -> tuple[str, ...]:
    """Return the names or ids of the boards that are meant; never raises for the gateway's sake.

    `--tensorboard` means the only board that the caller sees, or else a new one that is called
    like the experiment; `--tensorboard_set` a board that has to be there. Only the first process
    of a distributed training asks for any.
    """
    if not ranks.is_first(os.environ):
        return ()
    if order.board_that_is is not None:
        return (*order.boards, *_if_there(order, order.board_that_is))
    if order.only_board:
        return (*order.boards, *_only_or_new(order))
    return order.boards


def _if_there(order: RunOrder, board: str) -> tuple[str, ...]:
    try:
        return (_soon(order, lambda client: client.boards.show(board)).id,)
    except NotFoundError as error:
        Complaints(order.name).refused(
            f"Board {board!r}", error, then="The command runs all the same."
        )
        return ()
    except TbgatewayError:
        return (board,)  # what is wrong is said when it is told again


def _only_or_new(order: RunOrder) -> tuple[str, ...]:
    try:
        boards = _soon(order, lambda client: client.boards.list())
    except TbgatewayError:
        boards = ()
    return (boards[0].id,) if len(boards) == 1 else (_new_name(order.name, boards),)


def _new_name(experiment: str, boards: Sequence[Board]) -> str:
    """Return a name for a board that nobody has, as near to the experiment's as can be."""
    plain = re.sub(r"[^a-z0-9]+", "-", experiment.lower())[:_LONGEST].strip("-")
    plain = _NAMELESS if not plain or is_id(plain) else plain
    taken = {board.name for board in boards}
    return next(f"{plain}{one}" for one in suffixes() if f"{plain}{one}" not in taken)


def _soon(order: RunOrder, ask: Callable[[Client], T]) -> T:
    """Return the gateway's answer; raise a TbgatewayError if there is none within 3 s."""

    def fetch() -> T | TbgatewayError:
        try:
            address = None if order.url is None else parse_address(order.url)
            return ask(Contact(os.environ, address, token_in(order.token_file)).client())
        except TbgatewayError as error:
            return error

    answer = result_within(_PATIENCE, fetch)
    if answer is None:
        raise TimedOutError("The gateway does not answer.")
    if isinstance(answer, TbgatewayError):
        raise answer
    return answer
