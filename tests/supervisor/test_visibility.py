"""What TensorBoard lists, as it says itself."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from scripted_server import Script, over_unix

from tbgateway.domain.names import ExperimentId
from tbgateway.supervisor.visibility import gone_among, listed_runs, visible_among
from tbgateway.upstream import Upstream

A, B, C = (ExperimentId(f"ex000000000{number}") for number in range(3))


@pytest.fixture
async def served() -> AsyncIterator[tuple[Upstream, Script]]:
    script = Script()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        path = Path(directory) / "board"
        with over_unix(script, path):
            upstream = Upstream(path)
            yield upstream, script
            await upstream.close()


async def test_the_runs_are_asked_of_tensorboard(served: tuple[Upstream, Script]) -> None:
    upstream, script = served
    script.says([".", "a", "b/train", "ü, 50%"])
    assert await listed_runs(upstream) == {".", "a", "b/train", "ü, 50%"}
    assert [(method, path) for method, path, _, _ in script.asked] == [("GET", "/data/runs")]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"null", b'"a"', b"[", b"\xff"])
async def test_what_is_no_list_of_runs_tells_nothing(
    served: tuple[Upstream, Script], body: bytes
) -> None:
    upstream, script = served
    script.bodies = [body]
    assert await listed_runs(upstream) is None


async def test_an_error_or_a_board_that_is_gone_tells_nothing(
    served: tuple[Upstream, Script],
) -> None:
    upstream, script = served
    script.says(["a"])
    script.status = 500
    assert await listed_runs(upstream) is None
    await upstream.close()
    assert await listed_runs(upstream) is None
    missing = Upstream(Path("/nonexistent/board"))
    assert await listed_runs(missing) is None
    await missing.close()


async def test_a_board_that_ends_while_it_is_asked_tells_nothing(
    served: tuple[Upstream, Script],
) -> None:
    upstream, script = served
    script.go_on.clear()
    asking = asyncio.ensure_future(listed_runs(upstream))
    while not script.asked:
        await asyncio.sleep(0.01)
    await upstream.close()
    script.go_on.set()
    assert await asking is None


@pytest.mark.parametrize(
    ("runs", "visible"),
    [
        ([], []),
        (["."], []),
        (["a"], [A]),
        (["a/train", "a/eval"], [A]),
        (["a/b/c"], [A]),
        (["ab", "a b", "x/a"], []),
        (["project/run", "a"], [A, B]),
        (["project"], []),
    ],
)
def test_an_experiment_is_visible_by_a_run_at_its_link_or_below(
    runs: list[str], visible: list[ExperimentId]
) -> None:
    assert visible_among({A: "a", B: "project/run"}, runs) == frozenset(visible)


@pytest.mark.parametrize(
    ("runs", "gone"),
    [
        ([], [A, B]),
        (["stays"], [A, B]),
        (["a", "stays"], [B]),
        (["a/train"], [B]),
        (["project/run"], [A]),
        (["project/other"], [A, B]),
        (["a", "project/run/eval"], []),
    ],
)
def test_an_experiment_is_gone_when_none_of_its_runs_is_listed(
    runs: list[str], gone: list[ExperimentId]
) -> None:
    leaving = {A: "a", B: "project/run"}
    assert gone_among(leaving, {C: "stays"}, runs) == frozenset(gone)


@pytest.mark.parametrize(
    ("leaving", "staying", "runs", "gone"),
    [
        ("a", "a/inner", ["a/inner"], True),
        ("a", "a/inner", ["a/inner/train"], True),
        ("a", "a/inner", ["a", "a/inner"], False),
        ("a", "a/inner", ["a/other", "a/inner"], False),
        ("a/inner", "a", ["a", "a/inner"], True),
        ("a", "a", ["a"], True),
    ],
)
def test_runs_of_an_experiment_that_stays_keep_none_that_leaves(
    leaving: str, staying: str, runs: list[str], *, gone: bool
) -> None:
    assert gone_among({A: leaving}, {B: staying}, runs) == ({A} if gone else frozenset())
