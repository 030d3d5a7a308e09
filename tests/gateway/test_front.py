"""What is put together for visitors."""

from pathlib import Path
from typing import Any

import pytest
from gateway_in_process import ADMIN_PASSWORD, get, started
from route_paths import path_of

from tbgateway.boards import Entry
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.model import Role, SignedIn

LONG = (
    "/",
    "/ui/boards/vision",
    "/ui/boards/vision/add",
    "/ui/experiments",
    "/ui/new-board",
    "/ui/new-board?all=1",
    "/api/v1/boards",
)


async def test_all_that_people_and_programs_ask_for_has_one_share_of_the_loop(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty pages with a share each would hold everybody else up thirty times as long."""
    take = LoopShare.take
    taken: list[tuple[str, LoopShare]] = []
    path = ""

    async def note(share: LoopShare, work: Any) -> Any:
        taken.append((path, share))
        return await take(share, work)

    async with started(home) as gateway:
        await gateway.boards.create(SignedIn("admin", Role.ADMIN), "vision", (), Entry())
        monkeypatch.setattr(LoopShare, "take", note)
        others = {path_of(route) for route in gateway.routes if route.method == "GET"}
        for path in (*LONG, *sorted(others)):
            if path.startswith("/boards/") or path.endswith("/events"):
                continue
            await get(gateway.url + path, ("admin", ADMIN_PASSWORD))

    assert {path for path, _ in taken} >= set(LONG)
    assert len({id(share) for _, share in taken}) == 1
