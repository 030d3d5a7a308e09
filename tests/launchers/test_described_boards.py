"""Real boards that are told what is said of their experiments, confined as they are."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from tbgateway.worker import landlock

pytestmark = pytest.mark.slow

_PLUGIN = "/data/plugin"
_OURS = {"hparams", "text"}
_QUESTION = {"allowedStatuses": ["STATUS_UNKNOWN"], "startIndex": 0, "sliceSize": 100}


@pytest.fixture(params=["forkserver", "exec"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["auto", "python"])
def loader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where descriptions are put: out of everything else that boards may read."""
    directory = tmp_path / "descriptions"
    directory.mkdir()
    (tmp_path / "secret.json").write_text('{"a": {"params": {"secret": 1}}}')
    return directory / "descriptions.json"


def put(file: Path, told: Any) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(told if isinstance(told, str) else json.dumps(told))
    unfinished.replace(file)


async def ask(bench: Any, handle: Any, path: str) -> Any:
    return json.loads(await bench.get(handle, path))


async def rows(bench: Any, handle: Any) -> dict[str, Any]:
    asked = quote(json.dumps(_QUESTION))
    answer = await ask(bench, handle, f"{_PLUGIN}/hparams/session_groups?request={asked}")
    return {one["name"]: one for one in answer.get("sessionGroups", ())}


async def enabled(bench: Any, handle: Any) -> set[str]:
    listing = await ask(bench, handle, "/data/plugins_listing")
    return {name for name, plugin in listing.items() if plugin["enabled"]}


async def test_what_is_said_while_a_board_runs_is_shown_without_a_restart(
    bench: Any, write_run: Callable[..., None], file: Path, loader: str
) -> None:
    write_run("a/train")
    write_run("b")
    handle = await bench.start(loader=loader, descriptions=file)
    assert _OURS.isdisjoint(await enabled(bench, handle))

    put(file, {"a": {"params": {"lr": 0.1, "größe": "ä"}, "tags": ["best"], "notes": "*so*"}})
    assert await enabled(bench, handle) >= _OURS
    (row,) = (await rows(bench, handle)).values()
    assert (row["name"], row["hparams"]) == ("a", {"lr": 0.1, "größe": "ä"})
    assert [(one["name"], round(one["value"], 3)) for one in row["metricValues"]] == [
        ({"group": "train", "tag": "loss"}, 0.333)
    ]
    texts = await ask(bench, handle, f"{_PLUGIN}/text/text?run=a&tag=tbgateway/notes")
    assert texts[0]["text"] == "<p><em>so</em></p>"
    assert sorted(await ask(bench, handle, "/data/runs")) == ["a", "a/train", "b"]

    put(file, {"b": {"params": {"lr": 0.2}}})
    assert {name: row["hparams"] for name, row in (await rows(bench, handle)).items()} == {
        "b": {"lr": 0.2}
    }
    assert sorted(await ask(bench, handle, "/data/runs")) == ["a/train", "b"]


async def test_a_broken_file_leaves_the_board_as_it_is(
    bench: Any, write_run: Callable[..., None], file: Path, loader: str
) -> None:
    write_run("a")
    put(file, '{"a": ')
    handle = await bench.start(loader=loader, descriptions=file)
    assert _OURS.isdisjoint(await enabled(bench, handle))
    assert await rows(bench, handle) == {}
    assert await ask(bench, handle, "/data/runs") == ["a"]
    tail = await bench.launcher.tail(handle, 50)
    assert tail.count("descriptions are left out") == 1
    put(file, {"a": {"params": {"lr": 1}}})
    assert set(await rows(bench, handle)) == {"a"}


async def test_a_board_reads_that_directory_and_nothing_beside_it(
    bench: Any, write_run: Callable[..., None], file: Path, directory: Path
) -> None:
    try:
        landlock.version()
    except OSError:
        pytest.skip("landlock is not offered on this machine")
    write_run("a")
    file.symlink_to(file.parent.parent / "secret.json")
    handle = await bench.start(descriptions=file, readable=(directory / "experiments",))
    assert await rows(bench, handle) == {}
    assert "PermissionError" in await bench.launcher.tail(handle, 50)


async def test_what_is_said_later_is_shown_though_nobody_made_the_directory(
    bench: Any, write_run: Callable[..., None], file: Path, directory: Path
) -> None:
    write_run("a")
    file.parent.rmdir()
    handle = await bench.start(descriptions=file, readable=(directory / "experiments",))
    assert file.parent.stat().st_mode & 0o777 == 0o750
    put(file, {"a": {"params": {"lr": 1}}})
    assert set(await rows(bench, handle)) == {"a"}


async def test_a_directory_that_cannot_be_made_keeps_no_board_down(
    bench: Any, write_run: Callable[..., None], file: Path
) -> None:
    write_run("a")
    file.parent.rmdir()
    file.parent.write_text("in the way")
    with capture_logs() as logs:
        handle = await bench.start(descriptions=file)
    assert await ask(bench, handle, "/data/runs") == ["a"]
    assert "board starts without descriptions" in [one["event"] for one in logs]


async def test_many_may_ask_while_the_file_is_replaced_again_and_again(
    bench: Any, write_run: Callable[..., None], file: Path
) -> None:
    write_run("a")
    put(file, {"a": {"params": {"lr": 0}}})
    handle = await bench.start(descriptions=file)

    async def replace() -> None:
        for number in range(100):
            put(file, {"a": {"params": {"lr": number}, "notes": "n" * 100 * number}})
            await asyncio.sleep(0.01)

    async def look() -> set[float]:
        return {(await rows(bench, handle))["a"]["hparams"]["lr"] for _ in range(15)}

    _, *seen = await asyncio.gather(replace(), *(look() for _ in range(6)))
    assert len(set().union(*seen)) > 1
    assert (await rows(bench, handle))["a"]["hparams"]["lr"] == 99
    assert "Traceback" not in await bench.launcher.tail(handle, 50)
