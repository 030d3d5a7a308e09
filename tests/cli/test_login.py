from pathlib import Path

import pytest
from command_line import Run
from running_api import RunningApi


def test_what_is_saved_is_used_by_later_commands(
    tbgateway: Run, gateway: RunningApi, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gateway.token_of("admin")
    monkeypatch.setenv("TBGATEWAY_SOCKET", "/nonexistent")
    done = tbgateway("login", gateway.url, "--token-stdin", stdin=f"{token}\n")
    assert done.code == 0, done.err
    assert "admin (admin)" in done.err
    assert token not in done.out + done.err
    saved = home / ".config" / "tbgateway" / "context.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert tbgateway("member", "list").code == 0
    assert tbgateway("logout").err == "forgotten\n"
    assert tbgateway("logout").err == "nothing was saved\n"
    assert tbgateway("member", "list").code == 6


@pytest.mark.parametrize(
    ("stdin", "code"), [("tbg_0123456789_wrong\n", 4), ("", 2), ("two words\n", 2)]
)
def test_a_token_that_the_gateway_does_not_accept_is_not_saved(
    tbgateway: Run, gateway: RunningApi, home: Path, stdin: str, code: int
) -> None:
    assert tbgateway("login", gateway.url, "--token-stdin", stdin=stdin).code == code
    assert not (home / ".config").exists()


def test_a_token_comes_by_stdin_only(tbgateway: Run) -> None:
    done = tbgateway("login", "http://127.0.0.1:1")
    assert done.code == 2
    assert "--token-stdin" in done.err
