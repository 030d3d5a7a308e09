import pytest
from running_api import RunningApi
from running_gateway import Answer, fetch

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Role


def bearing(gateway: RunningApi, secret: str) -> Answer:
    return fetch(f"{gateway.url}/api/v1/whoami", headers={"Authorization": f"Bearer {secret}"})


def test_a_token_works_until_it_is_deleted(gateway: RunningApi) -> None:
    made = gateway.ask("POST", "/tokens", {"label": "ci", "expires_in": 3600})
    assert made.status == 201
    token = made.json()
    assert set(token) == {"id", "member", "label", "created_at", "expires_at", "token"}
    assert bearing(gateway, token["token"]).json()["name"] == "admin"
    listed = gateway.ask("GET", "/tokens")
    assert [one["id"] for one in listed.json()["items"]] == [token["id"]]
    assert token["token"] not in str(listed.body)
    assert gateway.ask("DELETE", f"/tokens/{token['id']}").status == 204
    assert bearing(gateway, token["token"]).status == 401


def test_everybody_has_their_own_and_admins_all(gateway: RunningApi) -> None:
    gateway.add_member("vic", Role.VIEWER)
    own = gateway.ask("POST", "/tokens", {"label": "vics"}, who="vic").json()
    made = gateway.ask("POST", "/tokens", {"label": "by admin", "member": "vic"}).json()
    others = gateway.ask("POST", "/tokens", {"label": "admins"}).json()
    assert (own["member"], made["member"], others["member"]) == ("vic", "vic", "admin")
    assert len(gateway.ask("GET", "/tokens", who="vic").json()["items"]) == 2
    assert len(gateway.ask("GET", "/tokens").json()["items"]) == 3
    assert gateway.ask("DELETE", f"/tokens/{others['id']}", who="vic").status == 404
    denied = gateway.ask("POST", "/tokens", {"label": "x", "member": "admin"}, who="vic")
    assert denied.status == 403


def test_the_local_operator_says_whose_token_it_is(gateway: RunningApi) -> None:
    with pytest.raises(InvalidInputError, match="no member") as refused:
        gateway.client.tokens.create("ci")
    assert "--member" in refused.value.command
    assert gateway.client.tokens.create("ci", member="admin").token.startswith("tbg_")
