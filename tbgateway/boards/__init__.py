"""The use cases around boards."""

from tbgateway.boards.boards import Boards
from tbgateway.boards.entry import Entry
from tbgateway.boards.membership_view import MembershipView
from tbgateway.boards.visits import Visits
from tbgateway.boards.waiting import Until
from tbgateway.boards.wish import Wish

__all__ = ["Boards", "Entry", "MembershipView", "Until", "Visits", "Wish"]
