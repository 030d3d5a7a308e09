import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tbgateway.training import signals
from tbgateway.training.signals import Terminated


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signals._handling.holders, signals._handling.came = 0, False
    signal.signal(signal.SIGTERM, before)


def test_sigterm_raises_while_it_is_held() -> None:
    assert signals.hold()
    with pytest.raises(Terminated) as caught:
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.code == 143
    assert signals.came()
    signals.release()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_last_one_gives_it_back() -> None:
    assert signals.hold()
    assert signals.hold()
    signals.release()
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    signals.release()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("own", [signal.SIG_IGN, lambda *_: None])
def test_a_scripts_own_handler_stays(own: signal.Handlers) -> None:
    signal.signal(signal.SIGTERM, own)
    assert not signals.hold()
    assert signal.getsignal(signal.SIGTERM) == own


def test_a_handler_that_a_script_sets_meanwhile_stays() -> None:
    assert signals.hold()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signals.release()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_other_threads_change_nothing() -> None:
    held: list[bool] = []
    thread = threading.Thread(target=lambda: held.append(signals.hold()))
    thread.start()
    thread.join()
    assert held == [False]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_child_dies_of_it_even_if_it_comes_at_once() -> None:
    assert signals.hold()
    for _ in range(20):
        child = os.fork()  # noqa: TID251 - what a training does to get workers
        if child == 0:
            threading.Event().wait(30)
            os._exit(0)
        os.kill(child, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    signals.release()
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_sigterm_around_a_fork_comes_afterwards() -> None:
    assert signals.hold()
    signals._handling.before_fork()
    os.kill(os.getpid(), signal.SIGTERM)
    signals._handling.after_fork()  # as a hook, which would drop what is raised
    with pytest.raises(Terminated):
        threading.Event().wait(60)
    signals.release()


def test_that_it_came_is_forgotten_with_the_last_experiment() -> None:
    assert signals.hold()
    with pytest.raises(Terminated):
        os.kill(os.getpid(), signal.SIGTERM)
    signals.release()
    assert not signals.came()


def test_another_interpreter_of_the_process_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("signal only works in main thread of the main interpreter")

    monkeypatch.setattr(signal, "signal", refuse)
    assert not signals.hold()
    monkeypatch.undo()
