"""Sessions' secrets: a browser keeps the secret in a cookie, the store a digest of its 256 bits."""

from tbgateway.credentials.secret_texts import Minted, SecretTexts, same_digest
from tbgateway.domain.model import Session

_TEXTS = SecretTexts("tbs", secret_bytes=32)


def mint() -> Minted:
    """Return a new secret."""
    return _TEXTS.mint()


def digest_of(secret_text: str) -> tuple[str, str] | None:
    """Return the id and the digest of what a browser shows, or None if it is no such secret."""
    return _TEXTS.digest_of(secret_text)


def matches(session: Session, digest: str) -> bool:
    """Whether `digest` is the session's, in a time that does not tell how much of it is."""
    return same_digest(session.digest, digest)
