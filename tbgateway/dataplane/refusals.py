"""The wording that several steps refuse with: whoever compares answers learns nothing from it."""

from tbgateway.domain.errors import UnauthenticatedError


def token_refused() -> UnauthenticatedError:
    """Return the one error for API tokens that are wrong, expired, deleted or without a member."""
    return UnauthenticatedError(
        "The API token does not fit: it is wrong, expired or deleted.",
        hint="Make another one. The command line takes it from TBGATEWAY_TOKEN, too.",
        command="tbgateway token create LABEL",
    )


def credentials_needed() -> UnauthenticatedError:
    """Return the one error for no credentials, wrong ones and unknown names alike."""
    return UnauthenticatedError(
        "A user name and a password that fit are needed, or an API token.",
        hint="Log in with what you were given for this board, or with your account. Scripts and the"
        " command line send a token: TBGATEWAY_TOKEN.",
        command="tbgateway login URL --token-stdin",
    )
