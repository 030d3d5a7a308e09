"""tbgateway completion: a script that completes commands in a shell."""

import re
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

_WITHOUT_VALUES = re.compile(r"^( +'(?:[0-9]+|\*):(?:[^:\\\n]|\\.)+)(?=' \\$)", re.MULTILINE)
"""What zsh is told of an argument whose values cannot be completed."""


def completion_of(app: App) -> Callable[..., None]:
    """Return the command that completes all commands of `app`."""

    def completion(shell: Literal["bash", "zsh", "fish"], /, *, session: Use) -> None:
        """Print a script that completes commands and options.

        Args:
            shell: The shell to make it for. For bash, in ~/.bashrc:
                eval "$(tbgateway completion bash)"

        """
        script = app.generate_completion(shell=shell)  # a name; it starts none  # nosec
        session.terminal.out.write(_for_zsh(script) if shell == "zsh" else script)

    return completion


def _for_zsh(script: str) -> str:
    """Return the script so that options are completed, too, where an argument may stand."""
    return _WITHOUT_VALUES.sub(r"\1:()", script) + _ZSH_ENDING
