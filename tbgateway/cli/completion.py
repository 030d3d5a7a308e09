"""tbgateway completion: a script that completes commands in a shell."""

from collections.abc import Callable
from typing import Literal

from cyclopts import App

from tbgateway.cli.session import Use


def completion_of(app: App) -> Callable[..., None]:
    """Return the command that completes all commands of `app`."""

    def completion(shell: Literal["bash", "zsh", "fish"], /, *, session: Use) -> None:
        """Print a script that completes commands and options.

        Args:
            shell: The shell to make it for. For bash, in ~/.bashrc:
                eval "$(tbgateway completion bash)"

        """
        session.terminal.out.write(app.generate_completion(shell=shell))

    return completion
