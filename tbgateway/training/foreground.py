"""A command in the foreground: this process's own terminal, process group and open files.

It is as if the command ran alone. What the terminal sends (Ctrl-C, Ctrl-Z) reaches both
processes by itself and is not sent twice; what somebody sends to this process alone is passed on;
when the command is suspended this process is suspended with it, so that a shell sees one job.

Signals are taken one by one with sigtimedwait(2), which tells where they come from. For that they
are blocked, in this thread and all that it starts; the command gets the mask as it was.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from signal import Signals
from types import TracebackType
from typing import Self

from tbgateway.training.complaints import LOGGER
from tbgateway.training.exit_codes import after_signal, name_of, signal_told_by

_ENDING = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
_PASSED_ON = _ENDING | {signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT, signal.SIGTSTP}
_SUSPENDING = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_OF_THE_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP})
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_LOOK_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Left:
    """How the command left: by an exit status, or by a signal (then `status` is 0).

    `asked` are the signals that asked it to end before.
    """

    status: int
    by: int | None = None
    asked: tuple[int, ...] = ()

    @property
    def exit_code(self) -> int:
        """What a shell would say of it."""
        return self.status if self.by is None else after_signal(self.by)

    @property
    def signal(self) -> int | None:
        """The signal that ended it, also one that the command itself only tells as a status."""
        return signal_told_by(self.status) if self.by is None else self.by


class Foreground:
    """Holds the signals of this process as a context manager, and runs a command in between.

    Enter it in the main thread, before other threads are started.
    """

    def __enter__(self) -> Self:
        self._taken = {one for one in _PASSED_ON | _SUSPENDING if not _is_ignored(one)}
        self._taken.add(signal.SIGCHLD)
        self._on_child = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._taken)
        self._asked: list[int] = []
        self._is_stopped = self._is_out_of_reach = False
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

    def start(self, program: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
        """Start the program and return its pid. Raise OSError if it cannot be executed."""
        command = os.posix_spawn(
            program, [*words], environ, setsigmask=self._mask, setsigdef=_IGNORED_BY_PYTHON
        )
        # What came since `asked_to_end` did not reach both: there was one process only. What comes
        # just now may reach the command twice, which is better than not at all.
        while (told := signal.sigtimedwait(self._taken & _PASSED_ON, 0)) is not None:
            self._take(told, command, has_reached_both=False)
        return command

    def wait_for(self, command: int) -> Left:
        """Return how the command left that was started."""
        while True:
            # A thread that somebody started before may take SIGCHLD away: look by oneself too.
            told = signal.sigtimedwait(self._taken, _LOOK_EVERY)
            if told is not None and told.si_signo != signal.SIGCHLD:
                self._take(told, command, has_reached_both=_reached_both(told))
            elif (left := self._look_at(command)) is not None:
                return left

    def _take(self, told: signal.struct_siginfo, command: int, *, has_reached_both: bool) -> None:
        sign = told.si_signo
        if told.si_pid == command:  # it signals its whole process group, and itself
            return
        if sign == signal.SIGCONT and not self._is_stopped:  # the whole group got it
            return
        if (has_reached_both or self._pass_on(sign, command)) and sign in _ENDING:
            self._asked.append(sign)

    def _pass_on(self, sign: int, command: int) -> bool:
        """Send a signal to the command; return whether that was possible."""
        try:
            os.kill(command, sign)
        except OSError as error:  # such as of a command that became another user, as sudo does
            self._warn_of(sign, error)
            return False
        return True

    def _warn_of(self, sign: int, error: OSError) -> None:
        """Say, once, that signals are not passed on."""
        if not self._is_out_of_reach:
            name, why = name_of(sign), error.strerror
            LOGGER.warning("tbgateway: %s cannot be passed on to the command: %s", name, why)
        self._is_out_of_reach = True

    def _look_at(self, command: int) -> Left | None:
        """Return how the command left; if it did not, do as it does."""
        while (seen := _change_of(command)) is not None:
            match seen.si_code:
                case os.CLD_EXITED:
                    return Left(seen.si_status, asked=tuple(self._asked))
                case os.CLD_KILLED | os.CLD_DUMPED:
                    return Left(0, seen.si_status, tuple(self._asked))
            self._is_stopped = seen.si_code == os.CLD_STOPPED
            if self._is_stopped and seen.si_status in _SUSPENDING & self._taken:
                _suspend_as(seen.si_status)
        return None


def _is_ignored(sign: Signals) -> bool:
    """Whether whoever started this process wants it ignored, as nohup does."""
    return signal.getsignal(sign) is signal.SIG_IGN


def _reached_both(told: signal.struct_siginfo) -> bool:
    """Whether the kernel sent it to the whole process group, of which the command is one.

    A terminal that goes away tells the leader of the session only.
    """
    sign = told.si_signo
    if sign in {signal.SIGTTIN, signal.SIGTTOU}:
        return True
    is_from_kernel = told.si_code > 0
    if sign == signal.SIGHUP:
        return is_from_kernel and os.getsid(0) != os.getpid()
    return is_from_kernel and sign in _OF_THE_TERMINAL


def _change_of(command: int) -> os.waitid_result | None:
    every = os.WEXITED | os.WSTOPPED | os.WCONTINUED
    return os.waitid(os.P_PID, command, every | os.WNOHANG)


def _suspend_as(sign: int) -> None:
    """Stop this process until somebody continues it, unless there is no shell that could."""
    if signal.SIGCONT in signal.sigpending():  # somebody did already
        return
    os.kill(os.getpid(), sign)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {sign})
    signal.pthread_sigmask(signal.SIG_BLOCK, {sign})
