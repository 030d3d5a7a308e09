"""Mutated requests against a real gateway with a real TensorBoard: `make fuzz` sends 20,000."""

import asyncio
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
import pytest
from edge_cases.case import BOARD, PASSWORD, USER
from edge_cases.edge import talk
from edge_cases.mutations import mutants
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_gateway import RunningGateway, eventually

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = int(os.environ.get("FUZZ", "500"))
ROUNDS = 5
AT_ONCE = 20  # sent side by side, so that those that wait for more do not add up
LULL = 0.15  # seconds
_GROWTH = 24 * 1_048_576  # bytes; what a long run may add to a gateway that has warmed up
_STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
_BAD = re.compile(r"Traceback|internal error|Unhandled|never retrieved|Task was destroyed")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]


class Fuzzed:
    """A gateway that is sent nonsense, and what it holds."""

    def __init__(self, gateway: RunningGateway) -> None:
        assert gateway.process is not None
        self.gateway = gateway
        self.process = psutil.Process(gateway.process.pid)
        self.sent = 0
        self.statuses: dict[int, int] = {}

    def send(self, mutated: list[bytes]) -> None:
        for sent, answered in zip(mutated, asyncio.run(self._talk(mutated)), strict=True):
            self.sent += 1
            for status in map(int, _STATUS.findall(answered)):
                self.statuses[status] = self.statuses.get(status, 0) + 1
                assert status < 500, (status, sent)

    async def _talk(self, mutated: list[bytes]) -> list[bytes]:
        return await asyncio.gather(*(talk(self.gateway.port, one, lull=LULL) for one in mutated))

    def descriptors(self) -> int:
        return self.process.num_fds()

    def memory(self) -> int:
        return int(self.process.memory_full_info().uss)

    def trouble(self) -> list[str]:
        return [line for line in self.gateway.log.read_text().splitlines() if _BAD.search(line)]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    home: Path = tmp_path_factory.mktemp("f")
    (home / "runs").mkdir()
    told = {
        "TBGATEWAY_SERVER__ALLOWED_HOSTS": "gateway.test",
        "TBGATEWAY_AUTH__THROTTLE": "1000000/minute",  # mutated passwords are wrong ones
    }
    with RunningGateway(home / "g", [home / "runs"], environment=told) as gateway:
        entry = {"access": "password", "username": USER, "password": PASSWORD}
        made = gateway.admin("/api/v1/boards", {"name": BOARD, **entry}, method="POST")
        assert made.status == 201
        eventually(lambda: gateway.runs(BOARD) == [], what="the board answers")
        # Packing takes much memory, once, and gives it back: that would be taken for growth.
        eventually(lambda: is_packed(gateway), what="the web files are packed", within=300, every=1)
        yield Fuzzed(gateway)


def is_packed(gateway: RunningGateway) -> bool:
    """Tell whether the largest file is there in brotli, which takes the longest."""
    page = gateway.get(f"/boards/{BOARD}/", (USER, PASSWORD)).body.decode()
    (assets,) = set(re.findall(r"/(assets/[0-9a-f]+)/", page))
    script = gateway.get(f"/{assets}/index.js", headers={"Accept-Encoding": "br"})
    return script.status == 200 and script.headers["Content-Encoding"] == "br"


def fuzz(fuzzed: Fuzzed, requests: int) -> None:
    """Send so many mutants; hypothesis shrinks the one that is answered badly."""

    @settings(
        max_examples=max(requests // AT_ONCE, 1),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(mutants(), min_size=AT_ONCE, max_size=AT_ONCE))
    def send(mutated: list[bytes]) -> None:
        fuzzed.send(mutated)

    send()


def test_nothing_that_is_sent_breaks_or_bloats_the_gateway(fuzzed: Fuzzed) -> None:
    held = []
    for round_ in range(ROUNDS):  # in the first one it warms up: caches, threads
        fuzz(fuzzed, REQUESTS // ROUNDS)
        if not round_:
            calm = fuzzed.descriptors()
        held.append(fuzzed.memory())

    eventually(lambda: fuzzed.descriptors() <= calm, what="all connections are closed")
    grown = held[-1] - min(held)
    told = f"{fuzzed.sent} requests, {[one >> 20 for one in held]} MiB, answers: {fuzzed.statuses}"
    print(told)  # noqa: T201 - `make fuzz` is to tell it
    assert grown < _GROWTH
    assert fuzzed.trouble() == []
    assert fuzzed.sent >= REQUESTS * 0.9
    assert {200, 400, 401} <= set(fuzzed.statuses)  # they came far, some of them
    assert fuzzed.gateway.runs(BOARD) == []
