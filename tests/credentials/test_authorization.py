import base64

import pytest

from tbgateway.credentials.authorization import (
    Authorization,
    Basic,
    Bearer,
    Malformed,
    parse_api_key,
    parse_authorization,
)
from tbgateway.domain.errors import BadRequestError


def basic(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


def test_no_header_is_no_attempt() -> None:
    assert parse_authorization([]) is None


def test_two_headers_are_refused() -> None:
    with pytest.raises(BadRequestError):
        parse_authorization([basic(b"a:b"), basic(b"a:b")])


def test_a_name_ends_at_the_first_colon() -> None:
    assert parse_authorization([basic(b"ada:pass:word")]) == Basic("ada", (b"pass:word",))


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic"])
def test_the_schemes_case_does_not_matter(scheme: str) -> None:
    assert parse_authorization([f"{scheme} YTpi"]) == Basic("a", (b"b",))


@pytest.mark.parametrize("value", ["Bearer tbg_1_2", "bearer  tbg_1_2 "])
def test_a_token_is_read(value: str) -> None:
    assert parse_authorization([value]) == Bearer("tbg_1_2")


def test_a_password_is_read_as_utf_8_in_nfc_first_then_as_latin_1() -> None:
    found = parse_authorization([basic("ada:pa\u0308ss".encode())])

    assert isinstance(found, Basic)
    assert found.passwords[0] == "p\u00e4ss".encode()
    assert len(found.passwords) == 2


def test_a_password_that_is_no_utf_8_is_read_as_latin_1() -> None:
    found = parse_authorization([basic("ada:p\u00e4ss".encode("latin-1"))])

    assert found == Basic("ada", ("p\u00e4ss".encode(),))


def test_empty_names_and_passwords_are_just_wrong() -> None:
    assert parse_authorization([basic(b":")]) == Basic("", (b"",))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YTpi=",
        "Basic YTp",
        "Basic YT pi",
        "Basic YTpi\u00e4",
        basic(b"no colon"),
        basic(b"a:b\0c"),
        basic(b"a\nb:c"),
        basic(b"a:\x7f"),
        "Bearer",
        "Bearer a b",
        "Bearer \u00e4",
        "Digest username=ada",
        "Negotiate abc",
        "ada:password",
    ],
)
def test_what_cannot_be_read_is_malformed(value: str) -> None:
    assert parse_authorization([value]) == Malformed()


def test_secrets_do_not_show_in_a_repr() -> None:
    assert "hunter2" not in repr(parse_authorization([basic(b"ada:hunter2")]))
    assert "hunter2" not in repr(parse_authorization(["Bearer hunter2"]))


# --- X-API-Key

BASIC = Basic("ada", (b"password",))


@pytest.mark.parametrize("beside", [None, BASIC, Malformed(), Bearer("tbg_1_2")])
def test_without_a_key_the_other_header_counts(beside: Authorization | None) -> None:
    assert parse_api_key([], beside) is beside


@pytest.mark.parametrize("beside", [None, BASIC, Malformed()])
def test_a_key_is_a_token_and_goes_before_a_password(beside: Authorization | None) -> None:
    assert parse_api_key([" tbg_1_2\t"], beside) == Bearer("tbg_1_2")


@pytest.mark.parametrize("key", ["", " ", "a b", "k\u00e4y", "\udcff", "Basic YTpi"])
def test_what_no_token_looks_like_is_one_that_fits_nobody(key: str) -> None:
    assert parse_api_key([key], BASIC) == Bearer("")


@pytest.mark.parametrize(
    ("keys", "beside"), [(["tbg_1_2", "tbg_1_2"], None), (["tbg_1_2"], Bearer("tbg_1_2"))]
)
def test_of_two_tokens_nobody_can_say_which_counts(
    keys: list[str], beside: Authorization | None
) -> None:
    with pytest.raises(BadRequestError, match="more than one API token"):
        parse_api_key(keys, beside)
