from running_api import RunningApi
from running_gateway import fetch

import tbgateway
from tbgateway.domain.model import Role


def test_a_member_is_told_their_name_and_role(gateway: RunningApi) -> None:
    gateway.add_member("vic", Role.VIEWER)
    answer = gateway.ask("GET", "/whoami", who="vic")
    assert answer.json() == {"kind": "member", "name": "vic", "role": "viewer"}


def test_a_local_operator_is_an_admin(gateway: RunningApi) -> None:
    who = gateway.client.whoami()
    assert (who.kind, who.name, who.role) == ("local", "local", "admin")


def test_strangers_are_asked_who_they_are(gateway: RunningApi) -> None:
    for path in ("/whoami", "/version", "/boards"):
        assert fetch(f"{gateway.url}/api/v1{path}").status == 401


def test_versions_are_told_to_members(gateway: RunningApi) -> None:
    assert gateway.client.versions().tbgateway == tbgateway.__version__
