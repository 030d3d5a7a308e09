"""Passwords as people choose them: which are allowed, and how they are hashed."""

import secrets
import unicodedata

import bcrypt

from tbgateway.domain.errors import InvalidInputError

MOST_BYTES = 72
"""bcrypt looks no further."""

_LEAST_CHARACTERS = 8
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 characters nobody confuses: 5 bits each
_GROUPS, _GROUP_LENGTH = 5, 4  # 20 characters: 100 bits


def check_new_password(password: str) -> str:
    """Return `password` in NFC; raise InvalidInputError if it cannot be a password."""
    try:
        encoded = normalise(password)
    except UnicodeEncodeError as error:
        raise _refusal("it is not valid Unicode") from error
    if any(unicodedata.category(character) == "Cc" for character in password):
        raise _refusal("it holds control characters")
    if len(encoded.decode()) < _LEAST_CHARACTERS:
        raise _refusal("it is too short")
    if len(encoded) > MOST_BYTES:
        raise _refusal("it is too long")
    return encoded.decode()


def normalise(password: str) -> bytes:
    """Return what is hashed: the same bytes on every keyboard.

    Raise UnicodeEncodeError for lone surrogates, which no check_new_password lets in.
    """
    return unicodedata.normalize("NFC", password).encode()


def hash_password(password: str, rounds: int) -> str:
    """Return a bcrypt hash at a cost of 2 ** `rounds`. Slow on purpose: keep it off the loop."""
    return bcrypt.hashpw(normalise(password), bcrypt.gensalt(rounds)).decode()


def generate_password() -> str:
    """Return a password of 100 random bits that can be read aloud."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def _refusal(problem: str) -> InvalidInputError:
    return InvalidInputError(
        f"This cannot be a password: {problem}.",
        hint=f"Use at least {_LEAST_CHARACTERS} characters and at most {MOST_BYTES} bytes of UTF-8"
        " (a letter outside of ASCII takes 2 to 4), without control characters.",
        field="password",
    )
