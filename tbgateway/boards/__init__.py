"""The use cases around boards."""

from tbgateway.boards.boards import Boards, Until
from tbgateway.boards.entry import Entry
from tbgateway.boards.membership_view import MembershipView

__all__ = ["Boards", "Entry", "MembershipView", "Until"]
