"""Real reverse proxies with the shipped configurations, as ordinary processes on free ports."""

import os
import re
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

import pytest
from certificate import Certificate
from nginx_process import at_the_root
from running_gateway import eventually

CONFIG = Path(__file__).parents[2] / "config"
TCP = "127.0.0.1:8300"
UNIX = "/run/tbgateway-http.sock"
_PATIENCE = 30.0  # seconds; generous, because the machine may be busy
_MARK = re.compile(r"^(?P<indent>\s*)# (?P<when>ROOT\+UNIX|ROOT|UNIX): (?P<instead>.+)$")


def changed(text: str, *, root: bool, unix: bool) -> str:
    """Return a shipped file with the changes made that its comments ROOT and UNIX describe."""
    wanted = {"ROOT": root, "UNIX": unix, "ROOT+UNIX": root and unix}
    lines: list[str] = []
    instead: str | None = None
    for line in text.splitlines():
        mark = _MARK.match(line)
        if mark is not None:
            if wanted[mark["when"]] and instead is None:
                instead = f"{mark['indent']}{mark['instead']}"
            continue
        if instead is None:
            lines.append(line)
        elif not instead.strip().startswith("leave the next line out"):
            lines.append(instead)
        instead = None
    return "\n".join(lines) + "\n"


class ProxyInFront(ABC):
    """One of them; a context manager. Skips the test where it is not installed."""

    program: ClassVar[str]
    shipped: ClassVar[str]

    def __init__(self, home: Path, upstream: str, *, root: bool) -> None:
        """`upstream` is a port of 127.0.0.1, or the path of a socket."""
        self.home = home
        self.port = _free_port()
        self.prefix = "" if root else "/team/tb"
        unix = upstream.startswith("/")
        text = changed((CONFIG / self.shipped).read_text(), root=root, unix=unix)
        old = UNIX if unix else TCP
        assert old in text, f"{self.shipped} no longer names {old}"
        self._site = text.replace(old, upstream if unix else f"127.0.0.1:{upstream}")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = shutil.which(self.program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            pytest.skip(f"{self.program} is not installed")
        self.home.mkdir(parents=True, exist_ok=True)
        command = [program, *self.prepare(self._site)]
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment()
            )
        eventually(self._up, what=f"{self.program} is up")
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @abstractmethod
    def prepare(self, site: str) -> Sequence[str]:
        """Write the configuration; return the program's arguments."""

    def replaced(self, text: str, old: str, new: str) -> str:
        """Return `text` with one thing replaced that must be there once."""
        assert text.count(old) == 1, f"{self.shipped} no longer holds {old!r} once"
        return text.replace(old, new)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home)}

    def _up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"{self.program} ended:\n{(self.home / 'log').read_text()}")
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


class Nginx(ProxyInFront):
    """nginx, in a configuration of its own around the shipped part."""

    program = "nginx"
    shipped = "nginx.conf"

    def prepare(self, site: str) -> Sequence[str]:
        site = site if self.prefix else at_the_root(site)
        site = self.replaced(site, "    listen 80;\n", f"    listen 127.0.0.1:{self.port};\n")
        bodies = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{body}_temp_path {self.home}/{body};\n" for body in bodies)
        # Its workers write below a directory that belongs to whoever runs the tests.
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.home / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid {self.home}/pid;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{places}{site}}}\n"
        )
        return ("-p", f"{self.home}", "-e", f"{self.home}/log", "-c", f"{self.home}/nginx.conf")


class Caddy(ProxyInFront):
    """Caddy without its automatic certificate; with one that it is given it speaks TLS only."""

    program = "caddy"
    shipped = "Caddyfile"
    certificate: Certificate | None = None

    def prepare(self, site: str) -> Sequence[str]:
        options = "{\n\tadmin off\n\tauto_https off\n}\n"
        opening = f"\nhttp://:{self.port} {{"
        if self.certificate is not None:
            files = f"{self.certificate.chain} {self.certificate.key}"
            opening = f"\nhttps://127.0.0.1:{self.port} {{\n\ttls {files}"
        site = self.replaced(site, "\nexample.org {", opening)
        (self.home / "Caddyfile").write_text(options + site)
        return ("run", "--config", f"{self.home}/Caddyfile", "--adapter", "caddyfile")


class Haproxy(ProxyInFront):
    """HAProxy."""

    program = "haproxy"
    shipped = "haproxy.cfg"

    def prepare(self, site: str) -> Sequence[str]:
        site = self.replaced(site, "    bind :80\n", f"    bind 127.0.0.1:{self.port}\n")
        (self.home / "haproxy.cfg").write_text(site)
        return ("-db", "-f", f"{self.home}/haproxy.cfg")


class Apache(ProxyInFront):
    """Apache httpd with the modules that the shipped file names."""

    program = "apache2"
    shipped = "apache.conf"

    def prepare(self, site: str) -> Sequence[str]:
        modules = Path("/usr/lib/apache2/modules")
        wanted = ("mpm_event", "authz_core", "proxy", "proxy_http", "headers", "alias", "env")
        loaded = "".join(f"LoadModule {name}_module {modules}/mod_{name}.so\n" for name in wanted)
        site = self.replaced(site, "<VirtualHost *:80>", f"<VirtualHost *:{self.port}>")
        own = (
            f"{loaded}ServerRoot {self.home}\nPidFile {self.home}/pid\nErrorLog {self.home}/log\n"
            f"ServerName localhost\nListen 127.0.0.1:{self.port}\nUser nobody\nGroup nogroup\n"
            f"DefaultRuntimeDir {self.home}\nMutex posixsem\n"
        )
        (self.home / "apache.conf").write_text(own + site)
        return ("-D", "FOREGROUND", "-f", f"{self.home}/apache.conf")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
