"""What a store tells about everything that chaos changes, by subject."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ledger import State, Subject
from running_gateway import ADMIN_PASSWORD, fetch

ADMIN = ("admin", ADMIN_PASSWORD)


def everything(url: str) -> dict[Subject, State]:
    """Return every board, experiment and member but the admin.

    A board's subject is its first name: `slot-3` was made as `slot`. A second board of the same
    subject is a subject of its own, that nobody has ever heard of.
    """
    seen: dict[Subject, State] = {}
    times: Counter[str] = Counter()
    for board in items(url, "/boards"):
        slot = board["name"].rpartition("-")[0]
        times[slot] += 1
        seen["board", slot if times[slot] == 1 else board["name"]] = _board(board)
    for one in items(url, "/experiments"):
        kept = ("state", "notes", "params")
        seen["experiment", one["name"]] = {key: one[key] for key in kept}
    for one in items(url, "/members"):
        if one["name"] != ADMIN[0]:
            seen["member", one["name"]] = {"name": one["name"], "role": one["role"]}
    return seen


def items(url: str, path: str) -> Iterator[dict[str, Any]]:
    """Return a whole list of the API."""
    cursor = ""
    while True:
        answer = fetch(f"{url}/api/v1{path}?limit=1000{cursor}", auth=ADMIN)
        if answer.status != 200:
            raise AssertionError(f"{path} cannot be listed: {answer!r}")
        page = answer.json()
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


def linked(board: dict[str, Any]) -> list[str]:
    """Return the names of the experiments that a board's link tree must hold."""
    return sorted(one["name"] for one in board["experiments"] if one["state"] != "removing")


def _board(board: dict[str, Any]) -> State:
    return {
        "name": board["name"],
        "experiments": linked(board),
        "access": board["access"],
        "idle_timeout": board["idle_timeout"],
        "paused": board["state"] == "paused",
    }
