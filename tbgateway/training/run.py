"""`tbgateway run`: a command as an experiment.

The command is not changed and hears nothing of a gateway: two variables tell it where its event
files go, and what the experiment is called. It runs whether or not a gateway answers.
"""

import atexit
import os
import signal
import sys
from collections.abc import Sequence

from tbgateway.training.board_choice import boards_of
from tbgateway.training.endings import COMPLETED, STOPPING, Ending, failed, stopped
from tbgateway.training.exit_codes import name_of
from tbgateway.training.experiment import Training, experiment
from tbgateway.training.foreground import Foreground, Left
from tbgateway.training.program import find_program, not_executable
from tbgateway.training.run_order import RunOrder

LOGDIR, EXPERIMENT = "TBGATEWAY_LOGDIR", "TBGATEWAY_EXPERIMENT"
"""What the command finds in its environment: a directory, and the experiment's name."""
_PLACEHOLDER = "{logdir}"


def run(order: RunOrder) -> int:
    """Run the command and return what a shell would say of its end.

    A command that SIGINT ended ends this process in the same way, so that a script around it ends,
    too. Raise InvalidInputError for a wrong order, and what `find_program` raises: then nothing
    was registered.
    """
    program = find_program(order.command[0])
    with Foreground() as foreground:
        training = _training(order)
        training.start()
        left = _run(program, order.command, training, foreground)
    if left.by == signal.SIGINT:
        _die_of(left.by)
    return left.exit_code


def ending_of(left: Left) -> Ending:
    """Return the experiment's end for a command that left so."""
    if left.exit_code == 0:
        return COMPLETED
    if left.signal is not None and left.signal in {*STOPPING, *left.asked}:
        return stopped(name_of(left.signal))
    words = f"exit status {left.status}" if left.by is None else f"killed by {name_of(left.by)}"
    asked = next((sign for sign in left.asked if sign in STOPPING), None)
    return failed(words) if asked is None else stopped(f"{name_of(asked)} ({words})")


def _training(order: RunOrder) -> Training:
    return experiment(
        order.name,
        boards=boards_of(order),
        params=order.params,
        tags=order.tags,
        notes=order.notes or "",
        logdir=order.logdir,
        create_boards=order.create_boards,
        resume=order.resume,
        url=order.url,
        token_file=order.token_file,
    )


def _run(program: str, words: Sequence[str], training: Training, foreground: Foreground) -> Left:
    too_soon = foreground.asked_to_end()
    if too_soon is not None:
        training.finish(stopped(too_soon.name))
        return Left(0, too_soon, (too_soon,))
    told = [word.replace(_PLACEHOLDER, training.logdir) for word in words]
    told_too = {LOGDIR: training.logdir, EXPERIMENT: training.name}
    try:
        command = foreground.start(program, told, {**os.environ, **told_too})
    except OSError as error:
        training.finish(failed(f"{words[0]} cannot be executed: {error.strerror}"))
        raise not_executable(words[0], str(error.strerror)) from error
    left = foreground.wait_for(command)
    training.finish(ending_of(left))
    return left


def _die_of(sign: int) -> None:
    atexit._run_exitfuncs()  # noqa: SLF001 - who dies of a signal leaves no other way
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(sign, signal.SIG_DFL)
    os.kill(os.getpid(), sign)
