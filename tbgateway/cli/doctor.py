"""tbgateway doctor: whether this machine can run the gateway well."""

import errno
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tbgateway.cli.session import Use
from tbgateway.domain.errors import InvalidInputError

_TENSORBOARD = (2, 21)
_TRY_NAMESPACES = (
    "from tbgateway.worker.isolation import enter_private_network as enter\n"
    "network = enter()\n"
    "print('' if network.private else network.problem)\n"
)
_TRY_LANDLOCK = (
    "from tbgateway.worker import landlock\n"
    "try:\n"
    "    print(landlock.version())\n"
    "except OSError as error:\n"
    "    print(landlock.explain(error))\n"
)
_FULL_LANDLOCK = 6  # the version that also keeps signals in
_PATIENCE = 30.0  # seconds for a check that runs a program


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and what to do about it."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def doctor(*, state_dir: Path | None = None, config: Path | None = None, session: Use) -> int:
    """Check whether this machine can run the gateway well; exit with 1 if it cannot run at all.

    Args:
        state_dir: The state directory to look at, if not that of the settings.
        config: The gateway's settings file; tells the state directory and the TensorBoard plugins
            that are allowed. What the gateway would refuse of it is refused.

    """
    from tbgateway.settings import load_settings  # noqa: PLC0415 - needs the server's side

    chosen = None if state_dir is None else state_dir.expanduser().absolute()
    settings = load_settings(config, {"state.dir": chosen})
    checks = (*_checks(settings.state.dir), _plugins(settings.boards.plugins))
    if session.json:
        session.terminal.result(checks)
    else:
        rows = [(one.name, one.verdict, one.found, one.advice) for one in checks]
        session.terminal.table(("CHECK", "RESULT", "FOUND", "ADVICE"), rows)
    return 1 if any(one.verdict is Verdict.FAILED for one in checks) else 0


def _checks(state: Path) -> Iterator[Check]:
    yield Check("kernel", Verdict.OK, f"{platform.system()} {platform.release()}")
    python = _python()
    yield python
    yield _tensorboard()
    yield _data_server()
    if python.verdict is Verdict.OK:  # they are tried in a process of their own
        yield _namespaces()
        yield _landlock()
    yield _groups()
    yield _state(state)


def _python() -> Check:
    try:
        _run([sys.executable, "-c", ""])
    except OSError as error:
        return Check(
            "python",
            Verdict.FAILED,
            f"{sys.executable} cannot be run: {error.strerror}",
            "install the gateway where its user may run it, such as below /opt: another user's"
            " home directory is closed",
        )
    return Check("python", Verdict.OK, platform.python_version())


def _tensorboard() -> Check:
    wanted = ".".join(map(str, _TENSORBOARD))
    advice = f"pip install 'tensorboard>={wanted}'"
    try:
        found = version("tensorboard")
    except PackageNotFoundError:
        return Check("tensorboard", Verdict.FAILED, "not installed", advice)
    recent = tuple(int(part) for part in found.split(".")[:2]) >= _TENSORBOARD
    return (
        Check("tensorboard", Verdict.OK, found)
        if recent
        else Check("tensorboard", Verdict.FAILED, found, advice)
    )


def _data_server() -> Check:
    slow = "boards use TensorBoard's slower Python loader; pip install tensorboard-data-server"
    spec = importlib.util.find_spec("tensorboard_data_server")
    if spec is None or not spec.origin:
        return Check("data server", Verdict.WARNING, "not installed", slow)
    binary = Path(spec.origin).parent / "bin" / "server"
    try:
        ran = _run([str(binary), "--version"])
    except OSError as error:
        return Check("data server", Verdict.WARNING, f"does not run: {error.strerror}", slow)
    if ran.returncode:
        return Check("data server", Verdict.WARNING, f"does not run: {ran.stderr.strip()}", slow)
    return Check("data server", Verdict.OK, ran.stdout.strip())


