import json

from tbgateway.domain.model import Role
from tbgateway.schemas.answers import ListAnswer, MemberAnswer, TokenAnswer, iso


def test_times_are_iso_8601_in_utc() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_795_420_800.25) == "2026-11-23T08:00:00.250Z"


def test_answers_become_json_with_every_field() -> None:
    token = TokenAnswer(id="t", member="ada", label="ci", created_at=0.0, expires_at=None)
    assert json.loads(token.model_dump_json()) == {
        "id": "t",
        "member": "ada",
        "label": "ci",
        "created_at": "1970-01-01T00:00:00.000Z",
        "expires_at": None,
    }


def test_lists_keep_the_fields_of_their_items() -> None:
    member = MemberAnswer(name="ada", role=Role.ADMIN, created_at=0.0)
    page = ListAnswer(items=(member,), next=None)
    assert json.loads(page.model_dump_json())["items"][0]["role"] == "admin"
