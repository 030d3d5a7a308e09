"""Experiments that were given parameters and notes, in TensorBoard's own dashboards."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, watch
from dashboards import DASHBOARDS, not_showing, tabs, visit
from event_writer import write_scalars
from playwright.sync_api import Browser, Page
from running_gateway import ADMIN_PASSWORD, PATIENCE, RunningGateway, eventually
from told_dashboards import write_session

from tbgateway.samples import write_samples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Start = Callable[..., RunningGateway]
ADMIN = ("admin", ADMIN_PASSWORD)
KERAS = "Alwaysproblem__tensorboard-review__keras-hparam-tuning"
LIGHTNING = "AllenCell__aics-ml-segmentation__lightning-segmentation"
_CELLS = "tf-hparams-table-view vaadin-grid-cell-content"
_WANTED = {"hparams", "text", "scalars"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a logdir root with `ours`, of two runs, and `theirs`, whose script wrote hparams."""
    root = tmp_path / "runs"
    write_scalars(root / "ours" / "train", {"loss": [1.0, 0.125]})
    write_scalars(root / "ours" / "validation", {"loss": [1.0, 0.375]})
    write_scalars(root / "theirs", {"loss": [1.0, 0.875]})
    write_session(
        root / "theirs" / "1763900000.5", {"lr": 0.5, "opt": "sgd"}, {"acc": 0.625}, columns=True
    )
    return root


def board_of(gateway: RunningGateway, *experiments: str) -> str:
    words = [word for name in experiments for word in ("-e", name)]
    gateway.cli("board", "create", "sweep", *words, "--access", "public")
    return f"{gateway.url}/boards/sweep/"


def describe(gateway: RunningGateway, name: str, **edit: Any) -> None:
    """Describe an experiment by the API: the command line takes no thousand parameters."""
    found = gateway.admin("/api/v1/experiments?limit=1000").json()["items"]
    (identifier,) = (one["id"] for one in found if one["name"] == name)
    answer = gateway.admin(f"/api/v1/experiments/{identifier}", edit, method="PATCH")
    assert answer.status == 200, answer


def asked(gateway: RunningGateway, what: str, **question: Any) -> Any:
    path = f"/boards/sweep/data/plugin/hparams/{what}"
    return gateway.admin(path, {"experimentName": "", **question}, method="POST").json()


def table(gateway: RunningGateway) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of each row, as the dashboard asks for them."""
    every = {"allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS"], "sliceSize": 1000}
    groups = asked(gateway, "session_groups", startIndex=0, **every)
    return {one["name"]: one["hparams"] for one in groups["sessionGroups"]}


def rows_on(page: Page, board: str) -> set[str]:
    """Return what the table shows: all cells' words, once its rows are filled."""
    shown = visit(page, board, [one for one in DASHBOARDS if one.plugin == "hparams"])
    assert not not_showing(shown), shown
    texts = page.locator(_CELLS).all_inner_texts()
    return {text.strip() for text in texts if text.strip()}


def test_described_experiments_stand_beside_those_that_wrote_hparams_themselves(
    start_gateway: Start, root: Path, page: Page
) -> None:
    gateway = start_gateway(root)
    board = board_of(gateway, "ours", "theirs")
    gateway.cli("experiment", "describe", "ours", "--param=lr=0.25", "--param=opt=<b>ü</b>")
    gateway.cli("experiment", "describe", "theirs", "--param=lr=77", "--param=dataset=cifar")
    failures = watch(page)

    cells = rows_on(page, board)
    # whose they are; the parameters of both; the metrics of both
    assert {"ours", "theirs/1763900000.5"} <= cells
    assert {"0.25000", "0.50000", "sgd", "<b>ü</b>", "cifar"} <= cells
    assert {"0.12500", "0.37500", "0.62500", "0.87500"} <= cells
    assert not {text for text in cells if "77" in text}, "the script's own value stays"

    page.get_by_text("Parallel Coordinates View").click()
    lines = page.locator("tf-hparams-parallel-coords-plot path")
    eventually(lambda: lines.count() >= 2, what="a line for each")
    assert failures == []


def test_experiments_of_all_kinds_of_scripts_can_be_described(
    start_gateway: Start, corpus: Path, page: Page
) -> None:
    gateway = start_gateway(corpus)
    board = board_of(gateway, KERAS, LIGHTNING)
    gateway.runs("sweep")
    before = table(gateway)
    gateway.cli("experiment", "describe", LIGHTNING, "--param=num_units=48")
    gateway.cli("experiment", "describe", KERAS, "--param=host=ezio", "--param=num_units=1")

    eventually(lambda: table(gateway) != before, what="the board is told")
    after = table(gateway)
    assert before.keys() <= after.keys()
    for row, params in before.items():
        added = {"host": "ezio"} if "optimizers" in params else {"num_units": 48.0}
        assert after[row] == {**added, **params}, row
    failures = watch(page)
    assert {"48.000", "64.000"} <= rows_on(page, board)
    assert failures == []