def _namespaces() -> Check:
    problem = _tried(_TRY_NAMESPACES)
    if not problem:
        return Check("network namespaces", Verdict.OK, "possible")
    return Check(
        "network namespaces",
        Verdict.WARNING,
        problem,
        "boards use TensorBoard's slower Python loader; allow user namespaces to this user",
    )


def _landlock() -> Check:
    return _judge_landlock(_tried(_TRY_LANDLOCK))


def _judge_landlock(found: str) -> Check:
    """Judge a version, or the reason why there is none."""
    if not found.isdecimal():
        return Check(
            "landlock",
            Verdict.WARNING,
            found,
            "a board's process can read whatever the gateway's user can; use Linux 5.13 or newer"
            " with landlock in its lsm= list, and allow the landlock_* system calls in containers",
        )
    if int(found) < _FULL_LANDLOCK:
        advice = "Linux 6.12 or newer also keeps boards from signalling other processes"
        return Check("landlock", Verdict.OK, f"version {found}", advice)
    return Check("landlock", Verdict.OK, f"version {found}")


def _groups() -> Check:
    from tbgateway.launchers.cgroups import (  # noqa: PLC0415 - only this check needs the server's side
        NotDelegatedError,
        controllers,
        delegated_group,
    )

    try:
        limits = controllers(delegated_group()) & {"memory", "cpu", "pids"}
    except NotDelegatedError as error:
        # No warning: that is so in every terminal, and the gateway may run elsewhere.
        advice = "where the gateway runs like this, it measures boards instead; see docs/service.md"
        return Check("control groups", Verdict.OK, f"none for boards: {error}", advice)
    found = f"one for each board, with {', '.join(sorted(limits)) or 'no limits'}"
    return Check("control groups", Verdict.OK, found)


def _plugins(allowed: Sequence[str]) -> Check:
    from tbgateway.launchers.plugin_notices import (  # noqa: PLC0415 - only this check needs the server's side
        look_at,
    )

    seen = look_at(allowed)
    wrong = (*seen.problems, *(f"{name} is not installed" for name in seen.missing))
    if wrong:
        advice = "install what is missing, or take the name out of boards.plugins"
        return Check("plugins", Verdict.WARNING, "; ".join(wrong), advice)
    found = ", ".join((*seen.works, *(f"{name} (not allowed)" for name in seen.refused)))
    return Check("plugins", Verdict.OK, found or "TensorBoard's own", "; ".join(seen.to_allow))


def _state(state: Path) -> Check:
    from tbgateway.store.filesystems import (  # noqa: PLC0415 - only this check needs the server's side
        filesystem_of,
        refuse_network_disk,
    )

    # Path.exists() raises where a directory above is closed.
    existing = next(each for each in (state, *state.parents) if os.path.exists(each))  # noqa: PTH110 - see above
    found = f"{state} on {filesystem_of(state) or 'an unknown file system'}"
    try:
        refuse_network_disk(state, filesystem_of)
    except InvalidInputError as error:
        return Check("state directory", Verdict.FAILED, found, error.hint)
    if not _takes_files(existing):
        advice = "make it a writable directory, or use another one: --state-dir DIR"
        return Check("state directory", Verdict.FAILED, f"{existing} cannot be written to", advice)
    return Check("state directory", Verdict.OK, found)


def _takes_files(directory: Path) -> bool:
    """Try it: permissions alone do not tell, least of all to root."""
    try:
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False


def _tried(program: str) -> str:
    """Return what a program for our Python prints, or why it failed."""
    try:
        ran = _run([sys.executable, "-c", program])
    except OSError as error:
        return f"cannot be tried: {error.strerror}"
    failed = ran.stderr.strip().rpartition("\n")[2] or f"ended with status {ran.returncode}"
    return failed if ran.returncode else ran.stdout.strip()


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end; raise OSError if it cannot be run, or not in time."""
    try:
        return subprocess.run(  # noqa: S603 - programs of this installation, no shell
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(errno.ETIMEDOUT, f"it is not done after {_PATIENCE:g} s") from None
