from dataclasses import replace

from tbgateway.credentials import tokens
from tbgateway.credentials.secret_texts import Minted
from tbgateway.credentials.sessions import digest_of, matches, mint
from tbgateway.domain.model import Session


def stored(minted: Minted) -> Session:
    return Session(
        id=minted.id,
        member="ada",
        digest=minted.digest,
        credential_generation=0,
        created_at=0.0,
        expires_at=1.0,
    )


def test_a_secret_has_256_bits_and_none_of_them_is_kept() -> None:
    minted = mint()
    word, identifier, secret = minted.secret_text.split("_")

    assert (word, identifier) == ("tbs", minted.id)
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in repr(minted)
    assert secret not in repr(stored(minted))
    assert mint().secret_text != minted.secret_text


def test_what_a_browser_shows_is_recognised() -> None:
    minted = mint()

    assert digest_of(minted.secret_text) == (minted.id, minted.digest)
    assert matches(stored(minted), minted.digest)
    assert not matches(replace(stored(minted), digest=mint().digest), minted.digest)


def test_nothing_else_is_a_secret_of_a_session() -> None:
    text = mint().secret_text

    for other in ("", "tbs", f"{text}0", text[:-1], text.upper(), f" {text}", f"{text}\n"):
        assert digest_of(other) is None
    assert digest_of(tokens.mint().secret_text) is None
    assert tokens.digest_of(text) is None
