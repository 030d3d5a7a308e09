import json
from pathlib import Path

import pytest
from command_line import Run


def test_settings_are_shown_as_they_would_be(
    tbgateway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tbgateway.toml"
    file.write_text('[server]\nlisten = ["127.0.0.1:1"]\n')
    monkeypatch.setenv("TBGATEWAY_LOG__LEVEL", "debug")
    done = tbgateway("config", "show", "--config", str(file), "-o", "json")
    shown = json.loads(done.out)
    assert (shown["server"]["listen"], shown["log"]["level"]) == (["127.0.0.1:1"], "debug")


def test_settings_are_lines_for_people(tbgateway: Run) -> None:
    lines = tbgateway("config", "show").out.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE"]
    assert "server.listen" in {line.split()[0] for line in lines}


def test_a_wrong_setting_is_told(tbgateway: Run, tmp_path: Path) -> None:
    file = tmp_path / "tbgateway.toml"
    file.write_text("[server]\nlisen = 1\n")
    done = tbgateway("config", "show", "--config", str(file))
    assert done.code == 2
    assert "lisen" in done.err
