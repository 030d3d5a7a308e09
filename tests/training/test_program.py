from pathlib import Path

import pytest

from tbgateway.training.program import CommandNotFoundError, NotExecutableError, find_program


def test_a_command_is_found_as_shells_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "train"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("train") == str(program)
    assert find_program(str(program)) == str(program)


@pytest.mark.parametrize("word", ["no-such-command", "./no-such-command", ""])
def test_what_is_not_there_exits_with_127(word: str) -> None:
    with pytest.raises(CommandNotFoundError, match="not found") as missing:
        find_program(word)
    assert missing.value.exit_code == 127


def test_what_cannot_be_executed_exits_with_126(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print()\n")
    for word in (tmp_path / "train.py", tmp_path):
        with pytest.raises(NotExecutableError, match="cannot be executed") as refused:
            find_program(str(word))
        assert refused.value.exit_code == 126
