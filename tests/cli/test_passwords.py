import io

import pytest

from tbgateway.cli.passwords import NO_PASSWORD, _PasswordSource
from tbgateway.domain.errors import InvalidInputError


def read(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return _PasswordSource(password_stdin=True).password()


@pytest.mark.parametrize("text", ["pass word ", "pass word \n", "pass word \r\nmore\n"])
def test_the_first_line_of_stdin_is_the_password(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    assert read(monkeypatch, text) == "pass word "


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_stdin_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(InvalidInputError, match="Stdin is empty"):
        read(monkeypatch, text)


def test_generated_passwords_differ() -> None:
    source = _PasswordSource(generate_password=True)
    assert source.given
    assert source.password() != source.password()


@pytest.mark.parametrize(
    "source", [NO_PASSWORD, _PasswordSource(password_stdin=True, generate_password=True)]
)
def test_there_must_be_one_source(source: _PasswordSource) -> None:
    with pytest.raises(InvalidInputError, match="one source"):
        source.password()
