from pathlib import Path

import pytest

from tbgateway.client.saved_context import SavedContext, forget_context, load_context, save_context
from tbgateway.domain.errors import InvalidInputError

CONTEXT = SavedContext("https://host/team/tb", "tbg_a_b")


def test_a_context_is_saved_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "tbgateway" / "context.json"
    save_context(path, CONTEXT)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert load_context(path) == CONTEXT
    assert list(path.parent.iterdir()) == [path]


def test_a_context_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "context.json"
    save_context(path, CONTEXT)
    path.chmod(0o644)
    with pytest.raises(InvalidInputError, match="others may read it") as refused:
        load_context(path)
    assert "chmod 600" in refused.value.hint


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"url": "x"}'])
def test_a_damaged_context_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "context.json"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(InvalidInputError, match="cannot be read as a saved context"):
        load_context(path)


def test_a_place_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    (tmp_path / "tbgateway").symlink_to(tmp_path / "tbgateway")
    path = tmp_path / "tbgateway" / "context.json"
    for use in (load_context, forget_context, lambda path: save_context(path, CONTEXT)):
        with pytest.raises(InvalidInputError, match="cannot be used: ") as refused:
            use(path)
        assert "XDG_CONFIG_HOME" in refused.value.hint
    assert load_context(path, may_be_closed=True) is None


def test_forgetting_says_whether_there_was_one(tmp_path: Path) -> None:
    path = tmp_path / "context.json"
    assert load_context(path) is None
    assert not forget_context(path)
    save_context(path, CONTEXT)
    assert forget_context(path)
    assert load_context(path) is None


def test_the_token_is_not_in_its_repr() -> None:
    assert "tbg_a_b" not in repr(CONTEXT)
