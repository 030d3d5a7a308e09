from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.plugin_event_accumulator import (
    STORE_EVERYTHING_SIZE_GUIDANCE,
)
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

from tbgateway.samples import LiveSample, write_samples
from tbgateway.samples.live import NAME

NOW = 1_750_000_000.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def points(directory: Path, run: str, tag: str) -> list[Any]:
    """Read with the loader that a board uses where it cannot use the Rust one."""
    multiplexer = EventMultiplexer(size_guidance=STORE_EVERYTHING_SIZE_GUIDANCE)
    multiplexer.AddRunsFromDirectory(str(directory))
    multiplexer.Reload()
    found: list[Any] = multiplexer.Tensors(f"{NAME}/{run}", tag)
    return found


def test_each_step_can_be_read_at_once(tmp_path: Path) -> None:
    live = LiveSample(tmp_path, clock=Clock())
    for count in (1, 2, 3):
        live.step()
        assert len(points(tmp_path, "train", "loss/total")) == count
    live.close()


def test_it_goes_on_where_the_history_ended(tmp_path: Path) -> None:
    samples = write_samples(tmp_path, now=NOW)
    assert NAME in {sample.name for sample in samples}
    before = points(tmp_path, "train", "loss/total")[-1]
    history = {path for path in (tmp_path / NAME).rglob("*") if path.is_file()}
    sizes = {path: path.stat().st_size for path in history}
    live = LiveSample(tmp_path, clock=Clock())
    for _ in range(12):
        live.step()
    live.close()
    files = {path for path in (tmp_path / NAME).rglob("*") if path.is_file()} - history
    assert len(files) == 2
    assert {path: path.stat().st_size for path in history} == sizes
    for path in files:
        path.rename(tmp_path / NAME / path.parent.name / "events.out.tfevents.0.demo")
    for path in history:
        path.unlink()
    train = points(tmp_path, "train", "loss/total")
    assert [event.step for event in train] == list(range(before.step + 1, before.step + 13))
    assert train[0].wall_time > before.wall_time
    assert points(tmp_path, "validation", "accuracy/top-1")


def test_it_may_be_watched_for_hours(tmp_path: Path) -> None:
    live = LiveSample(tmp_path, clock=Clock())
    for _ in range(3000):
        live.step()
    live.close()
    losses = [event.tensor_proto.float_val[0] for event in points(tmp_path, "train", "loss/total")]
    assert 0 < losses[-1] < 1.0
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 1_000_000
