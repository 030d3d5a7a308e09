"""API tokens, from a client's side."""

from dataclasses import dataclass

from tbgateway.client.api import Api, segment
from tbgateway.client.results import NewToken, Token
from tbgateway.client.transport import Request


@dataclass(frozen=True, slots=True)
class Tokens:
    """What members can do with their tokens, and admins with everybody's."""

    api: Api

    def list(self) -> tuple[Token, ...]:
        """Return the caller's tokens; admins see everybody's."""
        return tuple(self.api.pages(Token, "/tokens"))

    def create(
        self, label: str, *, member: str | None = None, expires_in: float | None = None
    ) -> NewToken:
        """Make a token, for the caller unless `member` is given; `expires_in` is in seconds."""
        wanted = {"label": label, "member": member, "expires_in": expires_in}
        body = {key: value for key, value in wanted.items() if value is not None}
        return self.api.read(NewToken, Request("POST", "/tokens", body=body))

    def delete(self, token_id: str) -> None:
        """Delete a token: it stops working at once."""
        self.api.ask(Request("DELETE", f"/tokens/{segment(token_id)}"))
