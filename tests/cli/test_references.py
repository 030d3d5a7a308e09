from pathlib import Path

import pytest

from tbgateway.cli.references import reference, references
from tbgateway.domain.errors import InvalidInputError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    (tmp_path / "runs" / "a").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", ["resnet", "ex0123456789", "project/run", "root:a/b", "a.b"])
def test_names_and_ids_stay(name: str) -> None:
    assert reference(name) == name


def test_what_looks_like_a_path_becomes_absolute(here: Path) -> None:
    assert references(["./runs/a", "runs/a", ".", "/data/x", "~/x"]) == [
        f"{here}/runs/a",
        f"{here}/runs/a",
        f"{here}",
        "/data/x",
        "/home/ada/x",
    ]


def test_links_are_followed_as_the_gateway_follows_them(here: Path) -> None:
    (here / "latest").symlink_to("runs/a")
    assert reference("./runs/../latest") == f"{here}/runs/a"


def test_a_path_that_json_cannot_carry_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not valid UTF-8"):
        reference("./caf\udce9")
