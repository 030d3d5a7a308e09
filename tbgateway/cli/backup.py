"""tbgateway backup and restore: all records of a gateway as one file, and back."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tbgateway.cli.session import Use
from tbgateway.domain.errors import InvalidInputError

_DATABASE = "gateway.db"
_STANDARD = "-"


def backup(file: str, /, *, state_dir: Path | None = None, session: Use) -> None:
    """Write all records of the gateway to a file, while it runs.

    Args:
        file: Where to, readable by you only; an existing one is replaced when all is there.
            `-` is stdout.
        state_dir: The state of a gateway that does not run; no gateway is asked then.

    """
    content = session.client.back_up() if state_dir is None else _stopped(state_dir)
    if file == _STANDARD:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with _usable(file):
        _write(Path(file), content)
    session.terminal.remark(f"backed up to {file} ({len(content):,} bytes)")


def restore(file: str, /, *, state_dir: Path | None = None, session: Use) -> None:
    """Replace all records of the gateway by those of a backup, while it runs.

    Args:
        file: What `tbgateway backup` wrote; `-` is stdin.
        state_dir: The state of a gateway that does not run; no gateway is asked then.

    """
    with _usable(file):
        content = sys.stdin.buffer.read() if file == _STANDARD else Path(file).read_bytes()
    if state_dir is not None:
        kept = _restore_stopped(state_dir, content)
        beside = "" if kept is None else f"; what was before is {kept}"
        session.terminal.remark(f"restored{beside}")
        return
    done = session.client.restore(content)
    if session.json:
        session.terminal.result(done)
        return
    session.terminal.remark(
        f"restored {done.boards} boards, {done.experiments} experiments, {done.members} members and"
        f" {done.tokens} tokens; all browsers are signed out"
    )
    if done.tokens_back:
        session.terminal.remark(
            f"{done.tokens_back} tokens work again that did not: see tbgateway token list"
        )


def _stopped(state_dir: Path) -> bytes:
    from tbgateway.store import unattended  # noqa: PLC0415 - only without a gateway

    return unattended.back_up(state_dir / _DATABASE)


def _restore_stopped(state_dir: Path, content: bytes) -> Path | None:
    from tbgateway.store import unattended  # noqa: PLC0415 - only without a gateway
    from tbgateway.store.backup import Backup  # noqa: PLC0415 - the same

    return asyncio.run(unattended.restore(state_dir / _DATABASE, Backup.read(content)))


def _write(path: Path, content: bytes) -> None:
    """Write the file by rename: whatever happens, what is there is whole."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _usable(file: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInputError(
            f"{file!r} cannot be used: {error.strerror}.", hint="Name another file."
        ) from error
