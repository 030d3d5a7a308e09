"""tbgateway login, tbgateway logout: which gateway later commands talk to."""

import os
from pathlib import Path

from tbgateway.cli.passwords import read_secret
from tbgateway.cli.session import Use
from tbgateway.client import Client
from tbgateway.client.discovery import check_token
from tbgateway.client.saved_context import SavedContext, forget_context, save_context
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.locations import context_file


def login(url: str, /, *, token_stdin: bool = False, session: Use) -> None:
    """Save a gateway's URL and an API token for later commands, once the gateway accepts them.

    Args:
        url: http(s)://HOST[:PORT][/PREFIX]
        token_stdin: Read the token from stdin.

    """
    if not token_stdin:
        raise InvalidInputError(
            "A token is needed, and it comes by stdin only.",
            hint="tbgateway login URL --token-stdin < FILE",
        )
    token = check_token(read_secret("Token: "), "Stdin")
    client = Client(url, token=token)
    who = client.whoami()
    path = context_file(os.environ, Path.home())
    save_context(path, SavedContext(str(client.address), token))
    session.terminal.remark(f"{client.address} takes you for {who.name} ({who.role}); saved {path}")


def logout(*, session: Use) -> None:
    """Forget the saved URL and token. The token itself goes on working until it is deleted."""
    gone = forget_context(context_file(os.environ, Path.home()))
    session.terminal.remark("forgotten" if gone else "nothing was saved")
