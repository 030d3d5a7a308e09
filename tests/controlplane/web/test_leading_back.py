from typing import Any

import pytest

from tbgateway.domain.model import LocalOperator


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/ui/experiments/complete", "../../ui/experiments"),
        ("/ui/experiments/register", "../../ui/experiments"),
        ("/ui/experiments/ex0123456789/rename", "../../../ui/experiments/ex0123456789"),
        ("/ui/experiments/a%2F..%2F{x}/rename", "../../../ui/experiments/a%2F..%2F%7Bx%7D"),
        ("/ui/members/create", "../../ui/members"),
        ("/ui/members/set-password", "../../ui/members"),
        ("/ui/account/create-token", "../../ui/account"),
    ],
)
async def test_the_address_of_a_form_leads_to_the_page_it_stands_on(
    ask: Any, path: str, location: str
) -> None:
    answer = await ask(path, identity=LocalOperator(0))
    assert (answer.status, answer.headers["Location"]) == (303, location)
