from pathlib import Path

import pytest

from tbgateway.client.addresses import parse_address
from tbgateway.client.saved_context import SavedContext, save_context
from tbgateway.domain.errors import UnreachableError
from tbgateway.training.contact import Contact

pytestmark = pytest.mark.usefixtures("own_home")


def test_a_named_gateway_is_called_by_its_address() -> None:
    named = Contact({"TBGATEWAY_URL": "https://other.example"}, parse_address("http://a:80/tb/"))
    assert named.key == named.gateway == "http://a/tb"


def test_the_environments_comes_next_and_is_written_in_one_way() -> None:
    assert Contact({"TBGATEWAY_URL": "https://a.example:443/"}).key == "https://a.example"


def test_then_the_saved_one(own_home: Path) -> None:
    context = own_home / ".config" / "tbgateway" / "context.json"
    context.parent.mkdir(parents=True)
    context.write_text('{"url": "https://saved.example", "token": "x"}')
    context.chmod(0o600)
    assert Contact({}).key == "https://saved.example"


def test_then_this_machines() -> None:
    assert Contact({"TBGATEWAY_SOCKET": "/run/x/control"}).key == "unix:/run/x/control"


def test_one_that_cannot_be_named_has_a_word_all_the_same() -> None:
    assert "cannot be named" in Contact({"TBGATEWAY_URL": "nonsense"}).key


def test_a_new_login_to_the_same_gateway_counts_and_one_to_another_does_not(
    own_home: Path,
) -> None:
    context = own_home / ".config" / "tbgateway" / "context.json"
    save_context(context, SavedContext("http://127.0.0.1:9", "tbg_old"))
    contact = Contact({})
    first = contact.client()
    save_context(context, SavedContext("http://127.0.0.1:9", "tbg_new"))
    assert contact.client() is first
    contact.forget_token()
    second = contact.client()
    assert (first._api.transport.token, second._api.transport.token) == ("tbg_old", "tbg_new")
    save_context(context, SavedContext("http://127.0.0.2:9", "tbg_other"))
    contact.forget_token()
    assert contact.client() is second is contact.client()


def test_a_token_is_not_in_its_repr() -> None:
    assert "tbg_s3cret" not in repr(Contact({}, token="tbg_s3cret"))


def test_a_gateway_that_was_found_is_kept(tmp_path: Path) -> None:
    contact = Contact({"TBGATEWAY_SOCKET": str(tmp_path / "control")})
    with pytest.raises(UnreachableError):
        contact.client()
    named = Contact({}, parse_address("http://127.0.0.1:9"))
    assert named.client() is named.client()
