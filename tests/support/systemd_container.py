"""The shipped unit under a real systemd, booted in a container whose root is a few small files.

/usr is the machine's own, read-only; the network is the machine's own, too.
"""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Self

import psutil
import pytest
from running_gateway import eventually

REPOSITORY = Path(__file__).parents[2]
UNIT = REPOSITORY / "systemd" / "tbgateway.service"
_HOST_UNITS = ("tbgateway-boards.socket", "tbgateway-boards.service")
_UID = 64321  # of the user `tbgateway` inside; unlikely to be anybody's outside
_HOST_UID = 64322  # of `tbgateway-boards`
_DIRECTORIES = ("proc", "sys", "dev", "run", "tmp", "root", "usr", "var/lib", "srv/runs")
_LINKS = ("bin", "sbin", "lib", "lib64")
_FILES = {
    "etc/passwd": (
        f"root:x:0:0::/root:/bin/sh\ntbgateway:x:{_UID}:{_UID}::/:/bin/false\n"
        f"tbgateway-boards:x:{_HOST_UID}:{_HOST_UID}::/:/bin/false\n"
    ),
    "etc/group": f"root:x:0:\ntbgateway:x:{_UID}:\ntbgateway-boards:x:{_HOST_UID}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/os-release": "ID=container\n",
    "etc/machine-id": "",
}
_SHUT_DOWN = signal.SIGRTMIN + 4  # systemd's "power off"
_LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
_HERE = """[Service]
# There is no journal in so small a root.
StandardOutput=append:/var/log/tbgateway
StandardError=append:/var/log/tbgateway
# With the old kind of cgroups nobody tells systemd in a container that the last process of a
# killed service is gone: it waits for so long before it starts the service again.
TimeoutStopSec=5
"""
_PROGRAM = """#!/opt/tbgateway/bin/python
import sys
from tbgateway.cli import main
sys.exit(main())
"""


