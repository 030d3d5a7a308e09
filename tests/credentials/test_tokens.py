import pytest

from tbgateway.credentials.secret_texts import Minted
from tbgateway.credentials.tokens import digest_of, matches, mint
from tbgateway.domain.model import Token


def stored(minted: Minted) -> Token:
    return Token(id=minted.id, member="ada", label="ci", digest=minted.digest, created_at=0.0)


def test_a_minted_token_is_recognised() -> None:
    minted = mint()

    assert minted.secret_text.startswith(f"tbg_{minted.id}_")
    assert digest_of(minted.secret_text) == (minted.id, minted.digest)
    assert matches(stored(minted), minted.digest)


def test_another_secret_with_the_same_id_does_not_match() -> None:
    minted, other = mint(), mint()
    forged = f"tbg_{minted.id}_{other.secret_text.rpartition('_')[2]}"

    shown = digest_of(forged)

    assert shown is not None
    assert shown[0] == minted.id
    assert not matches(stored(minted), shown[1])


@pytest.mark.parametrize("text", ["", "tbg_", "tbg_1_2", "tbg__", "ada:password", "tbg_\u00e4_x"])
def test_what_is_no_token_has_no_digest(text: str) -> None:
    assert digest_of(text) is None


def test_a_token_with_something_behind_it_is_none() -> None:
    assert digest_of(mint().secret_text + "\n") is None


def test_no_two_are_the_same_and_none_shows_in_a_repr() -> None:
    minted = [mint() for _ in range(100)]

    assert len({one.secret_text for one in minted}) == len({one.id for one in minted}) == 100
    assert minted[0].secret_text not in repr(minted[0])


def test_the_digest_does_not_hold_the_secret() -> None:
    minted = mint()

    assert len(minted.digest) == 64
    assert minted.secret_text.rpartition("_")[2] not in minted.digest
