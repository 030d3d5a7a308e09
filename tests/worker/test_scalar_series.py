from tbgateway.worker.scalar_series import ScalarSeries

MOST_UNDRAWN = 8 * 5  # fields of buckets
MOST_DRAWN = 22 * 5


def filled(tags: list[str], values: int = 3) -> ScalarSeries:
    series = ScalarSeries()
    for tag in tags:
        curve = series.begin("train", tag)
        for step in range(values if curve is not None else 0):
            curve.add(step, float(step))
    return series


def test_what_is_not_drawn_takes_less_memory_whenever_that_shows() -> None:
    series = filled(["lr", "val/loss", "momentum", "train/loss", "epoch"], values=5000)
    sizes = {tag: len(curve._closed) for tag, curve in series.of("train").items()}
    for tag in ("lr", "momentum", "epoch"):
        assert sizes.pop(tag) < MOST_UNDRAWN, tag
    assert all(MOST_UNDRAWN < size < MOST_DRAWN for size in sizes.values())
    assert [one.tag for one in series.told() if one.points] == ["train/loss", "val/loss"]
    early = series.of("train")["lr"]
    assert (early.lowest, early.highest, early.count) == (0.0, 4999.0, 5000)


def test_whoever_makes_room_weighs_nothing_any_more() -> None:
    tags = [f"grad_norm/{number:03}" for number in range(100, 200)]
    full = filled(tags)
    weight = full.weight
    assert full.begin("train", "grad_norm/999") is None
    assert full.begin("train", "grad_norm/099") is not None
    assert full.weight == weight
    assert len(full.told()) == 100
    assert full.begin("train", tags[-1]) is None, "it does not come back"


def test_of_equal_tags_those_of_earlier_runs_stay() -> None:
    series = ScalarSeries()
    for number in range(150):
        series.begin(f"run-{number:03}", "loss")
    assert series.begin("run-000a", "loss") is not None
    runs = [one.run for one in series.told()]
    assert runs == ["run-000", "run-000a", *(f"run-{number:03}" for number in range(1, 99))]
