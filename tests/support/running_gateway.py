"""A real gateway in a process of its own, as tests and benchmarks use it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ADMIN_PASSWORD = "correct-horse-battery"
PATIENCE = 60.0  # seconds; generous, because the machine may be busy


def eventually(
    reached: Callable[[], Any], *, what: str, within: float = PATIENCE, every: float = 0.1
) -> Any:
    """Return the first true result of `reached`; raise AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        result = reached()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(every)


class Answer:
    """An HTTP answer: status, headers and body."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"<Answer {self.status} {self.body[:200]!r}>"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def fetch(
    url: str,
    *,
    auth: tuple[str, str] | None = None,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
) -> Answer:
    """Make one request, without following redirects."""
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
    if auth is not None:
        credentials = b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
        request.add_header("Authorization", f"Basic {credentials}")
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


class RunningGateway:
    """`tbgateway serve` with state, sockets and log below `home`; use it as a context manager.

    It is handed its listening socket, so no port is ever chosen twice.
    """

    def __init__(
        self,
        home: Path,
        logdirs: Sequence[Path | str],
        *,
        flags: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
        user: int | None = None,
    ) -> None:
        self.home = home
        self._python = python
        self._user: dict[str, Any] = (
            {} if user is None else {"user": user, "group": user, "extra_groups": []}
        )
        self.log = home / "gateway.log"
        self.control = home / "run" / "control"
        self._flags = [*(f"--logdir={logdir}" for logdir in logdirs), *flags]
        self._environment = dict(environment or {})
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._socket.close()

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the gateway and of the CLI that finds it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TBGATEWAY_")}
        return kept | {
            "TBGATEWAY_SOCKET": str(self.control),
            "TBGATEWAY_STATE__RUNTIME_DIR": str(self.home / "run"),
            "TBGATEWAY_AUTH__BCRYPT_ROUNDS": "4",
            "NO_COLOR": "1",
            **self._environment,
        }

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        password_file = self.home / "admin-password"
        password_file.write_text(ADMIN_PASSWORD)
        descriptor = self._socket.fileno()
        command = [self._python, "-m", "tbgateway", "serve", f"--listen=fd:{descriptor}"]
        command += [f"--state-dir={self.home / 'state'}", f"--admin-password-file={password_file}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self._flags],
                pass_fds=[descriptor],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                **self._user,
            )
        eventually(self._ready, what=f"ready; see {self.log}")

    def _ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended:\n{self.log.read_text()[-5000:]}")
        try:
            return self.get("/readyz", timeout=2).status == 200
        except (OSError, TimeoutError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it did not end:\n{self.log.read_text()[-5000:]}") from None
        self.process = None
        return status

    def kill(self) -> None:
        """SIGKILL it."""
        self.stop(signal.SIGKILL)

    def get(self, path: str, auth: tuple[str, str] | None = None, **options: Any) -> Answer:
        """Request `path` from the gateway's public address."""
        return fetch(self.url + path, auth=auth, **options)

    def admin(self, path: str, body: Any = None, *, method: str = "GET", **options: Any) -> Answer:
        """Request `path` as the admin; `body` travels as JSON."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        data = None if body is None else json.dumps(body).encode()
        return self.get(
            path,
            ("admin", ADMIN_PASSWORD),
            method=method,
            body=data,
            headers={**headers, **options.pop("headers", {})},
            **options,
        )

    def cli(
        self, *words: str, stdin: str = "", status: int | None = 0, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line beside it; `status` is what it must exit with (None: any)."""
        done = subprocess.run(
            [self._python, "-m", "tbgateway", *words],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
            **self._user,
            **options,
        )
        if status is not None and done.returncode != status:
            raise AssertionError(f"{words} exited {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def runs(self, board: str, auth: tuple[str, str] | None = None) -> list[str]:
        """Return the runs that a board's TensorBoard lists."""
        answer = self.get(f"/boards/{board}/data/runs", auth or ("admin", ADMIN_PASSWORD))
        if answer.status != 200:
            raise AssertionError(f"{board}: {answer!r}\n{self.log.read_text()[-3000:]}")
        return sorted(answer.json())
