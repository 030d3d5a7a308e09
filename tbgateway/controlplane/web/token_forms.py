"""Making and deleting API tokens with forms: one's own, or as an admin a member's."""

from dataclasses import dataclass

from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.own_password import OwnPassword
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Identity, LocalOperator, SignedIn, Token
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.tokens import Once, TokenForm, TokenRow
from tbgateway.rendering.figures import moment
from tbgateway.routes import Exchange

_DAY = 86_400.0  # seconds
_LONGEST_LABEL = 100  # characters, as in the API
_CONFIRMATION = "own-password"  # the field for it
_USUAL = "90"
_NEVER = "never"
_LIFETIMES = {
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "a year",
    _NEVER: "as long as it is not deleted",
}


@dataclass(frozen=True, slots=True)
class TokenForms:
    """The part of a page that is about tokens."""

    means: Means

    async def create(self, exchange: Exchange, member: str, form: Form) -> Once:
        """Make a token for a member, if who asks knows his own password: it outlives the session.

        The operator has none to know. Raise what OwnPassword or Members does.
        """
        label, lifetime = _label(form), _lifetime(form)
        if not isinstance(exchange.identity, LocalOperator):
            own = OwnPassword(self.means.members, self.means.sessions, _CONFIRMATION)
            await own.check(exchange, form)
        made = await self.means.members.create_token(
            exchange.identity, member, label=label, lifetime=lifetime
        )
        return Once(label=f"The token {made.token.label!r} of {member}", secret=made.secret)

    async def delete(self, identity: Identity, form: Form) -> None:
        """Delete a token; raise NotFoundError unless it is one that `identity` may see."""
        await self.means.members.delete_token(identity, form.one("token"))

    def rows(self, identity: Identity, member: str, now: float) -> tuple[TokenRow, ...]:
        """Return a member's tokens as a page shows them; `now` are Unix seconds."""
        return tuple(_row(token, now) for token in self.of(identity, member))

    def of(self, identity: Identity, member: str) -> tuple[Token, ...]:
        """Return a member's tokens, as far as `identity` may know of them."""
        tokens = self.means.members.list_tokens(identity)
        return tuple(token for token in tokens if token.member == member)


def token_form(identity: Identity, form: Form | None = None) -> TokenForm:
    """Return the form with which `identity` makes a token, with what was typed into it."""
    chosen = _USUAL if form is None else form.one("lifetime")
    lifetimes = (
        Option(value=days, label=label, chosen=days == chosen) for days, label in _LIFETIMES.items()
    )
    return TokenForm(
        label="" if form is None else form.one("label"),
        lifetimes=tuple(lifetimes),
        confirmed_by=identity.name if isinstance(identity, SignedIn) else None,
    )


def _row(token: Token, now: float) -> TokenRow:
    expires = token.expires_at
    return TokenRow(
        id=token.id,
        label=token.label,
        created=moment(token.created_at, now),
        expires=None if expires is None else moment(expires, now),
        expired=expires is not None and expires <= now,
    )


def _label(form: Form) -> str:
    label = form.one("label")
    if 0 < len(label) <= _LONGEST_LABEL:
        return label
    raise InvalidInputError(
        "A token needs a label.",
        hint=f"Use 1 to {_LONGEST_LABEL} characters that say what it is for.",
        field="label",
    )


def _lifetime(form: Form) -> float | None:
    days = form.one("lifetime")
    if days not in _LIFETIMES:
        raise InvalidInputError(
            "A token cannot live that long.", hint="Choose from the list.", field="lifetime"
        )
    return None if days == _NEVER else float(days) * _DAY
