from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from running_api import RunningApi
from running_gateway import ADMIN_PASSWORD, Answer, fetch

from tbgateway.domain.model import Role

EVE = {"name": "eve", "role": "editor", "password": "eves-own-password"}


def test_admins_make_list_and_delete_members(gateway: RunningApi) -> None:
    made = gateway.ask("POST", "/members", EVE)
    assert made.status == 201
    assert set(made.json()) == {"name", "role", "created_at"}
    listed = gateway.ask("GET", "/members").json()["items"]
    assert [(one["name"], one["role"]) for one in listed] == [("admin", "admin"), ("eve", "editor")]
    assert gateway.ask("DELETE", "/members/eve").status == 204
    assert gateway.ask("DELETE", "/members/eve").status == 404


def test_nobody_else_does(gateway: RunningApi) -> None:
    gateway.add_member("bob", Role.EDITOR)
    assert gateway.ask("GET", "/members", who="bob").status == 403
    assert gateway.ask("POST", "/members", EVE, who="bob").status == 403
    assert gateway.ask("DELETE", "/members/admin", who="bob").status == 403


def test_a_password_is_changed_by_oneself_or_an_admin(gateway: RunningApi) -> None:
    gateway.add_member("bob", Role.VIEWER)
    gateway.add_member("eve", Role.VIEWER)
    change = {"password": "another-password"}
    assert gateway.ask("PATCH", "/members/bob", change, who="eve").status == 403
    assert gateway.ask("PATCH", "/members/bob", change, who="bob").status == 200
    assert gateway.ask("GET", "/whoami", who="bob").status == 401
    assert gateway.ask("PATCH", "/members/eve", change).status == 200


def test_a_token_does_not_change_the_password_of_whose_it_is(gateway: RunningApi) -> None:
    gateway.add_member("bob", Role.VIEWER)
    change = {"password": "another-password"}
    for name in ("bob", "admin"):
        answer = patched(gateway, name, {"Authorization": f"Bearer {gateway.token_of(name)}"})
        assert (answer.status, answer.json()["code"]) == (403, "denied")
        assert "HTTP Basic" in answer.json()["hint"]
        assert gateway.ask("GET", "/whoami", who=name).status == 200
    admins = {"Authorization": f"Bearer {gateway.token_of('admin')}"}
    assert patched(gateway, "bob", admins).status == 200
    assert gateway.ask("PATCH", "/members/admin", change).status == 200


@pytest.mark.parametrize("with_password", [False, True])
def test_a_session_does_not_either(gateway: RunningApi, *, with_password: bool) -> None:
    gateway.add_member("bob", Role.VIEWER)
    headers = {"Cookie": cookie_of(gateway, "bob"), "Sec-Fetch-Site": "same-origin"}
    if with_password:  # nobody looked whether it is the right one
        headers["Authorization"] = f"Basic {b64encode(b'bob:no-such-password').decode()}"
    answer = patched(gateway, "bob", headers)
    assert (answer.status, answer.json()["code"]) == (403, "denied")
    assert "HTTP Basic" in answer.json()["hint"]
    assert gateway.ask("GET", "/whoami", who="bob").status == 200


def test_by_the_control_socket_every_password_is_changed(gateway: RunningApi) -> None:
    assert gateway.client.members.set_password("admin", "another-password").name == "admin"


def patched(gateway: RunningApi, name: str, headers: Mapping[str, str]) -> Answer:
    """Ask for another password with these credentials."""
    return fetch(
        f"{gateway.url}/api/v1/members/{name}",
        method="PATCH",
        body=b'{"password": "another-password"}',
        headers={"Content-Type": "application/json", **headers},
    )


def cookie_of(gateway: RunningApi, name: str) -> str:
    """Sign in with the page, and return what a browser sends from then on."""
    answer = fetch(
        f"{gateway.url}/ui/sign-in",
        method="POST",
        body=urlencode({"username": name, "password": ADMIN_PASSWORD}).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    assert answer.status == 303
    return answer.headers["Set-Cookie"].partition(";")[0]


def test_a_weak_password_is_refused_and_not_repeated(gateway: RunningApi) -> None:
    answer = gateway.ask("POST", "/members", {**EVE, "password": "s3cret"})
    assert answer.json()["code"] == "invalid-input"
    assert "s3cret" not in str(answer.body)


def test_the_last_admin_stays(gateway: RunningApi) -> None:
    assert gateway.ask("DELETE", "/members/admin").json()["code"] == "conflict"
