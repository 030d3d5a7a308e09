"""tbgateway completion: a script that completes commands in a shell."""

from typing import Literal

from tbgateway.cli.session import Use


def completion(shell: Literal["bash", "zsh", "fish"], /, *, session: Use) -> None:
    """Print a script that completes commands and options.

    Args:
        shell: The shell to make it for. For bash, in ~/.bashrc:
            eval "$(tbgateway completion bash)"

    """
    from tbgateway.cli.application import app  # noqa: PLC0415 - the application imports this module

    session.terminal.out.write(app.generate_completion(shell=shell))
