from pathlib import Path

from house import House

from tbgateway.discovery import Root
from tbgateway.experiments.logdirs import Logdir, logdirs_of

ROOTS = {"runs": Root(Path("/data/runs")), "team": Root(Path("/data/team"), depth=2)}


def test_new_experiments_go_into_the_first_logdir_unless_another_one_is_named() -> None:
    assert logdirs_of(ROOTS, None) == (
        Logdir("runs", Path("/data/runs"), 1, new=True),
        Logdir("team", Path("/data/team"), 2, new=False),
    )
    assert [one.new for one in logdirs_of(ROOTS, "team")] == [False, True]
    assert logdirs_of({}, None) == ()


async def test_a_gateway_tells_its_logdirs(house: House) -> None:
    assert [(one.name, one.path, one.new) for one in house.experiments.logdirs] == [
        ("runs", house.home / "runs", True),
        ("team", house.home / "team", False),
    ]
