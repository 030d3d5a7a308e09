from running_api import RunningApi
from running_gateway import fetch


def test_health_is_public_and_tells_nothing(gateway: RunningApi) -> None:
    assert fetch(f"{gateway.url}/healthz").body == b"ok\n"
    assert fetch(f"{gateway.url}/readyz").body == b"ready\n"


def test_a_gateway_that_is_not_ready_says_when_to_ask_again(gateway: RunningApi) -> None:
    gateway.house.ready = False
    answer = fetch(f"{gateway.url}/readyz")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert fetch(f"{gateway.url}/healthz").status == 200
