import json

import pytest
from command_line import Run

pytestmark = pytest.mark.usefixtures("gateway")


def test_members_are_made_listed_and_deleted(tbgateway: Run) -> None:
    made = tbgateway("member", "create", "eve", "--role", "editor", "--generate-password")
    assert made.code == 0, made.err
    assert "(shown this once)" in made.out
    rows = [line.split()[:2] for line in tbgateway("member", "list").out.splitlines()]
    assert rows == [["NAME", "ROLE"], ["admin", "admin"], ["eve", "editor"]]
    assert tbgateway("member", "delete", "eve").code == 0
    assert tbgateway("member", "delete", "eve").code == 3


def test_a_password_comes_from_stdin(tbgateway: Run) -> None:
    made = tbgateway("member", "create", "eve", "--password-stdin", stdin="eves-own-password\n")
    assert made.out == "name  eve\nrole  viewer\n"
    changed = tbgateway("member", "set-password", "eve", "--generate-password", "-o", "json")
    assert json.loads(changed.out)["password"]


def test_without_a_password_nothing_is_made(tbgateway: Run) -> None:
    assert tbgateway("member", "create", "eve").code == 2
    short = tbgateway("member", "create", "eve", "--password-stdin", stdin="short\n")
    assert short.code == 2
    assert "eve" not in tbgateway("member", "list").out


def test_the_last_admin_stays(tbgateway: Run) -> None:
    assert tbgateway("member", "delete", "admin").code == 5
