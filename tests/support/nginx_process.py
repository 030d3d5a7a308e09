"""A real nginx with the shipped configuration, as an ordinary process on a free port."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

import pytest
from certificate import Certificate
from running_gateway import eventually

SHIPPED = Path(__file__).parents[2] / "config" / "nginx.conf"
_PATIENCE = 30.0  # seconds; generous, because the machine may be busy
_BODIES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def shipped_site() -> str:
    """Return the shipped server block, as it is."""
    return SHIPPED.read_text()


def at_the_root(site: str) -> str:
    """Return the server block with the changes made that its comments marked ROOT describe."""
    without = re.sub(r"    location = /team/tb \{.*?\n    \}\n", "", site, flags=re.DOTALL)
    marked = re.compile(r"^(?P<indent> +)\S.*# ROOT: (?P<instead>.+)$", re.MULTILINE)
    return marked.sub(_instead, without)


def with_tls(site: str, certificate: Certificate) -> str:
    """Return the server block with the changes made that its comment on TLS describes."""
    site = _replaced(site, "    listen 80;\n", "")
    site = _replaced(site, "    #listen 443 ssl http2;", "    listen 443 ssl http2;")
    files = {"_certificate    ": certificate.chain, "_certificate_key": certificate.key}
    for word, file in files.items():
        commented = re.search(rf"^    #ssl{word} \S+;$", site, re.MULTILINE)
        assert commented, f"the shipped file no longer holds ssl{word}"
        site = _replaced(site, commented[0], f"    ssl{word} {file};")
    return site


def _instead(line: re.Match[str]) -> str:
    instead = line["instead"]
    if instead == '""':
        return f'{line["indent"]}proxy_set_header X-Forwarded-Prefix "";'
    return f"{line['indent']}{instead} {{"


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"the shipped file no longer holds {old!r} once"
    return text.replace(old, new)


class NginxInFront:
    """nginx with the shipped configuration; use it as a context manager, and `start` it inside.

    It is handed its listening socket, the way an upgraded nginx inherits them, so no port is ever
    chosen twice and clients may come before it is up. Skips the test where it is not installed.
    With a certificate it speaks TLS only.
    """

    def __init__(self, home: Path, certificate: Certificate | None = None) -> None:
        self.home = home
        self._certificate = certificate
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._process: subprocess.Popen[bytes] | None = None
        self.port: int = self._socket.getsockname()[1]
        self.origin = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/team/tb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def start(self, *, upstream: str, site: str | None = None) -> None:
        """Start it in front of `upstream` ("127.0.0.1:8300"); `site` replaces the shipped file."""
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            pytest.skip("nginx is not installed")
        self.home.mkdir(parents=True, exist_ok=True)
        configuration = self.home / "nginx.conf"
        configuration.write_text(self._configuration(site or shipped_site(), upstream))
        command = [program, "-p", f"{self.home}", "-e", f"{self.home}/error.log"]
        descriptor = self._socket.fileno()
        self._process = subprocess.Popen(
            [*command, "-c", f"{configuration}"],
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor],
            env={**os.environ, "NGINX": f"{descriptor};"},
        )
        eventually(self._up, what="nginx is up")

    def seen(self) -> list[str]:
        """Return "STATUS METHOD TARGET" of every request that was answered."""
        return (self.home / "access.log").read_text().splitlines()

    def _up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"nginx ended:\n{(self.home / 'error.log').read_text()}")
        return (self.home / "nginx.pid").exists()

    def _configuration(self, site: str, upstream: str) -> str:
        """Wrap the site; its two addresses are all that is changed in it."""
        port = "80"
        if self._certificate is not None:
            site, port = with_tls(site, self._certificate), "443"
        site = _replaced(site, f"    listen {port}", f"    listen 127.0.0.1:{self.port}")
        site = _replaced(site, "    server 127.0.0.1:8300;", f"    server {upstream};")
        places = "\n".join(f"    {body}_temp_path {self.home}/{body};" for body in _BODIES)
        # Its workers have to reach the directories above, which pytest makes for one user only.
        user = "user root;" if os.geteuid() == 0 else ""
        return f"""
{user}
daemon off;
worker_processes 1;
pid {self.home}/nginx.pid;
events {{}}
http {{
    log_format seen '$status $request_method $request_uri';
    access_log {self.home}/access.log seen;
{places}
{site}
}}
"""
