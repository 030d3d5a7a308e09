"""tbgateway completion: a script that completes commands in a shell."""

from collections.abc import Callable
from typing import Literal

from cyclopts import App

from tbgateway.cli.session import Use

_ZSH_ENDING = """
if [[ $funcstack[1] == _tbgateway ]]; then
  _cyclopts_tbgateway "$@"
else
  compdef _cyclopts_tbgateway tbgateway
fi
"""
"""For zsh, the script is one that is loaded from `fpath`, or one that is sourced."""


def completion_of(app: App) -> Callable[..., None]:
    """Return the command that completes all commands of `app`."""

    def completion(shell: Literal["bash", "zsh", "fish"], /, *, session: Use) -> None:
        """Print a script that completes commands and options.

        Args:
            shell: The shell to make it for. For bash, in ~/.bashrc:
                eval "$(tbgateway completion bash)"

        """
        ending = _ZSH_ENDING if shell == "zsh" else ""
        session.terminal.out.write(app.generate_completion(shell=shell) + ending)

    return completion
