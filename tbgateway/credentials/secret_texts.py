"""Random secrets with a name: shown once, kept as a digest.

They are random, so a fast digest is enough.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_ID_BYTES = 5


@dataclass(frozen=True, slots=True)
class Minted:
    """A new secret: `secret_text` is for its owner's eyes, `digest` for the store."""

    id: str
    secret_text: str = field(repr=False)
    digest: str


class SecretTexts:
    """One kind of secrets: `<word>_<id>_<secret>`, the last two in hexadecimal digits."""

    def __init__(self, word: str, secret_bytes: int) -> None:
        self._word = word
        self._secret_bytes = secret_bytes
        self._form = re.compile(
            rf"{word}_(?P<id>[0-9a-f]{{{2 * _ID_BYTES}}})_[0-9a-f]{{{2 * secret_bytes}}}"
        )

    def mint(self) -> Minted:
        """Return a new one."""
        identifier = secrets.token_hex(_ID_BYTES)
        secret_text = f"{self._word}_{identifier}_{secrets.token_hex(self._secret_bytes)}"
        return Minted(identifier, secret_text, _digest(secret_text))

    def digest_of(self, secret_text: str) -> tuple[str, str] | None:
        """Return the id and the digest of a secret that somebody shows, or None if it is none."""
        match = self._form.fullmatch(secret_text)
        return None if match is None else (match["id"], _digest(secret_text))


def same_digest(one: str, other: str) -> bool:
    """Whether two digests are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def _digest(secret_text: str) -> str:
    return hashlib.sha256(secret_text.encode()).hexdigest()
