"""tbgateway token: API tokens."""

from datetime import timedelta

from cyclopts import App

from tbgateway.cli.session import Use
from tbgateway.cli.words import ago

app = App(name="token", help="API tokens, for scripts.")

_HEADS = ("ID", "MEMBER", "LABEL", "CREATED", "EXPIRES")


@app.command
def create(
    label: str,
    /,
    *,
    member: str | None = None,
    expires_in: timedelta | None = None,
    session: Use,
) -> None:
    """Make a token and print it: the only time that it is told.

    Args:
        label: What it is for.
        member: Whose it is, if not yours (admins only).
        expires_in: How long it works, such as 12h or 90d; without it until it is deleted.

    """
    lifetime = None if expires_in is None else expires_in.total_seconds()
    made = session.client.tokens.create(label, member=member, expires_in=lifetime)
    if session.json:
        session.terminal.result(made)
        return
    session.terminal.say(made.token)
    session.terminal.remark(f"token {made.id} of {made.member}; it is shown this once")


@app.command(name="list")
def list_(*, session: Use) -> None:
    """List your tokens; admins see everybody's."""
    tokens = session.client.tokens.list()
    if session.json:
        session.terminal.result(tokens)
    elif tokens:
        rows = [
            (
                token.id,
                token.member,
                token.label,
                ago(token.created_at),
                "never" if token.expires_at is None else f"{token.expires_at:%Y-%m-%d %H:%M} UTC",
            )
            for token in tokens
        ]
        session.terminal.table(_HEADS, rows)
    else:
        session.terminal.remark("There are no tokens. Make one: tbgateway token create LABEL")


@app.command
def delete(token: str, /, *, session: Use) -> None:
    """Delete a token: it stops working at once.

    Args:
        token: Its id.

    """
    session.client.tokens.delete(token)
    session.terminal.remark(f"deleted {token}")
