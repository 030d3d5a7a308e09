"""Until when somebody counts as looking at a board."""

from pathlib import Path

import pytest

from tbgateway.supervisor.visits import Visits
from tbgateway.upstream import Upstream


def test_a_visit_is_wanted_and_remembered() -> None:
    visits = Visits(10.0)
    assert not visits.wanted
    visits.come(20.0)
    assert (visits.wanted, visits.last_request) == (True, 20.0)


@pytest.fixture
async def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "nobody")


async def test_a_board_is_idle_so_long_after_its_last_request(upstream: Upstream) -> None:
    visits = Visits(10.0)
    assert visits.idle_at(upstream, 900.0, 50.0) == 910.0
    async with upstream.request():
        assert visits.idle_at(upstream, 900.0, 50.0) == 950.0
    await upstream.close()


async def test_without_a_process_or_a_limit_nothing_is_idle(upstream: Upstream) -> None:
    visits = Visits(10.0)
    assert visits.idle_at(None, 900.0, 50.0) is None
    assert visits.idle_at(upstream, 0.0, 50.0) is None
    await upstream.close()
