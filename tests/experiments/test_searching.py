"""Choosing experiments by what is known and said of them."""

from house import House

from tbgateway.domain.description import Edit, parse_condition
from tbgateway.domain.model import ExperimentState
from tbgateway.experiments import Search


async def furnish(house: House) -> None:
    for name, age in (("resnet", 0.0), ("vit", 500.0), ("bert", 90_000.0)):
        house.write(name, age=age)
    await house.experiments.rescan()
    (house.home / "runs" / "empty").mkdir()
    await house.experiments.register(str(house.home / "runs" / "empty"), held=True)
    for name, edit in {
        "resnet": Edit(params={"lr": 1e-3, "amp": True}, add_tags=("Baseline", "vision")),
        "vit": Edit(params={"lr": 1e-4, "model": "b/16"}, add_tags=("vision",)),
        "bert": Edit(params={"lr": "warmup"}, notes="vision"),
    }.items():
        await house.experiments.describe(name, edit)


def listed(house: House, *conditions: str, **chosen: object) -> set[str]:
    wanted = tuple(map(parse_condition, conditions))
    search = Search(conditions=wanted, **chosen)  # type: ignore[arg-type] # by name
    found = house.experiments.list(search)
    return {one.name for one in found}


async def test_experiments_are_chosen_by_all_of_their_tags(house: House) -> None:
    await furnish(house)
    assert listed(house) == {"resnet", "vit", "bert", "empty"}
    assert listed(house, tags=("vision",)) == {"resnet", "vit"}
    assert listed(house, tags=("vision", "Baseline")) == {"resnet"}
    assert listed(house, tags=("baseline",)) == set()


async def test_experiments_are_chosen_by_all_conditions_on_parameters(house: House) -> None:
    await furnish(house)
    assert listed(house, "lr") == {"resnet", "vit", "bert"}
    assert listed(house, "lr<1e-3") == {"vit"}
    assert listed(house, "lr<=1e-3", "amp=true") == {"resnet"}
    assert listed(house, "lr==warmup") == {"bert"}
    assert listed(house, "none!=1") == set()


async def test_text_stands_in_the_name_or_in_a_tag(house: House) -> None:
    await furnish(house)
    assert listed(house, text="VISION") == {"resnet", "vit"}
    assert listed(house, text="base") == {"resnet"}
    assert listed(house, text="er") == {"bert"}
    assert listed(house, text="") == {"resnet", "vit", "bert", "empty"}


async def test_experiments_are_chosen_by_when_they_wrote_last_or_were_made(house: House) -> None:
    await furnish(house)
    now = house.clock.wall()
    assert listed(house, since=now - 400.0) == {"resnet", "empty"}
    assert listed(house, since=now - 3600.0) == {"resnet", "vit", "empty"}
    assert listed(house, since=now + 60.0) == set()


async def test_all_that_is_asked_for_has_to_be_so(house: House) -> None:
    await furnish(house)
    now = house.clock.wall()
    chosen = {"text": "vi", "tags": ("vision",), "since": now - 3600.0}
    assert listed(house, "lr<1", state=ExperimentState.RUNNING, **chosen) == {"resnet", "vit"}
    assert listed(house, "lr<1", state=ExperimentState.FAILED, **chosen) == set()
