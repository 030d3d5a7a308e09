"""A gateway on which everything that pages tell has happened, with names of one's choice."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from event_writer import write_scalars
from running_gateway import RunningGateway, eventually

from tbgateway.domain.description import COMPARING

SHOWN, PAUSED, EMPTY, BIG = "shown", "paused", "empty", "big"
"""Boards: one that runs, with everything; a stopped one; one without experiments; a large one."""
EDITOR, VIEWER = ("ada", "a-password-of-ada"), ("vera", "a-password-of-vera")
_SPARKLINES, _CHARTS = 3, 2
_MUCH = 300_000_000  # bytes; a board with that many makes people wait


@dataclass(frozen=True, kw_only=True)
class Words:
    """What people call things. There are six experiments, of which the last one is lost."""

    experiments: tuple[str, str, str, str, str, str]
    run: str
    tag: str
    registered: str
    reason: str
    marked: str
    notes: str
    label: str
    username: str
    board: str


PLAIN = Words(
    experiments=("alpha", "beta", "gamma", "delta", "epsilon", "zeta"),
    run="train",
    tag="Loss/total",
    registered="project/renamed",
    reason="It ran out of memory",
    marked="best so far",
    notes="Look at epoch 12.\n\nThen stop.",
    label="nightly script",
    username="team",
    board="ball",
)


@contextmanager
def settled(home: Path, words: Words = PLAIN) -> Iterator[RunningGateway]:
    """Run such a gateway below `home`."""
    root = home / "runs"
    tags = {words.tag: [1.0, 0.5, 0.25], "accuracy": [0.1, 0.9, 0.8]}
    for name in words.experiments:
        is_lost = name == words.experiments[-1]  # whether somebody has read it before is chance
        write_scalars(root / name / words.run, {} if is_lost else tags)
    write_scalars(root / "to be registered", tags)
    _write_much(root / "large")
    scan = {"TBGATEWAY_EXPERIMENTS__RESCAN_INTERVAL": "1"}
    with RunningGateway(home / "gateway", [root], environment=scan) as gateway:
        _furnish(gateway, root, words)
        yield gateway


def _write_much(directory: Path) -> None:
    """Write an event file that is large, holds nothing and takes no place."""
    directory.mkdir()
    with (directory / "events.out.tfevents.1700000000.host.1.0").open("wb") as file:
        file.truncate(_MUCH)


def _furnish(gateway: RunningGateway, root: Path, words: Words) -> None:
    for (name, password), role in ((EDITOR, "editor"), (VIEWER, "viewer")):
        _post(gateway, "members", {"name": name, "role": role, "password": password})
    _post(gateway, "tokens", {"label": words.label})
    registered = root / "to be registered"
    _post(gateway, "experiments", {"path": str(registered), "name": words.registered})
    paths = [str(root / name) for name in words.experiments]
    entry = {"access": "password", "username": words.username, "password": "long-enough-for-it"}
    _post(gateway, "boards", {"name": SHOWN, "experiments": paths, **entry})
    _post(gateway, "boards", {"name": words.board, "experiments": paths[:2], "access": "members"})
    _post(gateway, "boards", {"name": PAUSED, "experiments": paths[:1], "access": "members"})
    _post(gateway, "boards", {"name": EMPTY, "experiments": [], "access": "public"})
    _post(gateway, "boards", {"name": BIG, "experiments": [str(root / "large")]})
    ids = {one["path"]: one["id"] for one in gateway.admin("/api/v1/experiments").json()["items"]}
    _post(gateway, f"experiments/{ids[paths[1]]}/fail", {"reason": words.reason})
    _post(gateway, f"experiments/{ids[paths[2]]}/complete", {})
    for path in paths[:2]:
        _change(gateway, f"experiments/{ids[path]}", _told(words))
    shutil.rmtree(paths[-1])
    gateway.cli("board", "stop", PAUSED)
    gateway.cli("board", "start", SHOWN)
    eventually(lambda: _is_known(gateway), what="everything is known", every=0.5)


def _post(gateway: RunningGateway, what: str, body: dict[str, Any]) -> None:
    answer = gateway.admin(f"/api/v1/{what}", body, method="POST")
    if answer.status >= 300:
        raise AssertionError(f"{what} {body}: {answer!r}")


def _told(words: Words) -> dict[str, Any]:
    """Return what is said of two experiments; a parameter is called as is allowed."""
    key = "".join(one for one in words.marked if one not in COMPARING)
    params = {key: words.notes, "lr": 1e-3}
    return {"params": params, "tags": {"add": [words.marked, "paper"]}, "notes": words.notes}


def _change(gateway: RunningGateway, what: str, body: dict[str, Any]) -> None:
    answer = gateway.admin(f"/api/v1/{what}", body, method="PATCH")
    if answer.status >= 300:
        raise AssertionError(f"{what} {body}: {answer!r}")


def _is_known(gateway: RunningGateway) -> bool:
    board = gateway.admin(f"/api/v1/boards/{SHOWN}").json()
    shown = sum(one["visible"] is True for one in board["experiments"])
    lost = sum(one["problem"] is not None for one in board["experiments"])
    home, about = (_page(gateway, path) for path in ("/", f"/ui/boards/{SHOWN}"))
    drawn = home.count("<polyline") == _SPARKLINES and about.count("<polygon") == _CHARTS
    return shown == len(board["experiments"]) - 1 and lost == 1 and drawn


def _page(gateway: RunningGateway, path: str) -> str:
    """Return a page; this also asks for what it cannot tell yet."""
    return gateway.admin(path, headers={"Accept": "text/html"}).body.decode()
