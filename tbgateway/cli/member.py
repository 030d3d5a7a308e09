"""tbgateway member: members."""

from cyclopts import App

from tbgateway.cli.passwords import NO_PASSWORD, NewPassword
from tbgateway.cli.session import Session, Use
from tbgateway.cli.words import ago
from tbgateway.client import Member
from tbgateway.client.decoding import encode
from tbgateway.domain.model import Role

app = App(name="member", help="Members: people with an account.")


@app.command
def create(
    name: str,
    /,
    *,
    role: Role = Role.VIEWER,
    password: NewPassword = NO_PASSWORD,
    session: Use,
) -> None:
    """Make a member.

    Args:
        name: Letters, digits and the characters _ . @ + -
        role: viewer looks, editor makes boards, admin does everything.

    """
    secret = password.password()
    member = session.client.members.create(name, secret, role=role)
    _show(session, member, secret if password.generate_password else None)


@app.command(name="list")
def list_(*, session: Use) -> None:
    """List all members."""
    members = session.client.members.list()
    if session.json:
        session.terminal.result(members)
        return
    rows = [(member.name, member.role, ago(member.created_at)) for member in members]
    session.terminal.table(("NAME", "ROLE", "CREATED"), rows)


@app.command
def delete(name: str, /, *, session: Use) -> None:
    """Delete a member, with all tokens. Boards stay.

    Args:
        name: The member's name.

    """
    session.client.members.delete(name)
    session.terminal.remark(f"deleted {name}")


@app.command
def set_password(name: str, /, *, password: NewPassword = NO_PASSWORD, session: Use) -> None:
    """Change a member's password. A token does not suffice to change your own.

    Args:
        name: The member's name.

    """
    secret = password.password()
    member = session.client.members.set_password(name, secret)
    _show(session, member, secret if password.generate_password else None)


def _show(session: Session, member: Member, password: str | None) -> None:
    if session.json:
        shown = encode(member)
        assert isinstance(shown, dict)  # noqa: S101 - a dataclass becomes an object
        session.terminal.result(shown if password is None else {**shown, "password": password})
        return
    once = None if password is None else f"{password}  (shown this once)"
    session.terminal.record({"name": member.name, "role": member.role, "password": once})
