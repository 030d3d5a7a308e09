"""nginx as the benchmarks' yardstick: a fast upstream, and a proxy in front of any unix socket."""

import os
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha1
from pathlib import Path
from typing import Self

from running_gateway import PATIENCE, eventually

BODY = '["train", "validation"]'
USER, PASSWORD = "user", "correct-horse-battery"


def program() -> str | None:
    """Return where nginx is, if it is installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


class Nginx:
    """One worker with the given server block, listening on a unix socket; a context manager."""

    def __init__(self, home: Path, server: str) -> None:
        self.address = home / "socket"
        self._home = home
        self._server = server
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        nginx = program()
        assert nginx is not None
        self._home.mkdir(parents=True)
        configuration = self._home / "nginx.conf"
        configuration.write_text(self._configuration())
        command = [nginx, "-p", f"{self._home}", "-e", f"{self._home}/error.log"]
        self._process = subprocess.Popen([*command, "-c", f"{configuration}"])
        eventually(self.address.exists, what=f"nginx is up; see {self._home}/error.log")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    @property
    def pid(self) -> int:
        """The master process."""
        assert self._process is not None
        return self._process.pid

    def _configuration(self) -> str:
        user = "user root;" if os.geteuid() == 0 else ""
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"{place}_temp_path {self._home}/{place};" for place in places)
        return f"""
{user} daemon off; worker_processes 1; pid {self._home}/pid;
events {{}}
http {{
    access_log off; keepalive_requests 1000000; {temporary}
    server {{ listen unix:{self.address}; {self._server} }}
}}
"""


def fast_upstream(home: Path) -> Nginx:
    """Answer everything with a small JSON body, and close the connection as Werkzeug does."""
    answer = f"default_type application/json; return 200 '{BODY}';"
    return Nginx(home, f"keepalive_timeout 0; location / {{ {answer} }}")


def proxy(home: Path, upstream: Path, *, with_password: bool = False) -> Nginx:
    """Pass everything on to a unix socket, behind HTTP basic authentication if asked for."""
    auth = ""
    if with_password:
        home.parent.mkdir(parents=True, exist_ok=True)
        users = home.parent / f"{home.name}.users"
        # SHA-1, because it costs nothing: nginx compares the password at every request.
        digest = b64encode(sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
        users.write_text(f"{USER}:{{SHA}}{digest}\n")
        auth = f"auth_basic on; auth_basic_user_file {users};"
    return Nginx(home, f"{auth} location / {{ proxy_pass http://unix:{upstream}:/; }}")
