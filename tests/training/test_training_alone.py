"""A training whose gateway is of no help: it is never harmed."""

import json
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from running_gateway import eventually
from scripted_server import Script, over_tcp

import tbgateway
from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.record_file import RecordFile
from tbgateway.training.reporter import Reporter
from tbgateway.training.signals import Terminated
from tbgateway.training.training import Training

pytestmark = pytest.mark.usefixtures("own_home")
NOBODY = "http://127.0.0.1:9"
PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def gateway(script: Script) -> Iterator[str]:
    with over_tcp(script) as address:
        yield str(address)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def recorded(exp: Training) -> dict[str, object]:
    content: dict[str, object] = json.loads((Path(exp.logdir) / "tbgateway.json").read_text())
    return content


def reporter_of(exp: Training) -> threading.Thread:
    assert exp._telling is not None
    return exp._telling._reporter._thread


@pytest.mark.parametrize(
    "url", [NOBODY, "http://no-such-host.invalid:8300", "unix:/nowhere/control", None]
)
def test_a_gateway_that_is_not_there_is_told_once(
    url: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with tbgateway.experiment("resnet", boards=["vision"], params={"lr": 0.1}, url=url) as exp:
        assert exp.logdir == str(Path("runs/resnet").absolute())
        assert Path(exp.logdir).is_dir()
        assert (exp.id, exp.url, exp.shared) == (None, None, None)
        exp.describe(tags=["later"])
    assert recorded(exp)["state"] == "completed"
    assert recorded(exp)["params"] == {"lr": 0.1}
    assert recorded(exp)["tags"] == ["later"]
    (warning,) = warnings(caplog)
    assert "The training goes on, with its event files in" in warning


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 507])
def test_a_gateway_that_refuses_is_told_once(
    script: Script, gateway: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    script.status = status
    script.bodies = [b"no"]
    with tbgateway.experiment("resnet", boards=["vision"], url=gateway) as exp:
        assert Path(exp.logdir).is_dir()
        assert_more_are_asked(script, than=2)
    assert len(warnings(caplog)) == 1, warnings(caplog)
    assert recorded(exp)["state"] == "completed"


def assert_more_are_asked(script: Script, *, than: int) -> None:
    eventually(lambda: len(script.asked) >= than, what="asked again")


@pytest.mark.parametrize(
    "answer",
    [b"", b"{}", b"[]", b'{"items": [{}], "next": null}', b'{"items": 3}', b"\xff", b"<p>"],
)
def test_a_gateway_that_talks_nonsense_is_told_once(
    script: Script, gateway: str, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    script.bodies = [answer]
    with tbgateway.experiment("resnet", url=gateway) as exp:
        assert_more_are_asked(script, than=2)
    assert len(warnings(caplog)) == 1, warnings(caplog)
    assert recorded(exp)["state"] == "completed"


def test_a_gateway_that_never_answers_is_not_waited_for(
    script: Script,
    gateway: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tbgateway.training.telling._START_PATIENCE", 3.0)
    script.go_on.clear()
    exp = tbgateway.experiment("resnet", url=gateway).start()
    assert len(script.asked) == 1  # and it still waits for the first answer
    assert Path(exp.logdir).is_dir()
    exp.finish()
    assert len(script.asked) == 1
    assert reporter_of(exp).is_alive()
    assert [one for one in warnings(caplog) if "did not answer within 3 s" in one]
    assert len(warnings(caplog)) == 1
    script.go_on.set()
    reporter_of(exp).join(60)
    assert not reporter_of(exp).is_alive()


def test_a_gateways_root_is_not_believed_without_a_proof(
    script: Script, gateway: str, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    root = {"name": "root", "path": str(tmp_path / "root"), "depth": 1, "new": True}
    script.says({"items": [root], "next": None}, {})
    with tbgateway.experiment("resnet", url=gateway) as exp:
        assert exp.shared is None
    assert not (Path.home() / ".cache").exists()


def test_what_was_not_told_is_kept_for_the_next(caplog: pytest.LogCaptureFixture) -> None:
    with tbgateway.experiment("resnet", boards=["vision"], url=NOBODY):
        pass
    (file,) = (Path.home() / ".local/state/tbgateway/spool").iterdir()
    assert json.loads(file.read_text())["boards"] == ["vision"]
    assert len(warnings(caplog)) == 1


def test_a_script_without_boards_leaves_nothing_behind() -> None:
    with tbgateway.experiment("resnet", url=NOBODY):
        pass
    assert not (Path.home() / ".local").exists()


def test_an_environment_that_is_wrong_is_told_once_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TBGATEWAY_URL", "gateway")
    with tbgateway.experiment("resnet", boards=["vision"]) as exp:
        assert Path(exp.logdir).is_dir()
    (warning,) = warnings(caplog)
    assert "'gateway' is not a gateway's address" in warning


def test_a_saved_context_that_others_may_read_is_told_once(
    own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    context = own_home / ".config" / "tbgateway" / "context.json"
    context.parent.mkdir(parents=True)
    context.write_text('{"url": "http://127.0.0.1:9", "token": "secret-token"}')
    context.chmod(0o644)
    with tbgateway.experiment("resnet", boards=["vision"]) as exp:
        assert Path(exp.logdir).is_dir()
    (warning,) = warnings(caplog)
    assert "chmod 600" in warning
    assert "secret-token" not in warning


def test_a_script_without_a_home_trains(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)  # nobody in /etc/passwd
    with tbgateway.experiment("resnet", boards=["vision"]) as exp:
        assert Path(exp.logdir).is_dir()
    assert len(warnings(caplog)) == 1


def test_a_directory_that_cannot_be_made_is_a_wrong_argument(own_home: Path) -> None:
    (own_home / "file").touch()
    exp = tbgateway.experiment("resnet", logdir=own_home / "file" / "x", url=NOBODY)
    with pytest.raises(InvalidInputError, match="No event files can be written"):
        exp.start()
    exp.finish()


def test_a_directory_is_there_only_once_it_began() -> None:
    exp = tbgateway.experiment("resnet", url=NOBODY)
    with pytest.raises(InvalidInputError, match="has not begun"):
        _ = exp.logdir
    assert exp.start().start().logdir
    exp.finish()
    exp.finish(ValueError("too late"))
    assert recorded(exp)["state"] == "completed"
    assert repr(exp).startswith("<Training 'resnet' over in ")


def test_an_exception_is_told_and_goes_on() -> None:
    with pytest.raises(ValueError, match="NaN"), tbgateway.experiment("a", url=NOBODY) as exp:
        raise ValueError("the loss is NaN")
    assert recorded(exp)["state"] == "failed"
    assert recorded(exp)["reason"] == "ValueError: the loss is NaN"


def test_nested_ones_end_by_themselves() -> None:
    with tbgateway.experiment("outer", url=NOBODY) as outer:
        with (
            pytest.raises(KeyboardInterrupt),
            tbgateway.experiment("inner", url=NOBODY) as inner,
        ):
            raise KeyboardInterrupt
        assert recorded(outer) == {"name": "outer"}
    assert recorded(inner)["state"] == "stopped"
    assert recorded(outer)["state"] == "completed"


def test_parallel_ones_get_directories_of_their_own() -> None:
    exps: list[Training] = []

    def train() -> None:
        with tbgateway.experiment("resnet", url=NOBODY) as exp:
            exps.append(exp)

    threads = [threading.Thread(target=train) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({exp.logdir for exp in exps}) == 8
    assert {recorded(exp)["state"] for exp in exps} == {"completed"}


def test_a_record_that_is_none_is_left_alone(
    caplog: pytest.LogCaptureFixture, own_home: Path
) -> None:
    (own_home / "tbgateway.json").write_text("mine")
    with tbgateway.experiment("resnet", tags="a", logdir=own_home, url=NOBODY):
        pass
    assert (own_home / "tbgateway.json").read_text() == "mine"
    assert sum("holds no JSON" in one for one in warnings(caplog)) == 1


def test_too_much_that_is_told_later_is_refused_and_nothing_of_it_told() -> None:
    with tbgateway.experiment("resnet", tags=[f"t{n}" for n in range(60)], url=NOBODY) as exp:
        with pytest.raises(InvalidInputError):
            exp.describe(tags=[f"more{n}" for n in range(10)])
        assert len(recorded(exp)["tags"]) == 60  # type: ignore[arg-type] # a list


@pytest.mark.parametrize("rank", [{"RANK": "1"}, {"SLURM_PROCID": "7"}])
def test_all_but_the_first_process_tell_nobody(
    rank: dict[str, str], monkeypatch: pytest.MonkeyPatch, script: Script, gateway: str
) -> None:
    for name, value in rank.items():
        monkeypatch.setenv(name, value)
    with tbgateway.experiment("resnet", boards=["vision"], url=gateway) as exp:
        assert Path(exp.logdir).is_dir()
        exp.describe(tags=["a"])
        assert (exp.name, exp.id, exp.url, exp.shared) == ("resnet", None, None, None)
    assert not script.asked
    assert not Path("runs").exists()
    assert Path(exp.logdir).is_dir()  # a writer may still flush


def test_a_forked_child_tells_nobody() -> None:
    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        child = os.fork()  # noqa: TID251 - a training's own child
        if child == 0:
            try:
                exp.describe(tags=["child"])
                exp.finish(ValueError("of a child"))
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    assert recorded(exp)["state"] == "completed"
    assert "tags" not in recorded(exp)


def test_workers_can_be_ended_as_ever() -> None:
    with tbgateway.experiment("resnet", url=NOBODY):
        worker = multiprocessing.get_context("fork").Process(target=threading.Event().wait)
        worker.start()
        worker.terminate()
        worker.join()
        assert worker.exitcode == -15


def test_a_thread_that_cannot_be_made_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        assert Path(exp.logdir).is_dir()
    assert recorded(exp)["state"] == "completed"
    assert any("can't start new thread" in one for one in warnings(caplog))


def test_what_we_overlooked_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr("tbgateway.training.telling.Telling.begin", broken)
    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        assert Path(exp.logdir).is_dir()
        exp.describe(tags=["a"])
    assert any("a bug of ours" in one for one in warnings(caplog))
    Path(exp.logdir).rmdir()


def _closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


def _raising(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(_self: logging.Handler, _record: logging.LogRecord) -> None:
        raise KeyError("a handler of the script")

    monkeypatch.setattr("logging.Handler.handle", handle)


@pytest.mark.parametrize("break_logging", [_closed, _raising])
def test_logging_that_raises_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, break_logging: Callable[[pytest.MonkeyPatch], None]
) -> None:
    break_logging(monkeypatch)
    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        exp.describe(tags="a")
    assert recorded(exp)["state"] == "completed"


@pytest.mark.parametrize("broken", ["__init__", "begin"])
def test_what_we_overlooked_leaves_the_files_where_they_were_meant_to_be(
    monkeypatch: pytest.MonkeyPatch, own_home: Path, broken: str
) -> None:
    def overlooked(*_: object) -> None:
        raise AttributeError("a bug of ours")

    monkeypatch.setattr(f"tbgateway.training.telling.Telling.{broken}", overlooked)
    with tbgateway.experiment("resnet", url=NOBODY, logdir=own_home / "mine") as given:
        assert given.logdir == str(own_home / "mine")
    with tbgateway.experiment("resnet", url=NOBODY) as local:
        assert local.logdir == str(Path("runs/resnet").absolute())


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_machine_that_cannot_be_written_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, rank: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setenv("RANK", rank)
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    monkeypatch.setattr("tbgateway.training.place.LOCAL", "/proc/nowhere")
    with tbgateway.experiment("a/b", url=NOBODY) as exp:
        assert exp.logdir == "runs/a/b"
        exp.describe(tags="a")
    assert warnings(caplog)


def test_all_but_the_first_process_leave_sigterm_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "3")
    before = signal.getsignal(signal.SIGTERM)
    with tbgateway.experiment("resnet", url=NOBODY):
        assert signal.getsignal(signal.SIGTERM) is before


def test_a_record_nested_too_deeply_is_left_alone(
    caplog: pytest.LogCaptureFixture, own_home: Path
) -> None:
    (own_home / "tbgateway.json").write_text("[" * 200_000)
    with tbgateway.experiment("resnet", logdir=own_home, url=NOBODY) as exp:
        exp.describe(tags="a")
    assert exp.logdir == str(own_home)
    assert sum("holds no JSON" in one for one in warnings(caplog)) == 1


@pytest.mark.parametrize("how", ["failed", ValueError, 3])
def test_what_is_no_ending_is_told_and_nothing_ended(how: Any) -> None:
    exp = tbgateway.experiment("resnet", url=NOBODY).start()
    with pytest.raises(InvalidInputError, match="is not how an experiment ends"):
        exp.finish(how)
    assert "state" not in recorded(exp)
    exp.finish(ValueError("no data"))
    assert recorded(exp)["reason"] == "ValueError: no data"


def test_a_file_system_that_hangs_delays_no_words(
    monkeypatch: pytest.MonkeyPatch, script: Script, gateway: str
) -> None:
    hanging = threading.Event()
    monkeypatch.setattr("tbgateway.training.telling._END_PATIENCE", 0.2)
    exp = tbgateway.experiment("resnet", url=gateway).start()
    monkeypatch.setattr(RecordFile, "_write", lambda *_: hanging.wait(60))
    exp.describe(tags="a")
    exp.finish()
    assert not hanging.is_set()
    assert script.asked
    hanging.set()


def test_words_of_many_threads_are_all_recorded() -> None:
    def describe(exp: Training, thread: int) -> None:
        for number in range(20):
            exp.describe(params={f"{thread}.{number}": number})

    with tbgateway.experiment("resnet", url=NOBODY) as exp:
        threads = [threading.Thread(target=describe, args=(exp, one)) for one in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(recorded(exp)["params"]) == 80  # type: ignore[arg-type] # a dict


@pytest.mark.parametrize("error", [KeyboardInterrupt, Terminated])
def test_impatience_at_the_end_keeps_what_was_not_told(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupted(_self: Reporter) -> bool:
        raise error(143)

    exp = tbgateway.experiment("resnet", boards=["vision"], url=NOBODY).start()
    monkeypatch.setattr(Reporter, "end", interrupted)
    with pytest.raises(error):
        exp.finish()
    exp._telling._reporter.abandon()  # type: ignore[union-attr] # it began
    assert len(list((Path.home() / ".local/state/tbgateway/spool").glob("*.json"))) == 1
    assert recorded(exp)["state"] == "completed"
