"""New passwords: read from stdin or generated, never from the command line."""

import getpass
import sys
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from tbgateway.domain.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class _PasswordSource:
    """Where a new password comes from.

    Args:
        password_stdin: Read the password from stdin: its first line, all of it but the newline.
        generate_password: Make a password; it is printed once.

    """

    password_stdin: bool = False
    generate_password: bool = False

    @property
    def given(self) -> bool:
        """Whether there is to be a password."""
        return self.password_stdin or self.generate_password

    def password(self) -> str:
        """Return the password; raise InvalidInputError unless there is exactly one source."""
        if self.password_stdin is self.generate_password:
            raise InvalidInputError(
                "A password needs one source.",
                hint="Give either --password-stdin or --generate-password.",
            )
        return read_secret("Password: ") if self.password_stdin else _generated()


NewPassword = Annotated[_PasswordSource, Parameter(name="*")]
NO_PASSWORD = _PasswordSource()


def read_secret(prompt: str) -> str:
    """Return the first line of stdin; a person at a terminal is asked, without echo."""
    try:
        line = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    except UnicodeDecodeError as error:
        raise InvalidInputError("Stdin is not valid UTF-8.", hint="Give UTF-8 text.") from error
    secret = line.rstrip("\r\n")
    if not secret:
        raise InvalidInputError("Stdin is empty.", hint="Pipe one line into the command.")
    return secret


def _generated() -> str:
    from tbgateway.credentials.passwords import generate_password  # noqa: PLC0415 - slow to import

    return generate_password()
