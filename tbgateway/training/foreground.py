"""A command in the foreground: this process's own terminal, process group and open files.

It is as if the command ran alone. What the terminal sends (Ctrl-C, Ctrl-Z) reaches both
processes by itself and is not sent twice; what somebody sends to this process alone is passed on;
when the command is suspended this process is suspended with it, so that a shell sees one job.

Signals are taken one by one with sigwaitinfo(2), which tells where they come from. For that they
are blocked, in this thread and all that it starts; the command gets the mask as it was.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from signal import Signals
from types import TracebackType
from typing import Self

_ENDING = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
_PASSED_ON = _ENDING | {signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT, signal.SIGTSTP}
_SUSPENDING = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_OF_THE_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP})
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_BY_SIGNAL = 128  # what shells add to its number


@dataclass(frozen=True, slots=True)
class Left:
    """How the command left: by an exit status, or by a signal (then `status` is 0).

    `asked` are the signals that asked it to end before.
    """

    status: int
    by: Signals | None = None
    asked: tuple[Signals, ...] = ()

    @property
    def exit_code(self) -> int:
        """What a shell would say of it."""
        return self.status if self.by is None else _BY_SIGNAL + self.by

    @property
    def signal(self) -> Signals | None:
        """The signal that ended it, also one that the command itself only tells as a status."""
        if self.by is not None or self.status <= _BY_SIGNAL:
            return self.by
        number = self.status - _BY_SIGNAL
        return Signals(number) if number in signal.valid_signals() else None


class Foreground:
    """Holds the signals of this process as a context manager, and runs a command in between.

    Enter it in the main thread, before other threads are started.
    """

    def __enter__(self) -> Self:
        self._taken = {one for one in _PASSED_ON | _SUSPENDING if not _is_ignored(one)}
        self._taken.add(signal.SIGCHLD)
        self._on_child = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._taken)
        self._asked: list[Signals] = []
        self._is_stopped = False
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Give the signals back; those that came too late for the command are dropped."""
        while signal.sigtimedwait(self._taken, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        signal.signal(signal.SIGCHLD, self._on_child)

    def asked_to_end(self) -> Signals | None:
        """Return a signal that came before there is a command that it could end."""
        return next((Signals(one) for one in sorted(signal.sigpending() & _ENDING)), None)

    def run(self, program: str, words: Sequence[str], environ: Mapping[str, str]) -> Left:
        """Run the program and return how it left. Raise OSError if it cannot be executed."""
        command = os.posix_spawn(
            program, [*words], environ, setsigmask=self._mask, setsigdef=_IGNORED_BY_PYTHON
        )
        while True:
            told = signal.sigwaitinfo(self._taken)
            if told.si_signo != signal.SIGCHLD:
                self._take(told, command)
            elif (left := self._look_at(command)) is not None:
                return left

    def _take(self, told: signal.struct_siginfo, command: int) -> None:
        sign = Signals(told.si_signo)
        if told.si_pid == command:  # it signals its whole process group, and itself
            return
        if sign in _ENDING:
            self._asked.append(sign)
        if sign == signal.SIGCONT and not self._is_stopped:  # the whole group got it
            return
        if not _reached_both(sign, told):
            os.kill(command, sign)

    def _look_at(self, command: int) -> Left | None:
        """Return how the command left; if it did not, do as it does."""
        while (seen := _change_of(command)) is not None:
            match seen.si_code:
                case os.CLD_EXITED:
                    return Left(seen.si_status, asked=tuple(self._asked))
                case os.CLD_KILLED | os.CLD_DUMPED:
                    return Left(0, Signals(seen.si_status), tuple(self._asked))
            self._is_stopped = seen.si_code == os.CLD_STOPPED
            if self._is_stopped and seen.si_status in _SUSPENDING & self._taken:
                _suspend_as(Signals(seen.si_status))
        return None


def _is_ignored(sign: Signals) -> bool:
    """Whether whoever started this process wants it ignored, as nohup does."""
    return signal.getsignal(sign) is signal.SIG_IGN


def _reached_both(sign: Signals, told: signal.struct_siginfo) -> bool:
    """Whether the kernel sent it to the whole process group, of which the command is one.

    A terminal that goes away tells the leader of the session only.
    """
    if sign in {signal.SIGTTIN, signal.SIGTTOU}:
        return True
    is_from_kernel = told.si_code > 0
    if sign == signal.SIGHUP:
        return is_from_kernel and os.getsid(0) != os.getpid()
    return is_from_kernel and sign in _OF_THE_TERMINAL


def _change_of(command: int) -> os.waitid_result | None:
    every = os.WEXITED | os.WSTOPPED | os.WCONTINUED
    return os.waitid(os.P_PID, command, every | os.WNOHANG)


def _suspend_as(sign: Signals) -> None:
    """Stop this process until somebody continues it, unless there is no shell that could."""
    if signal.SIGCONT in signal.sigpending():  # somebody did already
        return
    os.kill(os.getpid(), sign)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {sign})
    signal.pthread_sigmask(signal.SIG_BLOCK, {sign})
