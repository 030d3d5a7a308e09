"""Pictures of every page, of a gateway with the sample experiments: light, dark and narrow.

    python tests/screenshots/take_screenshots.py [DIRECTORY] [--readme]

Writes `<page>-light.png`, `-dark.png` and `-narrow.png` into DIRECTORY, `build/screenshots` if
none is named. With `--readme` it makes the README's pictures anew, in `docs/images`, instead.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from browser import chromium
from playwright.sync_api import Browser, BrowserContext, Page
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

from tbgateway.samples import LiveSample, write_samples


@dataclass(frozen=True, slots=True)
class Look:
    """A way to look at a page."""

    name: str
    scheme: Literal["light", "dark"]
    width: int
    height: int = 800
    pages: tuple[str, ...] = ()  # all, to their ends; of these only what the window shows


_LOOKS = (
    Look("light", "light", 1280),
    Look("dark", "dark", 1280),
    Look("narrow", "dark", 360, 740),
)
_README = Path("docs/images")
_README_LOOKS = (
    Look("light", "light", 1280, 580, ("boards",)),
    Look("dark", "dark", 1280, 580, ("boards",)),
    Look("light", "light", 1280, 615, ("board",)),
)
_PASSWORD = "samples-are-no-secret"
_RESNET = {"model": "resnet-50", "optimizer": "sgd", "batch_size": 256, "epochs": 90}
_SAID: Mapping[str, tuple[dict[str, Any], list[str], str]] = {
    "resnet-50-baseline": (
        {**_RESNET, "lr": 0.1, "augment.mixup": False},
        ["baseline", "paper"],
        "Figure 3 of the paper.\n\nSeeds 1 to 3 agree within 0.2 %; this is seed 1.",
    ),
    "resnet-50-cosine": ({**_RESNET, "lr": 0.05, "schedule": "cosine"}, ["paper"], ""),
    "vit-small-finetune": (
        {"model": "vit-small-patch16-224", "lr": 0.0003},
        ["ada", "fine-tuning", "not for the paper", "needs more epochs", "augmented", "one more"],
        "",
    ),
}
_STRANGER_PAGES = {"sign-in": "/ui/sign-in"}
_PAGES = {
    "boards": "/",
    "boards-nothing-found": "/?text=no+such+board",
    "new-board": "/ui/new-board",
    "board": "/ui/boards/vision",
    "board-asleep": "/ui/boards/speech-and-text",
    "add-experiments": "/ui/boards/vision/add",
    "delete-board": "/ui/boards/vision/delete",
    "experiments": "/ui/experiments",
    "experiments-searched": "/ui/experiments?text=tag:paper+lr%3C1+depth%3C&since=7d",
    "members": "/ui/members",
    "account": "/ui/account",
    "unknown": "/ui/boards/no-such-board",
    "board-paused": "/boards/ablations/",
}


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true")
    chosen = parser.parse_args()
    directory: Path = (_README if chosen.readme else chosen.directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with _gateway() as gateway, chromium() as browser:
        for look in _README_LOOKS if chosen.readme else _LOOKS:
            _take(browser, gateway, look, directory)
        for look in () if chosen.readme else _LOOKS:
            _take_troubles(browser, look, directory)
    print(f"{len(list(directory.glob('*.png')))} pictures are in {directory}")  # noqa: T201 - what the command says


@contextmanager
def _gateway() -> Iterator[RunningGateway]:
    """Serve the samples, with boards in several states."""
    home = Path(tempfile.mkdtemp(prefix="tbg"))
    try:
        write_samples(home / "runs")
        live = LiveSample(home / "runs")
        scan = {"TBGATEWAY_EXPERIMENTS__RESCAN_INTERVAL": "1"}
        with RunningGateway(home / "gateway", [home / "runs"], environment=scan) as gateway:
            live.step()
            _describe(home / "runs")
            _furnish(gateway, home / "runs")
            yield gateway
        live.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _furnish(gateway: RunningGateway, runs: Path) -> None:
    for name, role in (("ada", "editor"), ("grace", "viewer")):
        _post(gateway, "members", {"name": name, "role": role, "password": _PASSWORD})
    vision = ["resnet-50-baseline", "resnet-50-cosine", "optimizer-sweep", "vit-small-finetune"]
    boards: dict[str, tuple[list[str], dict[str, str]]] = {
        "vision": (vision, {"access": "password", "username": "vision", "password": _PASSWORD}),
        "speech-and-text": (["audio-denoiser", "word-embeddings"], {"access": "members"}),
        "ablations": (["optimizer-sweep"], {"access": "members"}),
        "point-clouds": (["point-cloud-autoencoder"], {"access": "public"}),
        "paper-figures-2026": (["resnet-50-baseline", "word-embeddings"], {"access": "members"}),
    }
    for name, (experiments, entry) in boards.items():
        paths = [str(path) for path in map(runs.joinpath, experiments) if path.exists()]
        _post(gateway, "boards", {"name": name, "experiments": paths, **entry})
    for name in ("vision", "point-clouds"):
        eventually(lambda name=name: gateway.runs(name), what=f"{name} runs")
        gateway.admin(f"/boards/{name}/", headers={"Accept": "text/html"})
    gateway.get("/boards/vision/", ("vision", _PASSWORD), headers={"Accept": "text/html"})
    gateway.cli("board", "stop", "ablations")
    shutil.rmtree(runs / "word-embeddings")
    eventually(lambda: _is_read(gateway), what="the scalars are read")


def _describe(runs: Path) -> None:
    """Say what some experiments are, as their scripts would."""
    for name, (params, tags, notes) in _SAID.items():
        told = {"params": params, "tags": tags, "notes": notes}
        (runs / name / "tbgateway.json").write_text(json.dumps(told), encoding="utf-8")


def _post(gateway: RunningGateway, what: str, body: dict[str, Any]) -> None:
    answer = gateway.admin(f"/api/v1/{what}", body, method="POST")
    if answer.status >= 300:
        raise AssertionError(f"{what} {body}: {answer!r}")


def _is_read(gateway: RunningGateway) -> bool:
    """Whether the pages know what takes the gateway a moment to find out."""
    boards, vision = (_html(gateway, path) for path in ("/", "/ui/boards/vision"))
    told = ("with a problem", "adding", " MB<")
    marked = vision.count('class="tags"') == len(_SAID)
    lines = boards.count('class="spark"'), vision.count('class="spark"')
    return marked and lines == (5, 4) and all(one in boards for one in told)


def _html(gateway: RunningGateway, path: str) -> str:
    return gateway.admin(path, headers={"Accept": "text/html"}).body.decode()


def _take(browser: Browser, gateway: RunningGateway, look: Look, directory: Path) -> None:
    page = _context(browser, gateway, look).new_page()
    _pictures(page, _STRANGER_PAGES, look, directory)
    _sign_in(page)
    found = gateway.admin("/api/v1/experiments").json()["items"]
    experiment = next(one["id"] for one in found if one["name"] == "resnet-50-baseline")
    about = f"/ui/experiments/{experiment}"
    alone = {"experiment": about, "describe-experiment": f"{about}/describe"}
    _pictures(page, {**_PAGES, **alone}, look, directory)
    page.context.close()


def _context(browser: Browser, gateway: RunningGateway, look: Look) -> BrowserContext:
    return browser.new_context(
        base_url=gateway.url,
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        device_scale_factor=1,
    )


def _take_troubles(browser: Browser, look: Look, directory: Path) -> None:
    """Take the pages of a board that takes long to open, and of one that cannot."""
    for name, start_timeout in (("board-waiting", "120"), ("board-failed", "0.1")):
        with tempfile.TemporaryDirectory(prefix="tbg") as home, _slow(home, start_timeout) as slow:
            slow.cli("board", "create", "large", "-e", "large", "--access", "members")
            if name == "board-failed":
                slow.cli("board", "start", "large", status=None)
                eventually(lambda slow=slow: _state(slow) == "failed", what="it is failed")
            page = _context(browser, slow, look).new_page()
            _sign_in(page)
            _pictures(page, {name: "/boards/large/"}, look, directory)
            if not page.title().endswith("tbgateway"):
                raise AssertionError(f"{name} is {page.title()!r}, no page of the gateway")
            page.context.close()


def _slow(home: str, start_timeout: str) -> RunningGateway:
    """Return a gateway whose boards take seconds to start, with an experiment that looks large."""
    events = Path(home) / "runs" / "large" / "events.out.tfevents.1.host"
    events.parent.mkdir(parents=True)
    with events.open("wb") as file:
        file.truncate(300_000_000)  # it takes no room on the disk
    settings = {"LAUNCHER": "exec", "START_TIMEOUT": start_timeout}
    environment = {f"TBGATEWAY_BOARDS__{name}": value for name, value in settings.items()}
    return RunningGateway(Path(home) / "gateway", [Path(home) / "runs"], environment=environment)


def _state(gateway: RunningGateway) -> str:
    return str(gateway.admin("/api/v1/boards/large").json()["state"])


def _sign_in(page: Page) -> None:
    page.goto("/ui/sign-in")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def _pictures(page: Page, paths: Mapping[str, str], look: Look, directory: Path) -> None:
    for name, path in paths.items():
        if look.pages and name not in look.pages:
            continue
        page.goto(path)
        file = directory / f"{name}-{look.name}.png"
        page.screenshot(path=file, full_page=not look.pages, animations="disabled")


if __name__ == "__main__":
    main()
