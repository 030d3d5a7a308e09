"""A real gateway inside a thread of the test; only its boards are fakes."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from running_gateway import ADMIN_PASSWORD, PATIENCE, Answer, fetch
from structlog.testing import capture_logs

from tbgateway import gateway
from tbgateway.client import Client
from tbgateway.client.addresses import SocketAddress
from tbgateway.domain.model import LocalOperator, Role
from tbgateway.gateway import Gateway
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.launcher import Changed, Launcher
from tbgateway.settings import load_settings

T = TypeVar("T")
MakeExperiment = Callable[[str], Path]
"""Writes an experiment of this name below the logdir, and returns its directory."""

_OPERATOR = LocalOperator(os.getuid())
_CHEAP = 4  # the least cost that bcrypt knows


class RunningApi:
    """A gateway whose members all have the password ADMIN_PASSWORD; use it as a context manager."""

    _loop: asyncio.AbstractEventLoop
    house: Gateway
    launcher: FakeLauncher

    def __init__(self, home: Path, *logdirs: Path) -> None:
        self.control = home / "run" / "control"
        self.logdirs = logdirs
        self._settings = load_settings(
            None,
            {
                "server.listen": ("127.0.0.1:0",),
                "server.drain_timeout": 0.0,
                "state": {"dir": home / "state", "runtime_dir": home / "run"},
                "logdirs": {root.name: {"path": root} for root in logdirs},
                "auth.bcrypt_rounds": _CHEAP,
            },
        )
        self._quiet = ExitStack()
        self._started: Future[None] = Future()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._in_thread, name="running api")

    def __enter__(self) -> Self:
        self._quiet.enter_context(capture_logs())  # commands and the gateway share stdout here
        self._thread.start()
        self._started.result(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE)
        self._quiet.close()

    @property
    def url(self) -> str:
        """Return its public address."""
        return self.house.url

    @property
    def client(self) -> Client:
        """Return a client on the control socket."""
        return Client(SocketAddress(self.control))

    def do(self, action: Coroutine[Any, Any, T]) -> T:
        """Run something on the gateway's own loop."""
        return asyncio.run_coroutine_threadsafe(action, self._loop).result(PATIENCE)

    def add_member(self, name: str, role: Role) -> None:
        """Make a member."""
        self.do(self.house.members.create(name, role=role, password=ADMIN_PASSWORD))

    def token_of(self, member: str) -> str:
        """Make a token for a member."""
        made = self.house.members.create_token(_OPERATOR, member, label="test", lifetime=None)
        return self.do(made).secret

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        who: str = "admin",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the API over TCP as a member; `body` travels as JSON unless it is bytes."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {} if data is None else {"Content-Type": "application/json"}
        return fetch(
            f"{self.url}/api/v1{path}",
            auth=(who, ADMIN_PASSWORD),
            method=method,
            body=data,
            headers=sent | dict(headers or {}),
        )

    def _in_thread(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for the start
            self._started.set_exception(error)

    async def _serve(self) -> None:
        async with gateway.running(
            self._settings, lambda: ADMIN_PASSWORD, make_launcher=self._make_launcher
        ) as self.house:
            self._started.set_result(None)
            await self._stopping.wait()

    def _make_launcher(self, runtime_dir: Path, changed: Changed) -> Launcher:
        self.launcher = FakeLauncher(runtime_dir, changed)
        return self.launcher
