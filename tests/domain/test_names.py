import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.errors import InvalidInputError, NamesShadowError
from tbgateway.domain.names import (
    BoardId,
    check_board_name,
    check_experiment_name,
    check_given_name,
    check_no_shadow,
    check_root_name,
    check_username,
    find_shadow,
    is_board_id,
    is_id,
    is_launch_id,
    launch_id,
    new_board_id,
    new_experiment_id,
)

_PARTS = st.sampled_from(["a", "b", "ab", "a b", "a.", "-", "é", "\u00ff", "0"])
_NAMES = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)


def test_ids_are_recognised_and_short_enough_for_a_socket_path() -> None:
    for text in (new_board_id(), new_experiment_id()):
        assert is_id(text)
        assert len(text) == 12
    assert new_board_id() != new_board_id()


@pytest.mark.parametrize("text", ["tb012345678", "tb01234567890", "xx0123456789", "TB0123456789"])
def test_what_only_resembles_an_id_is_none(text: str) -> None:
    assert not is_id(text)
    assert not is_id("tb0123456789\n")


def test_a_generation_is_named_after_its_board() -> None:
    assert launch_id(BoardId("tb0123456789"), 3) == "tb0123456789.3"


def test_ids_of_boards_and_launches_are_told_from_all_else() -> None:
    board = new_board_id()
    assert is_board_id(board)
    assert is_launch_id(launch_id(board, 12))
    for text in (new_experiment_id(), f"{board}.", f"{board}/..", f"{board}\n", "logdir", ""):
        assert not is_board_id(text)
        assert not is_launch_id(text)
    assert not is_board_id(launch_id(board, 12))
    assert not is_launch_id(board)
    assert not is_launch_id(f"{board}.1.2")


@pytest.mark.parametrize("name", ["a", "0", "vision", "a-b-", "x" * 63, "tb", "tb012345678g"])
def test_board_names_are_segments_of_a_url(name: str) -> None:
    assert check_board_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "-a", "a_b", "a.b", "a/b", "a b", "é", "x" * 64, "a\n", "..", "tb0123456789"],
)
def test_other_board_names_are_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_board_name(name)
    assert repr(name) in refused.value.detail
    assert "1 to 63 lower-case letters" in refused.value.hint


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace@example.org", "_", "x" * 64])
def test_user_names_may_be_addresses(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize("name", ["", "a:b", "a b", "é", "x" * 65, "a\n"])
def test_user_names_that_basic_authentication_cannot_carry_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError):
        check_username(name)


def test_root_names_begin_with_a_letter_or_digit() -> None:
    assert check_root_name("R.2_a-b") == "R.2_a-b"
    for name in ("", ".a", "-a", "a:b", "a/b", "x" * 64):
        with pytest.raises(InvalidInputError):
            check_root_name(name)


@pytest.mark.parametrize(
    "name",
    ["a", "a/b", "with spaces, commas", "100%", "#", '"', "模型", ".hidden", "n" * 255, "ex012"],
)
def test_experiment_names_may_be_what_people_call_directories(name: str) -> None:
    assert check_experiment_name(name) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("/a", "empty"),
        ("a/", "empty"),
        ("a//b", "empty"),
        (".", "'.' or '..'"),
        ("a/../b", "'.' or '..'"),
        ("a\nb", "control"),
        ("a\x7f", "control"),
        ("a\0b", "control"),
        ("\udcff", "UTF-8"),
        ("é" * 128, "longer than 255"),
        ("/".join(["n" * 200] * 6), "longer than 1024"),
        ("ex0123456789", "form of an id"),
    ],
)
def test_experiment_names_that_no_link_can_have_are_refused(name: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as refused:
        check_experiment_name(name)
    refused.value.detail.encode()


@pytest.mark.parametrize("name", ["a", "project/run 1", "模型", "Zu\u0308rich", "🧪", "a / b", "#"])
def test_a_name_that_can_be_seen_may_be_given(name: str) -> None:
    assert check_given_name(name) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (" a", "white space"),
        ("a\u3000", "white space"),
        (" ", "white space"),
        ("a/\u00a0/b", "nothing that can be seen"),
        ("\u0301", "nothing that can be seen"),
        ("\u3164", "cannot be seen"),
        ("a\u200bb", "cannot be seen"),
        ("a\u200db", "cannot be seen"),
        ("a\ufeff", "cannot be seen"),
        ("run\u202etxt", "cannot be seen"),
        ("a\u2066b", "cannot be seen"),
        ("a\x85b", "cannot be seen"),
        ("a\u2028b", "cannot be seen"),
        ("a//b", "empty"),
    ],
)
def test_a_name_that_deceives_the_eye_is_not_given_though_a_directory_may_have_it(
    name: str, why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why) as refused:
        check_given_name(name)
    assert refused.value.field == "name"
    if why != "empty":
        assert check_experiment_name(name) == name


@given(st.text())
def test_any_text_is_either_a_name_or_refused(name: str) -> None:
    try:
        assert check_experiment_name(name) == name
    except InvalidInputError as refused:
        assert refused.hint  # noqa: PT017 - both outcomes are right


def in_the_way(first: str, second: str) -> bool:
    """Say by definition whether `second` is `first` or lies below it."""
    return f"{second}/".startswith(f"{first}/")


@given(st.lists(_NAMES, max_size=7))
def test_a_shadow_is_found_exactly_where_one_name_is_a_path_prefix(names: list[str]) -> None:
    pairs = [
        (first, second)
        for index, first in enumerate(names)
        for other, second in enumerate(names)
        if index != other and in_the_way(first, second)
    ]
    found = find_shadow(names)
    assert (found is not None) == bool(pairs)
    if found is not None:
        assert found in pairs


def test_names_that_only_begin_alike_do_not_shadow() -> None:
    check_no_shadow(["run", "run-1", "run 1", "run.1/a", "runs/run"])


def test_a_shadow_is_an_error_that_names_both() -> None:
    with pytest.raises(NamesShadowError) as refused:
        check_no_shadow(["x", "a/b", "a!", "a"])
    assert "'a' and 'a/b'" in refused.value.detail
    assert "--name" in refused.value.command
