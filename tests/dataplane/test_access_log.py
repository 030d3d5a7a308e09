from prometheus_client import CollectorRegistry
from small_gateway import SmallGateway, StartGateway
from small_house import basic
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tbgateway.dataplane.origins import Origins
from tbgateway.domain.model import Access


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


async def level_of(gateway: SmallGateway, path: str, **asked: str) -> str:
    with capture_logs() as logs:
        await gateway.ask(path, **asked)  # type: ignore[arg-type] # by name
    (line,) = [entry for entry in logs if entry["event"] == "request"]
    return str(line["log_level"])


async def test_what_boards_answer_and_what_only_probes_is_left_to_debugging(
    gateway: SmallGateway,
) -> None:
    looker = basic("vision-user", "vision-password")
    assert await level_of(gateway, "/boards/vision/data/runs", auth=looker) == "debug"
    assert await level_of(gateway, "/healthz") == "debug"


async def test_what_was_refused_or_is_the_gateways_own_is_always_told(
    gateway: SmallGateway,
) -> None:
    ada = f"Bearer {gateway.tokens['ada']}"
    assert await level_of(gateway, "/", auth=ada) == "info"
    assert await level_of(gateway, "/api/v1/boards", auth=ada) == "info"
    assert await level_of(gateway, "/boards/vision/data/runs") == "info"
    assert await level_of(gateway, "/boards/vision/data/runs", auth=basic("a", "wrong")) == "info"
    assert await level_of(gateway, "/fail") == "info"


async def test_every_line_of_a_request_carries_its_id_and_its_board(
    gateway: SmallGateway,
) -> None:
    board = gateway.house.add_board("broken", access=Access.PUBLIC)
    gateway.spoil[board.id] = ZeroDivisionError("secret inside")
    with capture_logs(processors=[merge_contextvars]) as logs:
        reply = await gateway.ask("/boards/broken/data/runs")
    assert reply.status == 500
    assert [line["event"] for line in logs] == ["internal error", "request"]
    assert {line["request_id"] for line in logs} == {reply.header("X-Request-ID")}
    assert {line["board"] for line in logs} == {"broken"}


async def test_requests_for_a_board_through_the_api_name_it_too(gateway: SmallGateway) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        auth = f"Bearer {gateway.tokens['ada']}"
        await gateway.ask("/api/v1/boards/vision", method="DELETE", auth=auth)
    assert [line["board"] for line in logs] == ["vision"]


async def test_the_next_request_of_a_connection_does_not_inherit_a_board(
    gateway: SmallGateway,
) -> None:
    first = b"GET /boards/vision/ HTTP/1.1\r\nHost: h\r\n\r\n"
    with capture_logs(processors=[merge_contextvars]) as logs:
        await gateway.raw(first + b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    lines = [line for line in logs if line["event"] == "request"]
    assert [line.get("board") for line in lines] == ["vision", None]


async def test_requests_are_counted(gateway: SmallGateway) -> None:
    await gateway.ask("/healthz")
    await gateway.ask("/boards/vision/data/runs")
    registry = CollectorRegistry()
    registry.register(gateway.means.requests)
    sample = registry.get_sample_value
    assert sample("tbgateway_requests_total", {"surface": "probe", "status": "2xx"}) == 1
    assert sample("tbgateway_requests_total", {"surface": "board", "status": "4xx"}) == 1
    assert sample("tbgateway_requests_in_flight") == 0
