"""Requests that nobody thought of: the cases, cut, spliced and sprinkled with bytes that matter."""

from edge_cases import conformance, framing, heads, paths
from edge_cases.case import AFTER, AUTH, BELOW, HOST, SMUGGLED, Case, get, post
from hypothesis import strategies as st

_PLAIN = (
    *(framing.CONTROLS, heads.CONTROLS, paths.CONTROLS),
    *(conformance.METHODS[:3], conformance.HOPS, conformance.UPGRADES, conformance.CONNECTIONS),
)
_DOUBTFUL = (framing.REFUSED, heads.REFUSED, paths.REFUSED, paths.ELSEWHERE, paths.PREFIXES)


def _raw(families: tuple[tuple[Case, ...], ...]) -> tuple[bytes, ...]:
    return tuple(case.raw for family in families for case in family)


_TARGETS = (b"/data/runs", b"/", b"/data/environment", b"/index.js", b"/data/plugins_listing")
_PAGES = (
    *(b"/", b"/ui/sign-in", b"/ui/sign-in?next=/", b"/ui/experiments?q=lr%3C1", b"/healthz"),
    *(b"/readyz", b"/metrics", b"/assets/x/y.js", b"/ui/static/x.js", b"/api/v1/openapi.json"),
    *(
        b"/api/v1/boards?limit=1",
        b"/api/v1/experiments?q=x",
        b"/tensorboards/v1/",
        b"/boards/vision",
    ),
)
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n"
_JSON = b"Content-Type: application/json\r\nContent-Length: 2\r\n"
PLAIN = (
    *(get().replace(BELOW + b"/case", page) for page in _PAGES),
    post(_FORM, b"name=a&p=%00", b"/x").replace(BELOW + b"/x", b"/ui/sign-in"),
    post(_JSON, b"{}", b"/x").replace(BELOW + b"/x", b"/api/v1/boards"),
    *(get(target=target) for target in _TARGETS),
    *(raw.replace(b"/case", b"/data/runs") for raw in _raw(_PLAIN)),  # which TensorBoard answers
)
SEEDS = (*PLAIN, *_raw(_DOUBTFUL))

_TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b"\x0b",
        b":",
        b";",
        b",",
        b"/",
        b"\\",
        b"%",
        b"?",
    ),
    *(b"#", b"..", b"%2e", b"%2f", b"%00", b"%c0%ae", b"\xff", b"\xc3", b"\x7f", b'"', b"0", b"-1"),
    *(b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"GET ", b"POST ", b"HEAD ", b"OPTIONS ", b"CONNECT "),
    *(
        b"Content-Length: 5\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(
        b"Connection: close\r\n",
        b"Connection: upgrade\r\nUpgrade: websocket\r\n",
        b"Upgrade: h2c\r\n",
    ),
    *(b"Expect: 100-continue\r\n", b"Host: x\r\n", b"Cookie: tbgateway=x\r\n", b"Origin: null\r\n"),
    *(b"Accept: text/html\r\n", b"Range: bytes=0-,5-1\r\n", b"If-None-Match: *\r\n", HOST, AUTH),
    *(
        b"Authorization: Bearer tbg_x_y\r\n",
        b"Authorization: Basic \xff\r\n",
        b"ffffffffffffffff\r\n",
    ),
    *(
        b"Sec-Fetch-Site: cross-site\r\n",
        b"X-Forwarded-For: ::1\r\n",
        b"0\r\n\r\n",
        b"3\r\nabc\r\n",
    ),
    *(b"a" * 9000, b"X-A: 1\r\n" * 130, SMUGGLED, AFTER),
)
_FIELDS = (
    *(b"Accept: text/html\r\n", b"Accept: */*;q=x,,;\r\n", b"Accept: application/json;q=-1\r\n"),
    *(b"Accept-Encoding: gzip;q=0, br\r\n", b"Accept-Encoding: \xff\r\n", b"Accept-Language: \r\n"),
    *(b"Cookie: a=b; a=c; =; ;\r\n", b"Cookie: \xc3\x28\r\n", b"Cookie: tbgateway=tbs_1_2\r\n"),
    *(b"Range: bytes=5-1\r\n", b"Range: x\r\n", b"If-None-Match: W/x, *\r\n", b'If-Match: "\r\n'),
    *(b"If-Modified-Since: yesterday\r\n", b"Origin: null\r\n", b"Origin: http://[\r\n"),
    *(b"Referer: http://gateway.test:99999/\r\n", b"Referer: //[::1\r\n", b"Last-Event-ID: x\r\n"),
    *(b"Sec-Fetch-Site: none\r\n", b"Sec-Fetch-Mode: navigate\r\n", b"Sec-Fetch-Dest: \xff\r\n"),
    *(b"X-Forwarded-For: ,\r\n", b"X-Forwarded-Host: [\r\n", b"Prefer: wait=-1, wait=x\r\n"),
    *(
        b"Content-Type: x/y; charset=\xff\r\n",
        b"Content-Encoding: gzip\r\n",
        b"X-API-Key: \xff\r\n",
    ),
)
_TAILS = (
    *(b"?", b"?a=b", b"?x=%ff", b"?tag=%00&run=", b"?limit=-1", b"?limit=1e9", b"&q=%zz", b"/"),
    *(b"x", b"%41", b"%ff", b"/..", b"/%2e", b".js", b"?_file_hash=1", b"?cursor=\xc3", b"/a" * 99),
)
_LONGEST = 40_000  # bytes of one mutant


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Return a request after one to three mutations."""
    raw = draw(st.sampled_from(PLAIN) | st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 3))):
        raw = draw(st.sampled_from(_WELL_FORMED) | st.sampled_from(_WAYS))(draw, raw)[:_LONGEST]
    return raw


def _inserted(draw: st.DrawFn, raw: bytes) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + draw(st.sampled_from(_TOKENS)) + raw[at:]


def _replaced(draw: st.DrawFn, raw: bytes) -> bytes:
    begin, end = _part(draw, raw)
    return raw[:begin] + draw(st.sampled_from(_TOKENS)) + raw[end:]


def _deleted(draw: st.DrawFn, raw: bytes) -> bytes:
    begin, end = _part(draw, raw)
    return raw[:begin] + raw[end:]


def _doubled(draw: st.DrawFn, raw: bytes) -> bytes:
    begin, end = _part(draw, raw)
    return raw[:end] + raw[begin:]


def _spliced(draw: st.DrawFn, raw: bytes) -> bytes:
    other = draw(st.sampled_from(SEEDS))
    return raw[: draw(st.integers(0, len(raw)))] + other[draw(st.integers(0, len(other))) :]


def _spoilt(draw: st.DrawFn, raw: bytes) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + draw(st.binary(min_size=1, max_size=4)) + raw[at + 1 :]


def _line_moved(draw: st.DrawFn, raw: bytes) -> bytes:
    lines = raw.split(b"\r\n")
    moved = lines.pop(draw(st.integers(0, len(lines) - 1)))
    lines.insert(draw(st.integers(0, len(lines))), moved)
    return b"\r\n".join(lines)


def _field_added(draw: st.DrawFn, raw: bytes) -> bytes:
    line, end, rest = raw.partition(b"\r\n")
    return line + end + draw(st.sampled_from(_FIELDS)) + rest


def _target_grown(draw: st.DrawFn, raw: bytes) -> bytes:
    line, version, rest = raw.partition(b" HTTP/1")
    return line + draw(st.sampled_from(_TAILS)) + version + rest


_WELL_FORMED = (_field_added, _target_grown)
_WAYS = (_inserted, _replaced, _deleted, _doubled, _spliced, _spoilt, _line_moved)


def _part(draw: st.DrawFn, raw: bytes) -> tuple[int, int]:
    begin = draw(st.integers(0, len(raw)))
    return begin, draw(st.integers(begin, min(len(raw), begin + 64)))
