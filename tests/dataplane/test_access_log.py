from small_gateway import SmallGateway, StartGateway
from small_house import basic
from structlog.testing import capture_logs

from tbgateway.dataplane.origins import Origins


async def test_a_line_tells_who_did_what_but_not_with_which_secrets(gateway: SmallGateway) -> None:
    with capture_logs() as logs:
        reply = await gateway.ask(
            "/boards/vision/data/runs?secret=1",
            auth=basic("vision-user", "vision-password"),
            headers={"Cookie": "cookie-secret"},
        )

    (line,) = [entry for entry in logs if entry["event"] == "request"]
    assert line["method"] == "GET"
    assert line["path"] == "/boards/vision/data/runs"
    assert line["status"] == 200
    assert line["bytes"] > len(reply.body)
    assert line["who"] == "visitor vision-user"
    assert line["client"] == "127.0.0.1"
    for secret in ("vision-password", "secret=1", "cookie-secret", basic("a", "b")[:6]):
        assert secret not in str(logs)


async def test_each_member_is_named(gateway: SmallGateway) -> None:
    with capture_logs() as logs:
        await gateway.ask("/", auth=f"Bearer {gateway.tokens['ada']}")
        await gateway.ask("/")
        await gateway.by_control(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")

    lines = [entry for entry in logs if entry["event"] == "request"]
    assert [line["who"].split(" ")[0] for line in lines] == ["ada", "-", "uid"]
    assert gateway.tokens["ada"] not in str(logs)


async def test_ids_are_taken_from_trusted_proxies_only(
    start_gateway: StartGateway, trusting: Origins
) -> None:
    async def answered(gateway: SmallGateway, request_id: str) -> str:
        reply = await gateway.ask("/healthz", headers={"X-Request-ID": request_id})
        return str(reply.header("X-Request-ID"))

    alone, behind = await start_gateway(), await start_gateway(origins=trusting)

    assert await answered(alone, "given-by-a-client") != "given-by-a-client"
    assert await answered(behind, "given-by-the-proxy") == "given-by-the-proxy"
    assert await answered(behind, "too short"[:3]) != "too"
    assert await answered(behind, "x" * 100) != "x" * 100
