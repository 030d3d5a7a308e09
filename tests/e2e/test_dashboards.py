"""Every dashboard shows its data in a browser, directly and below a path behind TLS.

Nothing here intercepts the browser's requests, because workers whose script is redirected never
start then: visitors use the browser's own memory of passwords, and it is nginx that refuses.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import chromium
from certificate import self_signed
from dashboards import DASHBOARDS, not_showing, tabs, visit
from nginx_process import NginxInFront, shipped_site
from other_proxies import Caddy
from page_watch import PageWatch
from playwright.sync_api import Browser, BrowserContext, Page
from running_gateway import PATIENCE, RunningGateway

from tbgateway.samples import write_samples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

USER, PASSWORD = "alice", "only-for-this-board"
ALL = {dashboard.plugin for dashboard in DASHBOARDS}
BY_POST = {
    "timeseries": "/timeseries/timeSeries",
    "scalars": "/scalars/scalars_multirun",
    "hparams": "/hparams/",
}
"""Dashboards that ask for their data by POST, and where."""
SOON = 2.0
"""Seconds for each dashboard that is expected to stay empty."""
BAD_PROJECTOR = """embeddings {
  tensor_name: "lost"
  tensor_path: "no-such-file.tsv"
}
"""


@dataclass(frozen=True)
class Served:
    """A gateway and the URL under which people find it."""

    gateway: RunningGateway
    url: str
    nginx: NginxInFront | None = None

    def create(self, board: str, experiments: Sequence[str]) -> str:
        """Make a board that sleeps; return its URL."""
        words = [word for name in experiments for word in ("-e", name)]
        self.gateway.cli(
            *("board", "create", board, *words, "--username", USER, "--password-stdin"),
            stdin=PASSWORD,
        )
        return f"{self.url}/boards/{board}/"


class Visitor:
    """A browser of somebody who knows the boards' password."""

    page: Page
    watch: PageWatch

    def __init__(self, context: BrowserContext) -> None:
        self._context = context

    def sign_in(self, board: str) -> None:
        """Have the browser know the password, as if a person had typed it; then open a page.

        An address with a password in it is opened for this. It cannot be the board's own page:
        browsers forbid scripts of such a page to change the address, which TensorBoard does.
        """
        first = self._context.new_page()
        first.goto(f"{board.replace('://', f'://{USER}:{PASSWORD}@')}icon_bundle.svg")
        first.close()
        self.watch = PageWatch(self._context)
        self.page = self._context.new_page()


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(ignore_https_errors=True)  # the certificate is the test's own
    yield Visitor(context)
    context.close()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a logdir root with the demo's experiments: all kinds of data."""
    root = tmp_path_factory.mktemp("samples")
    write_samples(root)
    return root


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts a gateway, and a shipped nginx with TLS before it if wanted.

    `rule` is added to what that nginx does below the gateway's path.
    """
    with ExitStack() as stack:

        def start(*logdirs: Path, behind_nginx: bool = False, rule: str = "") -> Served:
            home = tmp_path / "gateway"
            if not behind_nginx:
                gateway = stack.enter_context(RunningGateway(home, logdirs))
                return Served(gateway, gateway.url)
            certificate = self_signed(tmp_path / "certificate")
            nginx = stack.enter_context(NginxInFront(tmp_path / "nginx", certificate))
            flags = [f"--public-url={nginx.url}"]
            gateway = stack.enter_context(RunningGateway(home, logdirs, flags=flags))
            nginx.start(upstream=f"127.0.0.1:{gateway.port}", site=with_rule(rule))
            return Served(gateway, nginx.url, nginx)

        yield start


@pytest.fixture
def behind_caddy(tmp_path: Path, samples: Path) -> Iterator[Served]:
    """Serve the samples behind the shipped Caddyfile, which has a certificate of the test's."""
    believed = {"TBGATEWAY_SERVER__TRUSTED_PROXIES": "127.0.0.1"}
    with RunningGateway(tmp_path / "gateway", [samples], environment=believed) as gateway:
        caddy = Caddy(tmp_path / "caddy", str(gateway.port), root=False)
        caddy.certificate = self_signed(tmp_path / "certificate")
        with caddy:
            yield Served(gateway, f"https://127.0.0.1:{caddy.port}{caddy.prefix}")


def with_rule(rule: str) -> str:
    """Return the shipped site with a rule more for what lies below the gateway's path."""
    before, opened, after = shipped_site().partition("location /team/tb/ {")
    assert opened
    return f"{before}{opened} {rule}{after}"


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir())


