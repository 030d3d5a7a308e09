"""Data that is held while it is used, over programs that behave like a data server."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tbgateway.worker.data_hold import DataHold
from tbgateway.worker.data_server import DataServer
from tbgateway.worker.held_provider import HeldProvider

_PATIENCE = 60.0  # seconds
_SOON = 0.05  # seconds
_LISTENS = """
for one; do case $one in
--port=*) echo ${one#*=} >> $(dirname $0)/ports;;
--port-file=*) echo 4711 > ${one#*=};;
esac; done
"""
_SERVES = f"{_LISTENS}echo 'Finished load cycle' >&2; exec sleep 600"
_BUSY = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"


class House:
    """A hold over a program, which can be exchanged, and what it says when it dies."""

    def __init__(self, directory: Path) -> None:
        self._program = directory / "program"
        self._ports = directory / "ports"
        self._servers: list[DataServer] = []
        self.reasons: list[str] = []

    def program(self, script: str) -> None:
        self._program.unlink(missing_ok=True)
        self._program.write_text(f"#!/bin/sh\n{script}\n")
        self._program.chmod(0o755)

    def hold(self, *, let_go_after: float = _SOON) -> DataHold:
        hold = DataHold(self._start, let_go_after=let_go_after)
        hold.watch(self.reasons.append)
        assert hold.address() == "127.0.0.1:4711"
        assert hold.wait_until_loaded(_PATIENCE)
        hold.let_go_when_unused()
        return hold

    @property
    def ports(self) -> list[str]:
        """The ports that all servers so far were to listen on."""
        return self._ports.read_text().split()

    @property
    def runs(self) -> bool:
        return any(server._server.poll() is None for server in self._servers)

    def until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not reached():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def close(self) -> None:
        for server in self._servers:
            server.end()
        for thread in threading.enumerate():
            if thread.name == "data server":
                thread.join(_PATIENCE)

    def _start(self, port: int) -> DataServer:
        server = DataServer.start(str(self._program), "/nonexistent", {}, port=port)
        self._servers.append(server)
        return server


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.program(_SERVES)
    yield house
    house.close()


def test_what_nobody_uses_is_let_go_and_comes_back_on_the_same_port(house: House) -> None:
    hold = house.hold()
    for round_ in range(2):
        house.until(lambda: not house.runs)
        with hold.use():
            assert house.runs
            assert house.ports == ["0", "4711", "4711"][: round_ + 2]
    assert house.reasons == []


def test_it_stays_while_anybody_uses_it(house: House) -> None:
    hold = house.hold()
    with hold.use():
        with hold.use():
            pass
        time.sleep(10 * _SOON)
        assert house.ports == ["0"]
        assert house.runs


def test_many_who_come_at_once_wait_for_one_server(house: House) -> None:
    hold = house.hold()
    house.until(lambda: not house.runs)
    meeting = threading.Barrier(8)

    def ask(_number: int) -> bool:
        with hold.use():
            meeting.wait(_PATIENCE)
            return house.runs

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))
    assert house.ports == ["0", "4711"]


def test_nothing_is_let_go_unless_that_was_asked_for(house: House) -> None:
    house.hold(let_go_after=0.0)
    time.sleep(10 * _SOON)

    assert house.runs


def test_what_is_dear_to_read_is_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tbgateway.worker.data_hold._CHEAP", 1e-3)
    house.program(f"{_BUSY}{_SERVES}")
    house.hold()
    time.sleep(10 * _SOON)

    assert house.runs


def test_one_that_never_finishes_reading_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = house.hold()
    house.until(lambda: not house.runs)
    monkeypatch.setattr("tbgateway.worker.data_hold._LONGEST_WAIT", 0.01)
    house.program(f"{_LISTENS}exec sleep 600")
    with hold.use():
        assert house.runs


@pytest.mark.parametrize("script", ["exit 3", f"{_LISTENS}exit 3"])
def test_one_that_fails_when_it_should_come_back_is_a_death(house: House, script: str) -> None:
    hold = house.hold()
    house.until(lambda: not house.runs)
    house.program(script)
    with suppress(ConnectionError), hold.use():
        house.until(lambda: bool(house.reasons))
    house.until(lambda: any("(status 3)" in reason for reason in house.reasons))


def test_a_program_that_is_gone_is_a_death(house: House, tmp_path: Path) -> None:
    hold = house.hold()
    house.until(lambda: not house.runs)
    (tmp_path / "program").unlink()
    with pytest.raises(FileNotFoundError), hold.use():
        raise AssertionError("there is nothing to use")

    assert "could not be started again" in house.reasons[0]
    assert "No such file" in house.reasons[0]


def test_who_looks_on_waits_until_it_is_used_and_does_not_keep_it(house: House) -> None:
    hold = house.hold()
    house.until(lambda: not house.runs)
    looks: list[bool] = []

    def look() -> None:
        with hold.use():
            looks.append(house.runs)

    def look_on_and_on() -> None:
        while len(looks) < 1000:
            hold.look_on(look)
            time.sleep(_SOON / 5)

    threading.Thread(target=look_on_and_on, daemon=True).start()
    time.sleep(10 * _SOON)
    assert looks == []
    with hold.use():
        house.until(lambda: len(looks) > 1)
    house.until(lambda: not house.runs)
    assert all(looks)


def test_a_provider_is_asked_while_its_data_is_held_and_only_its_methods_are(house: House) -> None:
    class Stock:
        kind = "stock"

        def list_runs(self, *, experiment_id: str) -> tuple[str, bool]:
            return experiment_id, house.runs

    provider = HeldProvider(Stock(), house.hold())
    house.until(lambda: not house.runs)

    assert provider.kind == "stock"
    assert not house.runs
    assert provider.list_runs(experiment_id="e") == ("e", True)
    with pytest.raises(AttributeError):
        _ = provider.nothing