def test_what_is_said_later_is_shown_without_a_restart_and_goes_again(
    start_gateway: Start, root: Path
) -> None:
    gateway = start_gateway(root)
    board_of(gateway, "ours")
    assert gateway.runs("sweep") == ["ours/train", "ours/validation"]

    describe(gateway, "ours", params={"lr": 1}, notes="Look at *this*.")
    eventually(lambda: table(gateway) == {"ours": {"lr": 1.0}}, what="parameters are shown")
    assert gateway.runs("sweep") == ["ours", "ours/train", "ours/validation"]
    text = "/boards/sweep/data/plugin/text/text?run=ours&tag=tbgateway%2Fnotes"
    assert "<em>this</em>" in gateway.get(text).json()[0]["text"]

    describe(gateway, "ours", params={"lr": None}, notes="")
    eventually(lambda: table(gateway) == {}, what="they are gone")
    assert gateway.runs("sweep") == ["ours/train", "ours/validation"]
    assert gateway.log.read_text().count("board process started") == 1


def test_what_was_said_while_the_board_slept_and_the_gateway_was_killed_is_there_at_once(
    start_gateway: Start, root: Path
) -> None:
    gateway = start_gateway(root)
    board_of(gateway, "ours")
    describe(gateway, "ours", params={"lr": 1})
    assert table(gateway) == {"ours": {"lr": 1.0}}
    describe(gateway, "ours", params={"lr": 2})
    gateway.kill()
    gateway.start()
    assert table(gateway) == {"ours": {"lr": 2.0}}


def test_time_series_is_told_which_runs_only_begin_like_a_described_one(
    start_gateway: Start, root: Path, page: Page
) -> None:
    write_scalars(root / "ours-2" / "train", {"loss": [1.0, 0.5]})
    gateway = start_gateway(root)
    board = board_of(gateway, "ours", "ours-2")
    describe(gateway, "ours", params={"lr": 1})
    eventually(lambda: table(gateway) == {"ours": {"lr": 1.0}}, what="parameters are shown")

    asked_apart = "**/experiment/defaultExperimentId/data/plugin/hparams/session_groups"
    with page.expect_response(asked_apart, timeout=PATIENCE * 1000) as answered:
        page.goto(f"{board}#timeseries")
    groups = answered.value.json()["sessionGroups"]
    told = {session["name"]: group["hparams"] for group in groups for session in group["sessions"]}
    assert told == {"ours": {"lr": 1.0}, "ours-2/train": {}}
    assert table(gateway) == {"ours": {"lr": 1.0}}, "no row more in the dashboard"


def test_hostile_descriptions_break_no_page(start_gateway: Start, root: Path, page: Page) -> None:
    gateway = start_gateway(root)
    board = board_of(gateway, "ours", "theirs")
    evil = "\"'><script>document.title='evil'</script><img src=x onerror=alert(1)>\U0001f600"
    params = {f"{number} \"'&{{{{}}}} ünï\U0001f600": f"{evil}{number}" for number in range(1000)}
    notes = f"# {evil}\n\n[x](javascript:alert(1)) {'[' * 30_000}"
    describe(gateway, "ours", params=params, notes=notes, tags={"add": [evil]})
    describe(gateway, "theirs", params={"__proto__": "x", "constructor": 1})
    failures = watch(page)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    assert {"ours", "theirs/1763900000.5"} <= rows_on(page, board)
    wanted = [one for one in DASHBOARDS if one.plugin in _WANTED]
    shown = visit(page, board, wanted)
    assert not not_showing(shown), shown
    assert (dialogs, failures) == ([], [])
    assert page.title() != "evil"


def test_no_other_dashboard_is_harmed(start_gateway: Start, tmp_path: Path, page: Page) -> None:
    root = tmp_path / "samples"
    write_samples(root)
    gateway = start_gateway(root)
    names = sorted(one["name"] for one in gateway.admin("/api/v1/experiments").json()["items"])
    board = board_of(gateway, *names)
    for name in names:
        describe(gateway, name, params={"seed": 7}, tags={"add": ["demo"]}, notes="Made by *hand*.")
    gateway.admin("/api/v1/boards/sweep/start", {}, method="POST")
    eventually(lambda: all("seed" in row for row in table(gateway).values()), what="described")

    page.goto(board)
    assert tabs(page) >= {"projector", "hparams", "text"}
    chosen = [one for one in DASHBOARDS if one.plugin in {"projector", *_WANTED}]
    shown = visit(page, board, chosen, patience=PATIENCE)
    assert not not_showing(shown), shown
