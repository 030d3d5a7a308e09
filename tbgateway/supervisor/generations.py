"""The numbers of boards' generations: no two launches of a board ever get the same one."""

from dataclasses import replace

from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import LaunchError
from tbgateway.store import Store


class Generations:
    """Gives each launch its number, from a reservation if there is one.

    A board's record holds the highest number that was given or reserved; it is on the disk before
    the number is used. Somebody waits for a board that starts, and for the disk nobody should wait
    then: so the next number is reserved in the transaction that forgets the launch before. Only
    this process knows which numbers it reserved and has not used. After it, they count as used.
    """

    def __init__(self) -> None:
        self._reserved: dict[BoardId, int] = {}

    def __repr__(self) -> str:
        """Tell how many boards could be launched without waiting for the disk."""
        return f"<Generations reserved={len(self._reserved)}>"

    async def next(self, store: Store, board_id: BoardId) -> Board:
        """Return the board with the number of its next launch; raise LaunchError if it is deleted.

        Raise StorageFullError or UnavailableError if a number has to be stored and cannot be.
        """
        reserved = self._reserved.pop(board_id, None)
        if reserved is not None:
            return replace(_existing(store, board_id), generation=reserved)
        async with store.transaction() as tx:
            board = _with_next_number(_existing(store, board_id))
            tx.put(board)
        return board

    async def forget(self, store: Store, launch: LaunchId) -> None:
        """Forget a launch that is over, if that is still to do; reserve its board's next number."""
        async with store.transaction() as tx:
            record = store.launches.get(launch)
            if record is None:
                return
            tx.drop(record)
            board = _with_next_number(store.boards[record.board_id])
            tx.put(board)
        self._reserved[board.id] = board.generation

    def drop(self, board_id: BoardId) -> None:
        """Keep nothing of a deleted board."""
        self._reserved.pop(board_id, None)


def _existing(store: Store, board_id: BoardId) -> Board:
    board = store.boards.get(board_id)
    if board is None:
        raise LaunchError("the board was deleted")
    return board


def _with_next_number(board: Board) -> Board:
    return replace(board, generation=board.generation + 1)
