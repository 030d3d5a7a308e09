"""Whom a page is for."""

from tbgateway.domain.access import has_role
from tbgateway.domain.model import Identity, LocalOperator, Role, SignedIn
from tbgateway.rendering.contexts.page import Reader


def reader_of(identity: Identity) -> Reader | None:
    """Return what a page says about whoever asks for it; None for somebody without an account."""
    match identity:
        case SignedIn(name=name, role=role):
            return Reader(
                name=name,
                role=role.value,
                edits=has_role(identity, Role.EDITOR),
                administers=has_role(identity, Role.ADMIN),
                leaves=True,
            )
        case LocalOperator():
            return Reader(name="local operator", role="admin", edits=True, administers=True)
        case _:
            return None
