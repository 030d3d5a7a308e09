import json

import pytest
from command_line import Run

pytestmark = pytest.mark.usefixtures("gateway")


def test_the_token_alone_goes_to_stdout(tbgateway: Run) -> None:
    made = tbgateway("token", "create", "ci", "--member", "admin", "--expires-in", "90d")
    assert made.out.startswith("tbg_")
    assert len(made.out.split()) == 1
    assert "shown this once" in made.err
    listed = json.loads(tbgateway("token", "list", "-o", "json").out)
    assert [(one["label"], one["member"]) for one in listed] == [("ci", "admin")]
    assert listed[0]["expires_at"] > listed[0]["created_at"]
    assert made.out.strip() not in tbgateway("token", "list").out


def test_a_deleted_token_is_gone(tbgateway: Run) -> None:
    made = json.loads(tbgateway("token", "create", "ci", "--member", "admin", "-o", "json").out)
    assert tbgateway("token", "delete", made["id"]).code == 0
    assert tbgateway("token", "delete", made["id"]).code == 3
    assert "tbgateway token create" in tbgateway("token", "list").err


def test_a_local_operator_must_name_a_member(tbgateway: Run) -> None:
    done = tbgateway("token", "create", "ci")
    assert done.code == 2
    assert "--member" in done.err
