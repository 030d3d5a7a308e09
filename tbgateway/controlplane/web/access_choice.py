"""Who may look at a board, as a form asks for it."""

from dataclasses import dataclass

from tbgateway.boards import Entry
from tbgateway.controlplane.web.forms import Form
from tbgateway.credentials.passwords import generate_password
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Access, Board
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.new_board import AccessForm

_ACCESSES = {
    Access.PASSWORD: (
        "A user name and a password",
        "Whoever knows them can look; nobody needs an account.",
    ),
    Access.MEMBERS: ("Members", "Whoever has an account here can look."),
    Access.PUBLIC: ("Public", "Whoever can reach this address can look, without signing in."),
}
_KEEP, _GENERATE, _OWN = "keep", "generate", "own"
_PASSWORDS = {
    _KEEP: ("Keep the password it has", ""),
    _GENERATE: ("Generate a password for me", "It is shown once, on the next page."),
    _OWN: ("Use this one", ""),
}


@dataclass(frozen=True, slots=True)
class AskedEntry:
    """What was asked for, and the password in it if it was made up here."""

    entry: Entry
    generated: str | None = None


def asked_entry(form: Form, name: str) -> AskedEntry:
    """Read who shall be able to look; `name` is the user name if none is given.

    Raise InvalidInputError.
    """
    access = _access(form.one("access"))
    if access is not Access.PASSWORD:
        return AskedEntry(Entry(access=access))
    username = form.one("username") or name
    match form.one("password_from"):
        case "keep":
            return AskedEntry(Entry(access=access, username=username))
        case "own":
            return AskedEntry(Entry(access=access, username=username, password=_typed(form)))
    password = generate_password()
    return AskedEntry(Entry(access=access, username=username, password=password), password)


def typed_access(form: Form, *, keeps: bool) -> AccessForm:
    """Return the form as it was typed, without the password."""
    return _access_form(
        form.one("access") or Access.PASSWORD,
        form.one("username"),
        form.one("password_from"),
        keeps=keeps,
    )


def access_of(board: Board) -> AccessForm:
    """Return the form as the board is now."""
    keeps = board.password_hash is not None
    return _access_form(board.access, board.username or "", "", keeps=keeps)


def _access_form(access: str, username: str, password_from: str, *, keeps: bool) -> AccessForm:
    ways = [way for way in _PASSWORDS if way != _KEEP or keeps]
    chosen = password_from if password_from in ways else ways[0]
    return AccessForm(
        accesses=tuple(
            Option(value=value.value, label=label, hint=hint, chosen=value == access)
            for value, (label, hint) in _ACCESSES.items()
        ),
        username=username,
        passwords=tuple(
            Option(
                value=way, label=_PASSWORDS[way][0], hint=_PASSWORDS[way][1], chosen=way == chosen
            )
            for way, (label, hint) in _PASSWORDS.items()
            if way in ways
        ),
    )


def _access(text: str) -> Access:
    try:
        return Access(text)
    except ValueError as error:
        raise InvalidInputError(
            "Nobody said who may look.", hint="Choose one of the three.", field="access"
        ) from error


def _typed(form: Form) -> str:
    password = form.exact("password")
    if not password:
        raise InvalidInputError(
            "No password was typed.",
            hint="Type one, or have one generated.",
            field="password",
        )
    return password
