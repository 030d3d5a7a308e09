"""Boards share a machine: how many run at a time, and what they take, has limits that hold."""

import os
import re
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from patient_plugin import WAIT, install
from raw_events import EVENTS, event, tensor
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

pytestmark = pytest.mark.slow

ADMIN = ("admin", ADMIN_PASSWORD)
Start = Callable[..., RunningGateway]
MIB = 1024**2
_STRING = 7  # TensorFlow's number of the type


def create(gateway: RunningGateway, name: str, *experiments: str) -> None:
    body = {"name": name, "experiments": experiments}
    assert gateway.admin("/api/v1/boards", body, method="POST").status == 201


def boards(gateway: RunningGateway) -> dict[str, Any]:
    return {one["name"]: one for one in gateway.admin("/api/v1/boards").json()["items"]}


def running(gateway: RunningGateway) -> list[str]:
    found = boards(gateway).values()
    return sorted(one["name"] for one in found if one["state"] in {"starting", "running"})


def test_no_more_boards_run_than_may_and_the_last_used_stay(
    start_gateway: Start, runs: Path
) -> None:
    gateway = start_gateway(runs, environment={"TBGATEWAY_BOARDS__MAX_RUNNING": "2"})
    names = [f"b{number}" for number in range(6)]
    for name in names:
        create(gateway, name, "first")
    for name in names:
        assert gateway.runs(name) == ["first/train", "first/val"]
        assert len(running(gateway)) <= 2
    assert running(gateway) == ["b4", "b5"]
    with ThreadPoolExecutor(len(names)) as pool:  # all at once
        answers = list(pool.map(lambda name: patiently(gateway, name), names))
    assert answers == [["first/train", "first/val"]] * len(names)
    assert len(running(gateway)) <= 2


def test_memory_is_shared_and_told(start_gateway: Start, runs: Path) -> None:
    gateway = start_gateway(runs, environment={"TBGATEWAY_BOARDS__MEMORY_BUDGET": "80 MiB"})
    names = [f"b{number}" for number in range(8)]
    for name in names:
        create(gateway, name, "first")
        assert gateway.runs(name) == ["first/train", "first/val"]
    assert state_of(gateway, names[0]) == "sleeping", "it was asked for the longest ago"
    assert state_of(gateway, names[-1]) == "running"

    def told() -> dict[str, int]:
        found = {name: board["memory"] for name, board in boards(gateway).items()}
        awake = running(gateway)
        weighed = {name: memory for name, memory in found.items() if memory is not None}
        return weighed if set(awake) == set(weighed) and sum(weighed.values()) <= 80 * MIB else {}

    weighed = eventually(told, what="the boards that run were weighed, and fit")
    assert all(memory > MIB for memory in weighed.values())
    table = gateway.cli("board", "list", "-o", "wide").stdout.splitlines()
    assert table[0].split()[-3:] == ["MEMORY", "CPU", "URL"]
    row = re.search(r" (\d+(?:\.\d)?) MB +(\d+\.\d) % +http", table[-1])
    assert row, table
    assert MIB <= float(row[1]) * 1_000_000 <= 80 * MIB  # what is shared counts for each in part
    assert 0 <= float(row[2]) <= 100 * (os.cpu_count() or 1)
    assert "MEMORY" not in gateway.cli("board", "list").stdout
    figures = gateway.get("/metrics", ADMIN).body.decode()
    awake, asleep = (boards(gateway)[name]["id"] for name in (names[-1], names[0]))
    assert re.search(rf'tbgateway_board_memory_bytes\{{board="{awake}"\}} \d', figures)
    assert f'tbgateway_board_memory_bytes{{board="{asleep}"}}' not in figures
    budget = re.search(r"^tbgateway_boards_memory_budget_bytes (\S+)$", figures, re.MULTILINE)
    assert budget is not None
    assert float(budget[1]) == 80 * MIB


def patiently(gateway: RunningGateway, name: str) -> list[str]:
    """Ask a board for its runs, again if it had no room for long."""

    def ask() -> list[str]:
        answer = gateway.get(f"/boards/{name}/data/runs", ADMIN)
        assert answer.status in {200, 503}, answer
        return sorted(answer.json()) if answer.status == 200 else []

    found: list[str] = eventually(ask, what=f"{name} answers")
    return found


