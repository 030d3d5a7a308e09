import re

import bcrypt
import pytest

from tbgateway.credentials.passwords import (
    check_new_password,
    generate_password,
    hash_password,
    normalise,
)
from tbgateway.domain.errors import InvalidInputError


@pytest.mark.parametrize(
    "password", ["12345678", "correct horse", "pässwörter", "x" * 72, "ü" * 36]
)
def test_a_password_is_allowed(password: str) -> None:
    assert check_new_password(password) == password


@pytest.mark.parametrize(
    "password",
    [
        "",
        "1234567",
        "x" * 73,
        "ü" * 37,
        "hunter2\0hunter2",
        "hunter2\nhunter2",
        "hunter2\x7fhunter2",
        "hunter2\x85hunter2",
        "hunter2\ud800hunter2",
        "e\u0301" * 7,  # seven characters, though fourteen code points
    ],
)
def test_a_password_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_new_password(password)

    said = f"{refused.value.detail} {refused.value.hint}"
    assert "hunter2" not in said
    assert "at least 8 characters and at most 72 bytes" in said


def test_two_ways_to_type_the_same_password_are_the_same() -> None:
    assert normalise("pa\u0308sswort") == normalise("p\u00e4sswort")
    assert check_new_password("pa\u0308sswort") == "p\u00e4sswort"


def test_a_hash_has_the_wanted_cost_and_fits_its_password() -> None:
    hashed = hash_password("pa\u0308sswort", rounds=4)

    assert hashed.startswith("$2b$04$")
    assert bcrypt.checkpw("p\u00e4sswort".encode(), hashed.encode())


def test_a_generated_password_can_be_read_aloud_and_is_allowed() -> None:
    passwords = {generate_password() for _ in range(100)}

    assert len(passwords) == 100
    for password in passwords:
        assert re.fullmatch(r"([a-km-np-z2-9]{4}-){4}[a-km-np-z2-9]{4}", password)
        assert check_new_password(password) == password
