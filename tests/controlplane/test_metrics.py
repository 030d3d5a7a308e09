"""What Prometheus gets from a gateway in this process, against what the documentation says."""

import asyncio
import re
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from event_writer import write_scalars
from gateway_in_process import ADMIN_PASSWORD, started
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from tbgateway.boards import Entry
from tbgateway.domain.model import Role, SignedIn
from tbgateway.gateway import Gateway
from tbgateway.telemetry.resources import Sample

PATIENCE = 60.0  # seconds; generous, because the machine may be busy
DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
ADMIN = SignedIn("admin", Role.ADMIN)
AUTHORIZATION = "Basic " + b64encode(f"admin:{ADMIN_PASSWORD}".encode()).decode()
_ROW = re.compile(r"^\| `(tbgateway_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        write_scalars(home / "runs" / "secret-experiment", {"loss": [1.0]})
        async with started(home) as gateway:
            yield gateway


async def ask(gateway: Gateway, path: str, **headers: str) -> tuple[str, str]:
    sent = {"Authorization": AUTHORIZATION, **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.url}{path}", headers=sent) as answer,
    ):
        return answer.headers["Content-Type"], await answer.text()


async def scrape(gateway: Gateway) -> dict[str, Metric]:
    _, text = await ask(gateway, "/metrics")
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    (found,) = (
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )
    return found


async def use(gateway: Gateway) -> None:
    """Do something of everything, so that every metric has a value."""
    await gateway.boards.create(ADMIN, "secret-board", ["secret-experiment"], Entry())
    await ask(gateway, "/boards/secret-board/data/runs")
    await ask(gateway, "/api/v1/boards")


async def test_every_metric_is_documented_and_nothing_else(gateway: Gateway) -> None:
    await use(gateway)
    families = gateway.observing.registry.collect()
    told = {
        (family.name + {"counter": "_total", "info": "_info"}.get(family.type, ""), kind(family))
        for family in families
    }
    documented = {(name, its_kind) for name, its_kind, _ in _ROW.findall(DOCS.read_text())}
    assert documented == told


def kind(family: Metric) -> str:
    return "gauge" if family.type == "info" else family.type


async def test_every_label_is_documented(gateway: Gateway) -> None:
    await use(gateway)
    documented = {
        name: set(re.findall(r"`(\w+)`", labels))
        for name, _, labels in _ROW.findall(DOCS.read_text())
    }
    for family in (await scrape(gateway)).values():
        for sample in family.samples:
            base = re.sub(r"_(bucket|sum|count)$", "", sample.name)
            assert set(sample.labels) - {"le"} == documented[base], sample


async def test_metrics_in_the_alerts_exist() -> None:
    text = DOCS.read_text()
    alerts = text[text.index("alert:") :]
    used = set(re.findall(r"tbgateway_\w+", alerts)) - {"tbgateway_board"}
    known = {name for name, _, _ in _ROW.findall(text)}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in used} <= known


async def test_what_happened_is_told(gateway: Gateway) -> None:
    await use(gateway)
    families = await scrape(gateway)
    assert value(families, "tbgateway_boards", state="running") == 1
    assert value(families, "tbgateway_boards", state="failed") == 0
    assert value(families, "tbgateway_memberships", state="adding") == 1
    assert value(families, "tbgateway_experiments", state="running") == 1
    assert value(families, "tbgateway_requests_total", surface="board", status="2xx") == 1
    assert value(families, "tbgateway_requests_total", surface="api", status="2xx") == 1
    assert value(families, "tbgateway_response_bytes_total", surface="board") > 0
    assert value(families, "tbgateway_board_starts_total") == 1
    assert value(families, "tbgateway_board_start_seconds_count") == 1
    assert value(families, "tbgateway_wake_wait_seconds_count") == 1
    assert value(families, "tbgateway_rescan_duration_seconds_count") >= 1
    assert value(families, "tbgateway_store_transactions_total", outcome="written") > 2
    assert value(families, "tbgateway_store_transaction_seconds_count") > 2
    assert value(families, "tbgateway_events_published_total") > 2
    assert value(families, "tbgateway_requests_in_flight") == 1
    assert value(families, "tbgateway_processes", role="gateway") == 1


async def test_no_names_are_told(gateway: Gateway) -> None:
    await use(gateway)
    (board,) = gateway.store.boards.values()
    text = ""
    async with asyncio.timeout(PATIENCE):
        while "tbgateway_board_memory_bytes{" not in text:  # until no weighing comes between
            weights = {board.id: Sample(0.0, 0.5, 1_000_000)}
            gateway.supervisor.weighed(weights, gateway.supervisor.launches)
            _, text = await ask(gateway, "/metrics")
    assert f'tbgateway_board_memory_bytes{{board="{board.id}"}}' in text
    assert f'tbgateway_board_cpu_cores{{board="{board.id}"}}' in text
    assert "secret" not in text
    assert "admin" not in text


async def test_newer_prometheus_gets_its_own_format(gateway: Gateway) -> None:
    await use(gateway)
    content_type, text = await ask(
        gateway, "/metrics", Accept="application/openmetrics-text; version=1.0.0"
    )
    assert content_type.startswith("application/openmetrics-text")
    assert list(open_metrics.text_string_to_metric_families(text))


async def test_two_gateways_in_one_process_share_nothing(gateway: Gateway) -> None:
    await use(gateway)
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        (Path(directory) / "runs").mkdir()
        async with started(Path(directory)) as other:
            assert value(await scrape(other), "tbgateway_board_starts_total") == 0