def state_of(gateway: RunningGateway, name: str) -> str:
    return str(boards(gateway)[name]["state"])


def write_much(directory: Path, tags: int) -> None:
    """Write what TensorBoard keeps whole: ten texts of a megabyte for each tag.

    The checksums of the texts are wrong: nobody looks at them, and they take long to compute.
    """
    directory.mkdir(parents=True)
    blob = os.urandom(1_000_000)
    with (directory / EVENTS).open("wb") as file:
        for tag in range(tags):
            for step in range(10):
                text = tensor(f"text{tag}", plugin="text", dtype=_STRING, string_val=[blob])
                payload = event(step, text)
                length = struct.pack("<Q", len(payload))
                file.write(length + struct.pack("<I", masked_crc32c(length)) + payload + b"none")


def test_one_board_that_takes_too_much_fails_and_the_others_go_on(
    start_gateway: Start, runs: Path
) -> None:
    write_much(runs / "huge", 25)
    gateway = start_gateway(runs, environment={"TBGATEWAY_BOARDS__BOARD_MEMORY": "160 MiB"})
    create(gateway, "small", "first")
    create(gateway, "large", "huge")
    assert gateway.runs("small")
    gateway.cli("board", "start", "large")
    eventually(lambda: state_of(gateway, "large") == "failed", what="it is over its limit")
    reason = boards(gateway)["large"]["reason"]
    assert re.match(r"over its memory limit \(\d+(\.\d)? MiB of 160 MiB\); ", reason), reason
    assert "boards.board_memory" in reason

    answer = gateway.get("/boards/large/data/runs", ADMIN, headers={"Accept": "application/json"})
    assert (answer.status, answer.json()["code"]) == (503, "board-failed")
    assert reason in answer.json()["detail"]
    assert b"over its memory limit" in page(gateway, "large")
    assert state_of(gateway, "large") == "failed", "visits do not wake it"
    assert gateway.runs("small") == ["first/train", "first/val"]
    assert "reading 250 MB of event files of 1 experiment" in gateway.log.read_text()

    gateway.cli("board", "remove", "large", "huge")
    gateway.cli("board", "add", "large", "first")
    gateway.cli("board", "start", "large", "--wait")
    assert gateway.runs("large") == ["first/train", "first/val"]


def page(gateway: RunningGateway, name: str) -> bytes:
    return gateway.get(f"/boards/{name}/", ADMIN, headers={"Accept": "text/html"}).body


def test_who_finds_no_room_is_told_which_limit_it_is(
    start_gateway: Start, runs: Path, tmp_path: Path
) -> None:
    held = runs / "first" / "held"
    environment = install(tmp_path / "plugins", held)
    gateway = start_gateway(runs, environment={**environment, "TBGATEWAY_BOARDS__MAX_RUNNING": "1"})
    for name in ("held", "late"):
        create(gateway, name, "first")
    assert gateway.runs("held")
    held.touch()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(gateway.get, f"/boards/held/{WAIT}", ADMIN)
        eventually(lambda: in_flight(gateway), what="the request is in flight")
        try:
            answer = gateway.get(
                "/boards/late/data/runs", ADMIN, headers={"Accept": "application/json"}
            )
            waiting = page(gateway, "late")
        finally:
            held.unlink()
        assert asked.result().status == 200
    assert answer.status == 503, answer
    assert int(answer.headers["Retry-After"]) > 0
    assert "boards.max_running" in answer.json()["detail"]
    assert b"boards.max_running" in waiting
    assert gateway.runs("late") == ["first/train", "first/val"]


def in_flight(gateway: RunningGateway) -> bool:
    """Whether somebody else is being answered, beside who asks for the figures."""
    figures = gateway.get("/metrics", ADMIN).body.decode()
    found = re.search(r"^tbgateway_requests_in_flight (\S+)$", figures, re.MULTILINE)
    return found is not None and float(found[1]) > 1
