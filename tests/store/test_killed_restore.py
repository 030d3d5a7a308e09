"""`kill -9` at any moment of a restore leaves what was before it or what it brings, whole."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tbgateway.store import Store

Make = Callable[..., Any]
PATIENCE = 120.0  # seconds; generous, because the machine may be busy
# Each kills itself before its step number `last`, and tells after its end how many there were.
_ATTENDED = """
import asyncio, os, signal, sys
from pathlib import Path
from tbgateway.store import Store
from tbgateway.store.backup import Backup
path, content, last = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
steps = 0
def step(_statement):
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)
async def main():
    backup = Backup.read(content)
    store = Store.open(path)
    trace = store._database._connection.set_trace_callback
    store._writer.submit(trace, step).result()
    await store.restore(backup)
    print(steps)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
_UNATTENDED = """
import asyncio, os, signal, sys
from pathlib import Path
from tbgateway.store import unattended
from tbgateway.store.backup import Backup
path, content, last = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
STEPS = {"sqlite3.connect", "os.rename", "os.link", "os.chown", "tempfile.mkdtemp", "shutil.rmtree"}
steps = 0
def step(event, arguments):
    global steps
    steps += event in STEPS
    if event in STEPS and steps == last:
        os.kill(os.getpid(), signal.SIGKILL)
backup = Backup.read(content)
sys.addaudithook(step)
asyncio.run(unattended.restore(path, backup))
print(steps)
os.kill(os.getpid(), signal.SIGKILL)
"""


def restore(script: str, path: Path, backup: Path, last: int) -> str:
    """Restore in a process of its own, which is killed before its step `last` or at its end."""
    done = subprocess.run(
        [sys.executable, "-u", "-c", script, str(path), str(backup), str(last)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == -9, done
    return done.stdout.splitlines()[-1] if last == 0 else done.stdout


async def put(path: Path, *records: Any) -> None:
    store = Store.open(path)
    async with store.transaction() as tx:
        for record in list(store.boards.values()):
            tx.drop(record)
    async with store.transaction() as tx:
        tx.put(*records)
    await store.close()


@pytest.mark.parametrize("script", [_ATTENDED, _UNATTENDED], ids=["attended", "unattended"])
async def test_whatever_the_moment_all_is_old_or_all_is_new(
    path: Path, tmp_path: Path, board: Make, script: str
) -> None:
    await put(path, *(board(number) for number in range(1, 6)))
    store = Store.open(path)
    new = sorted(one.name for one in store.boards.values())
    backup = tmp_path / "backup"
    backup.write_bytes(await store.back_up())
    await store.close()
    later = [board(number) for number in range(11, 16)]
    old = sorted(one.name for one in later)
    await put(path, *later)
    steps = int(restore(script, path, backup, 0))
    assert steps >= 5
    seen = []
    for last in sorted({1 + steps * part // 7 for part in range(7)} | {steps, steps + 1}):
        await put(path, *later)
        restore(script, path, backup, last)
        store = Store.open(path)
        names = sorted(one.name for one in store.boards.values())
        await store.close()
        assert names in (old, new), last
        seen.append(names == new)
        for kept in path.parent.glob("gateway.db.before-restore.*.backup"):
            assert await names_in(kept) == old, "what looks like a backup is one"
            kept.unlink()
    assert seen == sorted(seen), "once it is new it stays new"
    assert not seen[0]
    assert seen[-1]
    await put(path, *later)
    restore(script, path, backup, 0)
    left = {one.name for one in path.parent.iterdir() if one.is_dir() or "copying" in one.name}
    assert not left, "the next restore clears away what the killed ones left"


async def names_in(database: Path) -> list[str]:
    copy = database.with_name("copy") / "gateway.db"
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(database.read_bytes())
    store = Store.open(copy)
    names = sorted(one.name for one in store.boards.values())
    await store.close()
    for one in copy.parent.iterdir():
        one.unlink()
    copy.parent.rmdir()
    return names
