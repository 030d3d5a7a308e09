"""Which names are free for boards, and which lead to a board that has another one now."""

from tbgateway.domain.errors import NameTakenError
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId
from tbgateway.store import Store


def formerly_named(store: Store, name: str) -> Board | None:
    """Return the board that had this name before it was renamed."""
    reserved = store.reserved_names.get(name)
    return None if reserved is None else store.boards.get(reserved.board_id)


def check_name_is_free(store: Store, name: str, *, but_for: Board | None = None) -> None:
    """Raise NameTakenError if another board has the name, or had it before."""
    holder = store.board_named(name) or formerly_named(store, name)
    if holder is None or (but_for is not None and holder.id == but_for.id):
        return
    raise NameTakenError(
        f"The name {name!r} belongs to another board, or did before that was renamed.",
        hint="Choose another name.",
    )


def name_of_its_own(board_id: BoardId) -> str:
    """Return a name that no other board ever has: the digits of its id are in it."""
    return f"tensorboard-{board_id.removeprefix('tb')}"
