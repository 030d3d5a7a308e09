"""Members, from a client's side."""

from dataclasses import dataclass

from tbgateway.client.api import Api, segment
from tbgateway.client.results import Member
from tbgateway.client.transport import Request


@dataclass(frozen=True, slots=True)
class Members:
    """What admins can do with members."""

    api: Api

    def list(self) -> tuple[Member, ...]:
        """Return all members, by name."""
        return tuple(self.api.pages(Member, "/members"))

    def create(self, name: str, password: str, *, role: str = "viewer") -> Member:
        """Make a member; `role` is "viewer", "editor" or "admin"."""
        body = {"name": name, "role": role, "password": password}
        return self.api.read(Member, Request("POST", "/members", body=body))

    def set_password(self, name: str, password: str) -> Member:
        """Change a member's password; raise DeniedError for one's own, with a token alone."""
        return self.api.read(
            Member, Request("PATCH", f"/members/{segment(name)}", body={"password": password})
        )

    def delete(self, name: str) -> None:
        """Delete a member, with all tokens."""
        self.api.ask(Request("DELETE", f"/members/{segment(name)}"))
