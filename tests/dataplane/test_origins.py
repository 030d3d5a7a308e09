"""Who is where, through proxies that are trusted and others."""

import json

import pytest
from small_gateway import SmallGateway, StartGateway

from tbgateway.dataplane.origins import Origins, TrustedProxies, parse_external
from tbgateway.domain.errors import InvalidInputError


async def seen(gateway: SmallGateway, lines: list[str]) -> dict[str, str]:
    request = "\r\n".join(
        ["GET /healthz HTTP/1.1", "Host: h:8300", "Connection: close", *lines, "", ""]
    )
    reply = await gateway.raw(request.encode())
    answer: dict[str, str] = json.loads(reply.body)
    return answer


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        ([], "127.0.0.1"),
        (["X-Forwarded-For: 192.0.2.1"], "192.0.2.1"),
        (["X-Forwarded-For: 198.51.100.9, 192.0.2.1"], "192.0.2.1"),
        (["X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 192.0.2.1"], "192.0.2.1"),
        (["X-Forwarded-For: 192.0.2.1, 10.0.0.7"], "192.0.2.1"),
        (["X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 10.0.0.7, 10.1.2.3"], "192.0.2.1"),
        (["X-Forwarded-For: 10.0.0.1, 10.0.0.7"], "10.0.0.1"),
        (["X-Forwarded-For: 192.0.2.1:4711"], "192.0.2.1"),
        (["X-Forwarded-For: [2001:db8::1]:4711"], "2001:db8::1"),
        (["X-Forwarded-For: 2001:db8::1"], "2001:db8::1"),
        (["X-Forwarded-For: ::ffff:192.0.2.1"], "192.0.2.1"),
        (["X-Forwarded-For: 192.0.2.1, unknown"], "127.0.0.1"),
        (["X-Forwarded-For: 192.0.2.1,"], "127.0.0.1"),
        (["X-Forwarded-For: "], "127.0.0.1"),
    ],
)
async def test_the_client_is_the_last_party_that_is_not_trusted(
    start_gateway: StartGateway, trusting: Origins, lines: list[str], client: str
) -> None:
    behind, alone = await start_gateway(origins=trusting), await start_gateway()

    assert (await seen(behind, lines))["client"] == client
    assert (await seen(alone, lines))["client"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ([], "http://h:8300"),
        (["X-Forwarded-Proto: https"], "https://h:8300"),
        (["X-Forwarded-Proto: https", "X-Forwarded-Host: example.org"], "https://example.org"),
        (["X-Forwarded-Host: evil.test, example.org"], "http://example.org"),
        (["X-Forwarded-Host: a/b"], "http://h:8300"),
        (["X-Forwarded-Proto: javascript"], "http://h:8300"),
        (["X-Forwarded-Prefix: /team/tb"], "http://h:8300/team/tb"),
        (["X-Forwarded-Prefix: /team/tb/"], "http://h:8300/team/tb"),
        (["X-Forwarded-Prefix: /"], "http://h:8300"),
        (["X-Forwarded-Prefix: //evil.test"], "http://h:8300"),
        (["X-Forwarded-Prefix: /a/../b"], "http://h:8300"),
        (["X-Forwarded-Prefix: tb"], "http://h:8300"),
    ],
)
async def test_the_gateway_is_where_trusted_proxies_say(
    start_gateway: StartGateway, trusting: Origins, lines: list[str], url: str
) -> None:
    behind, alone = await start_gateway(origins=trusting), await start_gateway()

    assert (await seen(behind, lines))["url"] == url
    assert (await seen(alone, lines))["url"] == "http://h:8300"


async def test_a_trusted_proxys_prefix_is_taken_off_as_well(
    start_gateway: StartGateway, trusting: Origins
) -> None:
    gateway = await start_gateway(origins=trusting)
    headers = {"X-Forwarded-Prefix": "/team/tb"}

    for target in ("/team/tb/healthz", "/healthz"):
        assert (await gateway.ask(target, headers=headers)).status == 200
    assert (await gateway.ask("/team/tb/healthz")).status == 404


async def test_the_control_socket_learns_the_gateways_url(start_gateway: StartGateway) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: control\r\nX-Forwarded-Proto: https\r\n\r\n"
    gateway = await start_gateway(origins=Origins(local_url=lambda: "http://127.0.0.1:8300"))

    answer = (await gateway.by_control(request)).json()

    assert (answer["url"], answer["client"]) == ("http://127.0.0.1:8300", "unix")


def test_unix_peers_are_trusted_by_name() -> None:
    proxies = TrustedProxies.parse(["unix", "192.0.2.0/24", "2001:db8::1"])

    assert "unix" in proxies
    assert "192.0.2.200" in proxies
    assert "2001:db8::1" in proxies
    assert "2001:db8::2" not in proxies
    assert "nonsense" not in proxies
    assert "unix" not in TrustedProxies.parse([])


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/33", ""])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        TrustedProxies.parse([text])


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://h", "http://", "http://u@h", "http://h/?x", "http://h/#x"),
        *("http://h/a/../b", "http://h//a", "http://["),
    ],
)
def test_what_is_no_place_for_a_gateway_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_external(url)


def test_a_public_url_is_read() -> None:
    assert parse_external("https://example.org:8443/team/tb/").url == (
        "https://example.org:8443/team/tb"
    )
    assert parse_external("http://[::1]:8300").host == "[::1]:8300"
