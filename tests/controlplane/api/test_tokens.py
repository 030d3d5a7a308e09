from urllib.parse import urlencode

import pytest
from running_api import RunningApi
from running_gateway import ADMIN_PASSWORD, Answer, fetch

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


def test_a_session_alone_makes_no_token(gateway: RunningApi) -> None:
    signed_in = fetch(
        f"{gateway.url}/ui/sign-in",
        method="POST",
        body=urlencode({"username": "admin", "password": ADMIN_PASSWORD}).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    browser = {
        "Cookie": signed_in.headers["Set-Cookie"].partition(";")[0],
        "Sec-Fetch-Site": "same-origin",
    }
    assert fetch(f"{gateway.url}/api/v1/tokens", headers=browser).status == 200
    refused = fetch(
        f"{gateway.url}/api/v1/tokens",
        method="POST",
        body=b'{"label": "for ever"}',
        headers={"Content-Type": "application/json", **browser},
    )
    assert (refused.status, refused.json()["code"]) == (403, "denied")
    assert "HTTP Basic" in refused.json()["hint"]
    assert gateway.ask("GET", "/tokens").json()["items"] == []


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
