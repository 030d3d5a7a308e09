"""What the machine may do to a gateway: no room, no descriptors, no processes, a newer database."""

import os
import resource
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from event_writer import write_scalars
from ordinary_user import ordinary_gateway
from process_tree import processes
from running_gateway import Answer, RunningGateway, eventually

pytestmark = pytest.mark.slow
FULL = 507
NO_MOUNTS = "mounts are not allowed on this machine"


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        yield Path(directory)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """Mount a small disk where the state is."""
    if os.geteuid() != 0:
        pytest.skip(NO_MOUNTS)
    state = home / "state"
    state.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", state], check=False
    )
    if done.returncode:
        pytest.skip(NO_MOUNTS)
    yield state
    subprocess.run(["umount", "-l", state], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def create(gateway: RunningGateway, name: str) -> int:
    return gateway.admin("/api/v1/boards", {"name": name}, method="POST").status


def names(gateway: RunningGateway) -> set[str]:
    return {one["name"] for one in gateway.admin("/api/v1/boards").json()["items"]}


def test_a_full_disk_refuses_changes_and_nothing_else(home: Path, small_disk: Path) -> None:
    write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
    with RunningGateway(home, [home / "runs"]) as gateway:
        gateway.cli("board", "create", "running", "-e", "first")
        assert gateway.runs("running") == ["first"]
        filler = fill(small_disk)
        made = set()
        for number in range(200):  # what is allocated already has room for some
            status = create(gateway, f"board-{number}")
            if status == FULL:
                break
            assert status == 201
            made.add(f"board-{number}")
        else:
            pytest.fail("the disk never became full")
        assert names(gateway) == {"running", *made}
        deleted = gateway.admin("/api/v1/boards/running", method="DELETE")
        assert deleted.status == FULL, deleted
        assert "nothing was changed" in deleted.json()["detail"]
        assert gateway.runs("running") == ["first"]
        assert gateway.admin("/api/v1/backup").status == 200
        filler.unlink()
        assert create(gateway, "afterwards") == 201
        gateway.kill()
        gateway.start()
        assert names(gateway) == {"running", "afterwards", *made}
        assert gateway.runs("running") == ["first"]


def test_without_descriptors_accepting_pauses_and_recovers(home: Path) -> None:
    write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
    with RunningGateway(home, [home / "runs"]) as gateway:
        gateway.cli("board", "create", "vision", "-e", "first")
        assert gateway.process is not None
        process = psutil.Process(gateway.process.pid)
        limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (process.num_fds() + 4, limits[1]))
        callers = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(16)]
        eventually(
            lambda: "Too many open files" in gateway.log.read_text(), what="it has no descriptors"
        )
        before = sum(process.cpu_times()[:2])
        callers[0].settimeout(3)  # the time over which a busy loop would take three seconds
        with pytest.raises(TimeoutError):
            callers[0].recv(1)
        assert sum(process.cpu_times()[:2]) - before < 1.5
        for caller in callers:
            caller.close()
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
        eventually(lambda: gateway.get("/readyz").status == 200, what="it accepts again")
        assert gateway.runs("vision") == ["first"]


def test_without_descriptors_boards_go_on_and_others_say_why_they_do_not_start(home: Path) -> None:
    write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
    with RunningGateway(home, [home / "runs"]) as gateway:
        gateway.cli("board", "create", "awake", "-e", "first")
        gateway.cli("board", "create", "asleep", "-e", "first")
        assert gateway.runs("awake") == ["first"]
        assert gateway.process is not None
        pid = gateway.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free(pid) + 3, limits[1]))
        refused = eventually(
            lambda: refusal(gateway.admin("/boards/asleep/data/runs", timeout=20.0)),
            what="it says that there are no descriptors",
        )
        assert refused.headers["Retry-After"]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert "failed" not in gateway.cli("board", "list").stdout
        eventually(
            lambda: gateway.admin("/boards/asleep/data/runs").status == 200, what="it starts now"
        )
        assert gateway.runs("awake") == ["first"]


@pytest.mark.parametrize("everything", [False, True], ids=["forkserver", "all of it"])
def test_without_processes_boards_go_on_and_others_say_why_they_do_not_start(
    *, everything: bool
) -> None:
    """Of an ordinary user: root may always have more."""
    with ordinary_gateway() as gateway:
        gateway.cli("board", "create", "awake", "-e", "first")
        gateway.cli("board", "create", "asleep", "-e", "first")
        assert gateway.runs("awake") == ["first"]
        before = processes(gateway)
        (forkserver,) = (one for one in before[0].children() if one.children())
        limited = [before[0].pid, forkserver.pid] if everything else [forkserver.pid]
        usual = [most_processes(pid) for pid in limited]
        for pid in limited:
            allow_processes(pid, "1")
        for path, accept, by_then in (
            ("data/runs", "application/json", b"boards that run go on"),
            ("", "text/html", b"opens here by itself"),
        ):
            refused = eventually(
                lambda path=path, accept=accept: refusal(
                    gateway.admin(f"/boards/asleep/{path}", headers={"Accept": accept}),
                    b"too many processes",
                ),
                what=f"{accept} says that there are no processes",
            )
            assert by_then in refused.body
            assert refused.headers["Retry-After"]
            assert gateway.runs("awake") == ["first"]
        assert set(before) <= set(processes(gateway)), "nothing ended for it"
        for pid, most in zip(limited, usual, strict=True):
            allow_processes(pid, most)
        eventually(
            lambda: gateway.admin("/boards/asleep/data/runs").status == 200, what="it starts now"
        )
        assert gateway.runs("asleep") == gateway.runs("awake") == ["first"]
        assert set(before) <= set(processes(gateway)), "no restart was needed"
        for name in ("awake", "asleep"):
            board = gateway.admin(f"/api/v1/boards/{name}").json()
            assert (board["state"], board["reason"]) == ("running", "")


def most_processes(pid: int) -> str:
    """Return the limit that is in force."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.split()[2] for line in lines if line.startswith("Max processes"))


def allow_processes(pid: int, most: str) -> None:
    """Set the limit in force; as its own user, which is who may."""
    owner = psutil.Process(pid)
    as_it = {"user": owner.uids().real, "group": owner.gids().real, "extra_groups": []}
    subprocess.run(
        ["prlimit", f"--pid={pid}", f"--nproc={most}:"],
        check=True,
        cwd="/",
        **(as_it if os.geteuid() == 0 else {}),
    )


def lowest_free(pid: int) -> int:
    """Return the number that a process's next descriptor gets."""
    used = {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return next(number for number in range(len(used) + 1) if number not in used)


def refusal(answer: Answer, reason: bytes = b"Too many open files") -> Answer | None:
    return answer if answer.status == 503 and reason in answer.body else None


def test_a_newer_database_is_refused_clearly_and_stays_as_it_is(home: Path) -> None:
    state = home / "state"
    state.mkdir()
    with sqlite3.connect(state / "gateway.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = (state / "gateway.db").read_bytes()
    gateway = RunningGateway(home, [])
    try:
        ended = gateway.cli("serve", f"--state-dir={state}", "--listen=127.0.0.1:0", status=5)
    finally:
        gateway.__exit__()  # it was never started: only its socket is open
    assert "written by a newer version of tbgateway: its schema is 99" in " ".join(
        ended.stderr.split()
    )
    assert (state / "gateway.db").read_bytes() == before
