"""Asking who is signed in for the password once more, before what outlives a session.

A session left open must not be enough to take an account away.
"""

import unicodedata
from dataclasses import dataclass

from tbgateway.controlplane.web.forms import Form
from tbgateway.credentials.authorization import Basic
from tbgateway.domain.errors import DeniedError, InvalidInputError, UnauthenticatedError
from tbgateway.domain.model import Member, SignedIn
from tbgateway.members import Members
from tbgateway.routes import Exchange
from tbgateway.sessions import Sessions


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """Checks what was typed into a form's `field`."""

    members: Members
    sessions: Sessions
    field: str

    async def check(self, exchange: Exchange, form: Form) -> Member:
        """Return who asks, if the password is right; it is throttled like a sign-in.

        Raise InvalidInputError, DeniedError or TooManyRequestsError.
        """
        if not isinstance(exchange.identity, SignedIn):
            raise DeniedError("You act without an account.", hint="Sign in as a member.")
        member = self.members.find(exchange.identity.name)
        typed = unicodedata.normalize("NFC", form.exact(self.field)).encode()
        try:
            return await self.sessions.check(exchange.client, Basic(member.name, (typed,)))
        except UnauthenticatedError as error:
            # Not as such: a browser would ask who one is.
            raise InvalidInputError(
                "The current password is not right.", hint="Try again.", field=self.field
            ) from error
