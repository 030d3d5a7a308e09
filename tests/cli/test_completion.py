import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Run

SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
BEFORE = {"zsh": "autoload -U compinit; compinit -D -u; "}
Complete = Callable[[str, str], None]
TO_THE_BEGINNING = "\x01"
REMOVE_PARAM = "tbgateway experiment describe x --remove-param"


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_the_commands(tbgateway: Run, shell: str) -> None:
    done = tbgateway("completion", shell)
    assert done.code == 0
    assert "set-password" in done.out
    assert "\x1b" not in done.out


@pytest.fixture(params=SHELLS)
def complete(request: pytest.FixtureRequest, tbgateway: Run, tmp_path: Path) -> Iterator[Complete]:
    """Return what completes a line in a shell that somebody sits at."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip("the shell is not on this machine")
    script = tmp_path / "completion"
    script.write_text(tbgateway("completion", shell).out)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *SHELLS[shell]],  # fish insists on a terminal of its own
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env=os.environ | {"TERM": "xterm", "PS1": "$ ", "HOME": str(tmp_path)},
    )
    os.close(theirs)
    os.write(ours, f"{BEFORE.get(shell, '')}source {script}; echo re''ady\r".encode())
    until(ours, "ready\r\n")

    def completed(line: str, expected: str) -> None:
        os.write(ours, f"{line}\t{TO_THE_BEGINNING}echo +\r".encode())
        until(ours, f"+{expected}")

    with process:
        yield completed
        process.kill()
        os.close(ours)


def until(terminal: int, text: str) -> None:
    """Read until the terminal shows this text."""
    shown = ""
    while text not in shown:
        shown += os.read(terminal, 65536).decode(errors="replace")


def test_a_shell_completes_commands_options_and_their_values(complete: Complete) -> None:
    complete("tbgateway boa", "tbgateway board")
    complete("tbgateway -o json board cre", "tbgateway -o json board create")
    complete("tbgateway board create x --acc", "tbgateway board create x --access")
    complete("tbgateway board create x --access mem", "tbgateway board create x --access members")
    complete("tbgateway completion fi", "tbgateway completion fish")
    complete("tbgateway board list --wat", "tbgateway board list --watch")
    complete("tbgateway experiment descr", "tbgateway experiment describe")
    complete("tbgateway experiment list --sin", "tbgateway experiment list --since")
    complete("tbgateway board create --acc", "tbgateway board create --access")
    complete("tbgateway experiment describe x --remove-p", REMOVE_PARAM)
    complete("tbgateway experiment list --state fai", "tbgateway experiment list --state failed")
