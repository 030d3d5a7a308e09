import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.public_urls import parse_public_url


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://Example.org", "https://example.org"),
        ("http://h:81/team/tb/", "http://h:81/team/tb"),
        ("http://[::1]:81/.tb/~a", "http://[::1]:81/.tb/~a"),
        ("http://_gateway.test:65535/", "http://_gateway.test:65535"),
    ],
)
def test_a_url_is_kept_in_one_form(text: str, kept: str) -> None:
    assert str(parse_public_url(text)) == kept


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must begin with"),
        ("example.org", "must begin with"),
        ("http://[", "must begin with"),
        ("ftp://h", "must begin with"),
        ("http://", "must name a host"),
        ("http://.h", "must name a host"),
        ("http://-h", "must name a host"),
        ("http://h:", "must name a host"),
        ("http://h:0", "must name a host"),
        ("http://h:65536", "must name a host"),
        ("http://me:hunter2@h", "may not carry"),
        ("http://h/?", "may not have a query"),
        ("http://h/#", "may not have a query"),
        ("http://h/a/../b", "single slashes"),
        ("http://h//a", "single slashes"),
        ("http://h/%2e", "single slashes"),
    ],
)
def test_what_is_no_place_for_a_gateway_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as refused:
        parse_public_url(text)
    assert "hunter2" not in f"{refused.value.detail} {refused.value.hint}"