class SystemdContainer:
    """A booted systemd with /opt/tbgateway as docs/service.md makes it; a context manager.

    `settings` becomes /etc/tbgateway/tbgateway.toml; `hosted` has boards run under another user,
    as tbgateway-boards.service. Skips the test where it cannot be done.
    """

    uid = _UID
    host_uid = _HOST_UID

    def __init__(self, home: Path, *, settings: str, password: str, hosted: bool = False) -> None:
        self._hosted = hosted
        self.home = home
        self.root = home / "root"
        self._settings = settings
        self._password = password
        self._nspawn: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None:
            pytest.skip("systemd-nspawn is not installed, or we are not root")
        self._make_root()
        self._install_program()
        self._install_service()
        self._boot()
        return self

    def __exit__(self, *_: object) -> None:
        nspawn, self._nspawn = self._nspawn, None
        if nspawn is None:
            return
        leader = psutil.Process(nspawn.pid).children()[0]
        leader.send_signal(_SHUT_DOWN)
        try:
            nspawn.wait(30)
        except subprocess.TimeoutExpired:
            leader.kill()  # the first process of its pid namespace: all others go with it
            nspawn.wait(30)

    def run(self, *words: str, status: int | None = 0) -> str:
        """Run a command inside and return what it prints."""
        assert self._nspawn is not None
        leader = psutil.Process(self._nspawn.pid).children()[0].pid
        command = ["nsenter", "-t", str(leader), "-a", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert status is None or done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout

    def show(self, name: str) -> str:
        """Return one of the service's properties, as `systemctl show` tells it."""
        return self.run("systemctl", "show", "-p", name, "--value", "tbgateway").strip()

    @property
    def log(self) -> str:
        """What the service wrote."""
        log = self.root / "var" / "log" / "tbgateway"
        return log.read_text(errors="replace") if log.exists() else "(nothing)"

    def _make_root(self) -> None:
        for directory in _DIRECTORIES:
            (self.root / directory).mkdir(parents=True)
        for link in _LINKS:
            (self.root / link).symlink_to(f"usr/{link}")
        for name, text in _FILES.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        for directory in ("dbus-1", "pam.d"):
            if Path("/etc", directory).is_dir():
                shutil.copytree(Path("/etc", directory), self.root / "etc" / directory)

    def _install_program(self) -> None:
        """Make /opt/tbgateway: a virtual environment with our wheel; others' come from here."""
        environment = self.root / "opt" / "tbgateway"
        packages = environment / "lib" / f"python{_version()}" / "site-packages"
        packages.mkdir(parents=True)
        (self.root / "opt" / "packages").mkdir()
        (packages / "packages.pth").write_text("/opt/packages\n")
        with zipfile.ZipFile(_wheel(self.home)) as wheel:
            wheel.extractall(packages)
        (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (environment / "bin").mkdir()
        (environment / "bin" / "python").symlink_to(_interpreter())
        (environment / "bin" / "tbgateway").write_text(_PROGRAM)
        (environment / "bin" / "tbgateway").chmod(0o755)

    def _install_service(self) -> None:
        units = self.root / "etc" / "systemd" / "system"
        (units / "multi-user.target.wants").mkdir(parents=True)
        (units / "tbgateway.service.d").mkdir()
        shutil.copy(UNIT, units)
        (units / "multi-user.target.wants" / UNIT.name).symlink_to(f"../{UNIT.name}")
        (units / "tbgateway.service.d" / "here.conf").write_text(_HERE)
        if self._hosted:
            self._install_host(units)
        (self.root / "var" / "log").mkdir()
        configuration = self.root / "etc" / "tbgateway"
        configuration.mkdir()
        (configuration / "tbgateway.toml").write_text(self._settings)
        (configuration / "admin-password").write_text(self._password)
        (configuration / "admin-password").chmod(0o600)

    def _install_host(self, units: Path) -> None:
        for name in _HOST_UNITS:
            shutil.copy(UNIT.with_name(name), units)
        shutil.copy(
            UNIT.parent / "tbgateway.service.d" / "boards.conf", units / "tbgateway.service.d"
        )
        (units / "tbgateway-boards.service.d").mkdir()
        (units / "tbgateway-boards.service.d" / "here.conf").write_text(_HERE)
        (self.root / "etc" / "tmpfiles.d").mkdir()
        shutil.copy(
            UNIT.with_name("tbgateway.tmpfiles"),
            self.root / "etc" / "tmpfiles.d" / "tbgateway.conf",
        )

    def _boot(self) -> None:
        command = ["systemd-nspawn", "-q", "-D", str(self.root), "--register=no", "--keep-unit"]
        command += [f"--machine=tbgateway-{os.getpid()}", "--console=pipe", "--bind-ro=/usr"]
        command += [f"--bind-ro={sysconfig.get_path('purelib')}:/opt/packages"]
        command += [f"--system-call-filter={_LANDLOCK}", "--", "/lib/systemd/systemd"]
        command += ["--show-status=no", "systemd.unit=multi-user.target"]
        # Its control groups are of version 2 whatever the machine's own systemd uses.
        environment = os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with (self.home / "console.log").open("wb") as console:
            self._nspawn = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment
            )
        eventually(self._booted, what="systemd has booted in the container")

    def _booted(self) -> bool:
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            sys.stdout.write((self.home / "console.log").read_text(errors="replace"))
            self._nspawn = None
            pytest.skip("systemd cannot be booted in a container here")
        if not psutil.Process(self._nspawn.pid).children():
            return False
        state = self.run("systemctl", "is-system-running", status=None).strip()
        return state in {"running", "degraded", "starting"}


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _interpreter() -> str:
    """Return a Python of our version that the container has: it sees nobody's home directory."""
    name = f"python{_version()}"
    for directory in ("/usr/bin", "/usr/local/bin"):
        program = Path(directory, name)
        if program.exists() and str(program.resolve()).startswith("/usr/"):
            return str(program)
    return pytest.skip("the interpreter is not readable for another user")


def _wheel(home: Path) -> Path:
    """Build our wheel: what people install, not what lies in the working tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home / "dist")]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = (home / "dist").glob("*.whl")
    return wheel
