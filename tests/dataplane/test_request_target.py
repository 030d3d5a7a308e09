import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from tbgateway.dataplane import request_target
from tbgateway.dataplane.request_target import parse_target
from tbgateway.domain.errors import BadRequestError

PIECES = st.sampled_from(
    [
        *("a", "B", "-", ".", "%20", "%C3%BC", "%41", ",", ":", "@", "+", "=", "~", "!", "/", "%"),
        *("%2e", "%2F", "%5C", "\\", ";", "?", "&", "#", "[", "|", "`", '"', "%25", "\x00", "é"),
    ]
)


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "/" + "".join(pieces)))
def test_whatever_looks_harmless_at_once_also_is_at_a_closer_look(raw: str) -> None:
    if "#" not in raw and request_target._HARMLESS.fullmatch(raw):
        request_target._check_path(raw.partition("?")[0])


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "/" + "".join(pieces)))
def test_what_is_taken_is_sent_on_byte_by_byte(raw: str) -> None:
    try:
        target = parse_target(raw, "")
    except BadRequestError:
        return
    sent = f"{target.path}?{target.query}" if target.query else target.path

    assert raw in {sent, f"{sent}?"}
    assert URL("http://tb" + sent, encoded=True).raw_path_qs == sent


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "/" + "".join(pieces)))
def test_what_is_taken_has_one_reading(raw: str) -> None:
    try:
        path = parse_target(raw, "").path
    except BadRequestError:
        return
    normalised = URL("http://tb" + path).raw_path

    assert normalised.count("/") == path.count("/")
    assert ".." not in URL("http://tb" + path).path.split("/")


@pytest.mark.parametrize(
    ("raw", "prefix", "path", "taken"),
    [
        ("/x", "", "/x", ""),
        ("/tb/x", "/tb", "/x", "/tb"),
        ("/tb/", "/tb", "/", "/tb"),
        ("/tb", "/tb", "", "/tb"),
        ("/tbx", "/tb", "/tbx", ""),
        ("/x", "/tb", "/x", ""),
        ("/tb/tb/x", "/tb", "/tb/x", "/tb"),
        ("/a/b/x?y", "/a/b", "/x", "/a/b"),
        ("/t%62/x", "/tb", "/t%62/x", ""),
    ],
)
def test_the_prefix_is_taken_off_once(raw: str, prefix: str, path: str, taken: str) -> None:
    target = parse_target(raw, prefix)

    assert (target.raw, target.path, target.prefix) == (raw, path, taken)


@pytest.mark.parametrize(
    "raw",
    [
        *("", "*", "x", "http://h/x", "//x", "/x//y", "/x//", "/./x", "/x/.", "/x/..", "/../x"),
        *("/%2e/x", "/%2E%2e/x", "/x/.%2E", "/%252e%252e/x", "/%25252e/x", "/%2525252525252e/x"),
        *("/a%2fb", "/a%2Fb", "/a%252fb", "/a\\b", "/a%5cb", "/a%255Cb", "/a;b", "/a%3bb"),
        *("/a%00", "/a%0d%0a", "/a%7f", "/a%", "/a%4", "/a%zz", "/%c0%ae", "/%ff", "/a#b"),
        *("/a?b#c", "/a b", "/a\tb", "/a\x7f", "/é", "/a?é", "/a\udcff"),
    ],
)
def test_what_could_be_read_otherwise_is_refused(raw: str) -> None:
    with pytest.raises(BadRequestError):
        parse_target(raw, "")
