"""The wording that several steps refuse with: whoever compares answers learns nothing from it."""

from tbgateway.domain.errors import UnauthenticatedError


def credentials_needed() -> UnauthenticatedError:
    """Return the one error for no credentials, wrong ones and unknown names alike."""
    return UnauthenticatedError(
        "A user name and a password that fit are needed.",
        hint="Log in with what you were given for this board, or with your account.",
    )
