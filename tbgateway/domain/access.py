"""Who may look at a board, and who may change it. Whatever is not allowed here is denied."""

from tbgateway.domain.model import Access, Board, Identity, LocalOperator, Role, SignedIn, Visitor

_RANK = {Role.VIEWER: 1, Role.EDITOR: 2, Role.ADMIN: 3}


def has_role(identity: Identity, least: Role) -> bool:
    """Whether `identity` is a member with at least the role `least`."""
    match identity:
        case LocalOperator():
            return True
        case SignedIn(role=role):
            return _RANK[role] >= _RANK[least]
        case _:
            return False


def may_look(identity: Identity, board: Board) -> bool:
    """Whether `identity` may open the board's TensorBoard."""
    if board.access is Access.PUBLIC or has_role(identity, Role.ADMIN):
        return True
    match identity:
        case Visitor(board_id=board_id):
            return board_id == board.id and board.access is Access.PASSWORD
        case SignedIn(name=name):
            return board.access is Access.MEMBERS or name == board.owner
        case _:
            return False


def may_change(identity: Identity, board: Board) -> bool:
    """Whether `identity` may change or delete the board: its owner while an editor, and admins."""
    if has_role(identity, Role.ADMIN):
        return True
    match identity:
        case SignedIn(name=name):
            return has_role(identity, Role.EDITOR) and name == board.owner
        case _:
            return False


def may_see(identity: Identity, board: Board) -> bool:
    """Whether `identity` may know of the board."""
    return may_look(identity, board) or may_change(identity, board)


def sees_all(identity: Identity) -> bool:
    """Whether `may_see` is true of every board: one question instead of one for each of a list."""
    return has_role(identity, Role.ADMIN)
