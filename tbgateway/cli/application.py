"""All commands, the options they share, and how they end."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

import tbgateway
from tbgateway.cli import (
    backup,
    board,
    completion,
    config,
    demo,
    doctor,
    experiment,
    login,
    member,
    serve,
    tensorboards,
    token,
    version,
)
from tbgateway.cli import run as running
from tbgateway.cli.session import Session
from tbgateway.cli.terminal import Output, Terminal
from tbgateway.cli.usage import usage_error
from tbgateway.domain.errors import TbgatewayError
from tbgateway.training.exit_codes import after_signal

app = App(
    name="tbgateway",
    help="TensorBoards as a service: named boards of experiments behind one URL.",
    help_epilogue="The reference: docs/cli.md",
    help_format="markdown",
    version=tbgateway.__version__,
    default_parameter=Parameter(negative=(), show_default=False),
)
for _noun in (board, experiment, member, token, config, tensorboards):
    app.command(_noun.app)
for _verb in (
    running.explained(),
    serve.serve,
    demo.demo,
    doctor.doctor,
    login.login,
    login.logout,
    backup.backup,
    backup.restore,
    completion.completion_of(app),
    version.version,
):
    app.command(_verb)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; nothing is raised but by bugs."""
    words = running.words_for_run(arguments)
    if words is not None:
        terminal = Terminal.standard(running.output_of(words))
        return _ending(terminal, lambda: running.run(words))
    terminal = Terminal.standard(Output.TABLE)
    app.help_formatter = "plain" if os.environ.get("NO_COLOR") else None
    return _ending(terminal, lambda: _outcome(app.meta, _spelled_out(arguments)))


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    url: str | None = None,
    token_file: Path | None = None,
    output: Annotated[Output, Parameter(name=["--output", "-o"], show_default=True)] = Output.TABLE,
) -> int:
    """TensorBoards as a service: named boards of experiments behind one URL.

    Args:
        tokens: The command.
        url: The gateway: http(s)://HOST[:PORT][/PREFIX] or unix:PATH. Without it TBGATEWAY_URL,
            then what `tbgateway login` saved, then the control socket of this machine.
        token_file: A file that holds an API token, if not TBGATEWAY_TOKEN.
        output: How results are printed.

    """
    session = Session(Terminal.standard(output), url, token_file)
    return _ending(session.terminal, lambda: _command(list(tokens), session))


def _command(tokens: list[str], session: Session) -> int:
    command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
    for name in ignored:
        bound.arguments[name] = session
    outcome = command(*bound.args, **bound.kwargs)
    session.terminal.out.flush()
    return outcome if isinstance(outcome, int) else 0


def _outcome(application: App, tokens: list[str]) -> int:
    outcome = application(
        tokens, exit_on_error=False, print_error=False, result_action="return_value"
    )
    return outcome if isinstance(outcome, int) else 0


def _ending(terminal: Terminal, action: Callable[[], int]) -> int:
    try:
        return action()
    except TbgatewayError as error:
        terminal.error(error)
        return error.exit_code
    except CycloptsError as error:
        usage = usage_error(error)
        terminal.error(usage)
        return usage.exit_code
    except KeyboardInterrupt:
        return after_signal(signal.SIGINT)
    except BrokenPipeError:
        # Whoever read the output is gone; what is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return after_signal(signal.SIGPIPE)


def _spelled_out(arguments: list[str]) -> list[str]:
    """Return the arguments with a bare `--wait` as `--wait=visible`: its value is optional."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = ["--wait=visible" if each == "--wait" else each for each in arguments[:end]]
    return [*options, *arguments[end:]]
