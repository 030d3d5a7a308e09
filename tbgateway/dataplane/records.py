"""What the steps ask of the store: boards and accounts by the names that people use."""

from dataclasses import dataclass

from tbgateway.domain.model import Board, Member, Token
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class Records:
    """Answers as BoardDirectory and as Accounts."""

    store: Store

    def find(self, name: str) -> Board | None:
        """Return the board that has this name now."""
        return self.store.board_named(name)

    def renamed(self, name: str) -> Board | None:
        """Return the board that had this name before it was renamed."""
        reserved = self.store.reserved_names.get(name)
        return None if reserved is None else self.store.boards.get(reserved.board_id)

    def member(self, name: str) -> Member | None:
        """Return the member."""
        return self.store.members.get(name)

    def token(self, token_id: str) -> Token | None:
        """Return the API token, expired or not."""
        return self.store.tokens.get(token_id)
