from running_api import RunningApi

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


def test_a_weak_password_is_refused_and_not_repeated(gateway: RunningApi) -> None:
    answer = gateway.ask("POST", "/members", {**EVE, "password": "s3cret"})
    assert answer.json()["code"] == "invalid-input"
    assert "s3cret" not in str(answer.body)


def test_the_last_admin_stays(gateway: RunningApi) -> None:
    assert gateway.ask("DELETE", "/members/admin").json()["code"] == "conflict"