@pytest.mark.parametrize("behind_nginx", [False, True], ids=["direct", "behind nginx with TLS"])
def test_every_dashboard_shows_data_and_nothing_is_complained_about(
    serve: Serve, samples: Path, visitor: Visitor, *, behind_nginx: bool
) -> None:
    served = serve(samples, behind_nginx=behind_nginx)
    board = served.create("everything", names(samples))
    visitor.sign_in(board)

    verdicts = visit(visitor.page, board)

    assert not_showing(verdicts) == {}
    assert verdicts.keys() == ALL
    assert visitor.watch.complaints == []
    assert visitor.watch.outside(board, f"{served.url}/assets/") == []
    seen = visitor.watch.requests
    assert any("/projector_binary.html" in url for url in seen), "requests of frames are seen"
    assert any("/chart_worker.js" in url for url in seen), "requests of workers are seen"
    if served.nginx is not None:
        assert strange(served.nginx.seen()) == []
        assert any(
            "/assets/" in line and "/chart_worker.js" in line for line in served.nginx.seen()
        )


def test_every_dashboard_shows_data_behind_caddy_with_tls(
    behind_caddy: Served, samples: Path, visitor: Visitor
) -> None:
    board = behind_caddy.create("everything", names(samples))
    visitor.sign_in(board)

    verdicts = visit(visitor.page, board)

    assert not_showing(verdicts) == {}
    assert verdicts.keys() == ALL
    assert visitor.watch.complaints == []
    assert visitor.watch.outside(board, f"{behind_caddy.url}/assets/") == []


def strange(seen: Sequence[str]) -> list[str]:
    """Return what nginx saw outside of the board and the assets, and what failed.

    It also sees what no page tells of: where workers are redirected to, and what the browser
    does by itself.
    """
    allowed = ("/team/tb/boards/everything/", "/team/tb/assets/")
    while_signing_in = {
        "401 GET /team/tb/boards/everything/icon_bundle.svg",
        "404 GET /favicon.ico",
    }
    found = []
    for line in seen:
        status, _, target = line.split(" ", 2)
        well = int(status) < 400 and target.startswith(allowed)
        if not well and line not in while_signing_in:
            found.append(line)
    return found


def test_the_first_page_of_a_sleeping_board_has_a_tab_for_every_dashboard(
    serve: Serve, samples: Path, browser: Browser
) -> None:
    served = serve(samples)
    board = served.create("asleep", names(samples))
    assert served.gateway.admin("/api/v1/boards/asleep").json()["state"] == "sleeping"
    page = browser.new_page(http_credentials={"username": USER, "password": PASSWORD})
    page.goto(board)
    assert tabs(page) >= ALL
    page.close()


def test_no_dashboard_is_said_to_show_data_where_there_is_none(
    serve: Serve, tmp_path: Path, visitor: Visitor
) -> None:
    empty = tmp_path / "runs"
    empty.mkdir()
    board = serve(empty).create("empty", [])
    visitor.sign_in(board)
    visitor.page.goto(board)
    visitor.page.get_by_text("No dashboards are active").wait_for(timeout=PATIENCE * 1000)

    assert not_showing(visit(visitor.page, board, patience=SOON)).keys() == ALL


def test_dashboards_that_may_not_post_are_said_to_show_nothing(
    serve: Serve, samples: Path, visitor: Visitor
) -> None:
    refusing = "if ($request_method = POST) { return 403; }"
    board = serve(samples, behind_nginx=True, rule=refusing).create("no-post", names(samples))
    visitor.sign_in(board)
    posting = [one for one in DASHBOARDS if one.plugin in BY_POST]

    verdicts = visit(visitor.page, board, posting, patience=SOON)

    assert not_showing(verdicts).keys() == BY_POST.keys()
    refused = [line for line in visitor.watch.complaints if line.startswith("answered 403: POST")]
    for plugin, place in BY_POST.items():
        assert any(place in line for line in refused), (plugin, visitor.watch.complaints)
    others = [one for one in DASHBOARDS if one.plugin in {"images", "text"}]
    assert not_showing(visit(visitor.page, board, others)) == {}


def test_without_its_main_script_no_dashboard_is_said_to_show_data(
    serve: Serve, samples: Path, visitor: Visitor
) -> None:
    blocking = r"if ($uri ~ /index\.js$) { return 403; }"
    board = serve(samples, behind_nginx=True, rule=blocking).create("no-script", names(samples))
    visitor.sign_in(board)

    assert not_showing(visit(visitor.page, board, patience=SOON)).keys() == ALL
    assert any("/index.js" in line for line in visitor.watch.complaints)


def test_one_bad_projector_leaves_the_points_of_the_others(
    serve: Serve, corpus: Path, samples: Path, tmp_path: Path, visitor: Visitor
) -> None:
    bad = tmp_path / "runs" / "bad-projector"
    bad.mkdir(parents=True)
    (bad / "projector_config.pbtxt").write_text(BAD_PROJECTOR)
    (events,) = (samples / "word-embeddings").glob("events*")
    (bad / events.name).write_bytes(events.read_bytes())
    served = serve(corpus, samples, bad.parent)
    real = sorted({path.relative_to(corpus).parts[0] for path in corpus.glob("**/*tfevents*")})
    board = served.create("mixed", [bad.name, *real, "word-embeddings"])
    visitor.sign_in(board)
    projector = [one for one in DASHBOARDS if one.plugin == "projector"]

    verdicts = visit(visitor.page, board, projector)

    assert verdicts["projector"].evidence == "187 points"
    assert visitor.watch.complaints == []
