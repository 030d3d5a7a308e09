"""Paths by which a visitor of one board tries to get somewhere else, and paths that are his own.

Every target is sent with the password of `vision`. What is no dot segment, no second slash and
nothing that somebody decodes into one arrives as it was sent; all else arrives nowhere.
"""

import itertools

from edge_cases.case import HEAD, Arrives, Case, Refused

_DOTS = (
    ("..", "RFC 3986 §5.2.4"),
    ("%2e%2e", "RFC 3986 §6.2.2.2"),
    ("%2E%2E", "RFC 3986 §6.2.2.1"),
    (".%2e", "RFC 3986 §6.2.2.2"),
    ("%2E.", "RFC 3986 §6.2.2.1"),
    ("%2e%2E", "RFC 3986 §6.2.2.1"),
    ("%252e%252e", "RFC 3986 §2.4"),
    ("%252E.", "RFC 3986 §2.4"),
    ("%25252e%25252e", "RFC 3986 §2.4"),
    ("%25%32%65%25%32%65", "RFC 3986 §2.4"),
    ("..;", "RFC 3986 §3.3"),
    ("..;x=1", "RFC 3986 §3.3"),
    ("%2e%2e;", "RFC 3986 §3.3"),
    ("..%3b", "RFC 3986 §3.3"),
    ("..%00", "RFC 3986 §7.3"),
    ("..%0d", "RFC 3986 §7.3"),
    ("..%0a", "RFC 3986 §7.3"),
    ("..%09", "RFC 3986 §7.3"),
    ("..%7f", "RFC 3986 §7.3"),
    ("%c0%ae%c0%ae", "RFC 3629 §3"),
    ("%e0%80%ae%e0%80%ae", "RFC 3629 §3"),
    ("%f0%80%80%ae%f0%80%80%ae", "RFC 3629 §3"),
    ("%c0%2e%c0%2e", "RFC 3629 §3"),
    ("%ed%a0%80..", "RFC 3629 §3"),
    ("%ff..", "RFC 3629 §3"),
    ("%u002e%u002e", "RFC 3986 §2.1"),
    ("%2", "RFC 3986 §2.1"),
    ("..%", "RFC 3986 §2.1"),
    ("%zz..", "RFC 3986 §2.1"),
    ("%%32%65%%32%65", "RFC 3986 §2.1"),
)
"""Segments that somebody may read as the one above."""

_SLASHES = (
    ("%2f", "RFC 3986 §2.2"),
    ("%2F", "RFC 3986 §6.2.2.1"),
    ("%252f", "RFC 3986 §2.4"),
    ("%25252F", "RFC 3986 §2.4"),
    ("%%32%66", "RFC 3986 §2.1"),
    ("%25%32%66", "RFC 3986 §2.4"),
    ("\\", "RFC 3986 §2"),
    ("%5c", "RFC 3986 §2.1"),
    ("%5C", "RFC 3986 §6.2.2.1"),
    ("%255c", "RFC 3986 §2.4"),
    ("//", "RFC 3986 §3.3"),
    ("/./", "RFC 3986 §5.2.4"),
    ("/%2e/", "RFC 3986 §6.2.2.2"),
    (";/", "RFC 3986 §3.3"),
    ("/;/", "RFC 3986 §3.3"),
    ("%c0%af", "RFC 3629 §3"),
    ("%e0%80%af", "RFC 3629 §3"),
    ("%c1%9c", "RFC 3629 §3"),
    ("/%00/", "RFC 3986 §7.3"),
)
"""What somebody may read as a slash, or overlook between two."""

_WAYS_UP = (
    "/boards/vision{s}{u}{s}audio{s}case",
    "/boards/vision/case{s}{u}{s}{u}{s}audio{s}case",
    "/boards/{u}{s}boards{s}audio{s}case",
)

_ELSEWHERE = (
    ("//boards/audio/case", "RFC 3986 §3.3"),
    ("/boards//audio/case", "RFC 3986 §3.3"),
    ("/boards/vision//case", "RFC 3986 §3.3"),
    ("/./boards/audio/case", "RFC 3986 §5.2.4"),
    ("/boards/./audio/case", "RFC 3986 §5.2.4"),
    ("/boards/vision/.", "RFC 3986 §5.2.4"),
    ("/boards/vision/..", "RFC 3986 §5.2.4"),
    ("/boards/vision/../vision/case", "RFC 3986 §5.2.4"),
    ("\\boards\\audio\\case", "RFC 9112 §3.2.1"),
    ("/boards\\audio\\case", "RFC 3986 §2"),
    ("/boards/audio\\..\\vision/case", "RFC 3986 §2"),
    ("/boards/vision%00/../audio/case", "RFC 3986 §7.3"),
    ("/boards/vision%00audio/case", "RFC 3986 §7.3"),
    ("/boards/vision%2faudio/case", "RFC 3986 §2.2"),
    ("/boards/vision;audio/case", "RFC 3986 §3.3"),
    ("/boards/audio;vision/case", "RFC 3986 §3.3"),
    ("/boards/audio;/case", "RFC 3986 §3.3"),
    ("/boards/vision/case#/../../audio/case", "RFC 9112 §3.2.1"),
    ("/boards/audio#/boards/vision/case", "RFC 9112 §3.2.1"),
    ("/boards/vision/case#", "RFC 9112 §3.2.1"),
    ("http://gateway.test/boards/audio/case", "RFC 9112 §3.2.2"),
    ("http://gateway.test/boards/vision/../audio/case", "RFC 9112 §3.2.2"),
    ("http://vision@gateway.test/boards/audio/case", "RFC 9112 §3.2.2"),
    ("HTTP://GATEWAY.TEST/boards/audio/case", "RFC 9112 §3.2.2"),
    ("https://gateway.test/boards/audio/case", "RFC 9112 §3.2.2"),
    ("//gateway.test/boards/audio/case", "RFC 3986 §4.2"),
    ("///gateway.test/boards/audio/case", "RFC 3986 §4.2"),
    ("/\\gateway.test/boards/audio/case", "RFC 3986 §4.2"),
    ("/http://gateway.test/boards/audio/case", "RFC 3986 §3.3"),
    ("gateway.test/boards/audio/case", "RFC 9112 §3.2"),
    ("boards/audio/case", "RFC 9112 §3.2.1"),
    ("?/boards/audio/case", "RFC 9112 §3.2.1"),
    ("*", "RFC 9112 §3.2.4"),
    ("/boards/vision/ca\x7fse", "RFC 9112 §3.2"),
    ("/boards/vision/ca\x01se", "RFC 9112 §3.2"),
    ("/boards/vision/\u00fc", "RFC 9112 §3.2"),
    ("/boards/vision/case?\u00fc", "RFC 9112 §3.2"),
    ("/boards/vision/%2500", "RFC 3986 §7.3"),
    ("/boards/vision/case%", "RFC 3986 §2.1"),
    ("/boards/vision/case%4", "RFC 3986 §2.1"),
    ("/boards/vision/case%4g", "RFC 3986 §2.1"),
    ("/boards/vision/case%-1", "RFC 3986 §2.1"),
    ("/boards/vision/case% 41", "RFC 9112 §3"),
    ("/boards/vision/%2525252525252541", "RFC 3986 §2.4"),
    ("/boards/vision/a%0d%0aX-A:%201", "RFC 3986 §7.3"),
    ("/boards/vision/a%0aGET%20/x", "RFC 3986 §7.3"),
)

_OTHER_NAMES = (
    "/boards/audio/case",
    "/boards/%61udio/case",
    "/boards/a%75dio/case",
    "/boards/%61%75%64%69%6f/case",
    "/boards/%61%75%64%69%6F/case",
    "/boards/AUDIO/case",
    "/boards/Vision/case",
    "/boards/VISION/case",
    "/boards/vision%20/case",
    "/boards/%20vision/case",
    "/boards/vision./case",
    "/boards/visio%ef%bd%8e/case",
    "/boards/vi%c5%bfion/case",
    "/boards/vision,audio/case",
    "/boards/vision+audio/case",
    "/boards/vision:audio/case",
    "/boards/vision@audio/case",
    "/boards/vision&audio/case",
    "/boards/vision%2caudio/case",
    "/boards/vision%26audio/case",
    "/boards/vision%3faudio/case",
    "/boards/vision%23audio/case",
    "/boards/*/case",
    "/boards/%2a/case",
    "/boards/.../case",
    "/boards/-/case",
    "/Boards/audio/case",
    "/BOARDS/vision/case",
    "/%62oards/audio/case",
    "/%62oards/vision/case",
    "/board%73/audio/case",
    "/boards?/boards/vision/case",
    "/boards%3f/vision/case",
    "/case",
    "/vision/case",
    "/audio/case",
    "/api/v1/boards/audio",
    "/api/v1/boards/audio/log",
    "/api/v1/boards",
    "/API/v1/boards",
    "/metrics",
    "/ui/boards/audio",
)
"""Well-formed, and not what the password is for, or not there at all."""

_PREFIXED = (
    "/team/tbx/boards/vision/case",
    "/team/tb%2fboards/vision/case",
    "/team/tb/team/tb/boards/vision/case",
    "/team//tb/boards/vision/case",
    "//team/tb/boards/vision/case",
    "/team/tb//boards/vision/case",
    "/team/tb/../tb/boards/vision/case",
    "/team/tb/../../boards/vision/case",
    "/team/%74b/boards/vision/case",
    "/TEAM/TB/boards/vision/case",
    "/team/tb;/boards/vision/case",
    "/team/boards/vision/case",
    "/tb/boards/vision/case",
    "/team/tb/boards/audio/case",
    "/team/tb/boards/vision/../audio/case",
    "/team/tb%00/boards/vision/case",
    "/team/tb\\boards\\vision\\case",
)

_OWN = (
    ("/case", "RFC 9112 §3.2.1"),
    ("/case/", "RFC 3986 §3.3"),
    ("/case?a=1&b=2", "RFC 3986 §3.4"),
    ("/case?", "RFC 3986 §3.4"),
    ("/case??", "RFC 3986 §3.4"),
    ("/case?x=/../../audio/case", "RFC 3986 §3.4"),
    ("/case?x=%2e%2e%2faudio", "RFC 3986 §3.4"),
    ("/case?x=..\\..;//%00%zz%", "RFC 3986 §3.4"),
    ("/case?x=http://gateway.test/boards/audio", "RFC 3986 §3.4"),
    ("/case?x=a%2Fb%2fc+d%20e", "RFC 3986 §2.1"),
    ("/a%20b", "RFC 3986 §2.1"),
    ("/a%23b%3fc", "RFC 3986 §2.2"),
    ("/%41%42", "RFC 3986 §6.2.2.2"),
    ("/%61%62", "RFC 3986 §6.2.2.2"),
    ("/%7e%7E~", "RFC 3986 §6.2.2.1"),
    ("/%5f%5F_", "RFC 3986 §6.2.2.1"),
    ("/%2d%2D-", "RFC 3986 §6.2.2.1"),
    ("/%c3%bc", "RFC 3629 §3"),
    ("/%C3%BC", "RFC 3986 §6.2.2.1"),
    ("/%e2%82%ac%f0%9f%98%80", "RFC 3629 §3"),
    ("/%ef%bc%8e%ef%bc%8e/audio", "RFC 3629 §3"),
    ("/%ef%bc%8faudio", "RFC 3629 §3"),
    ("/%e2%88%95audio", "RFC 3629 §3"),
    ("/a%25b", "RFC 3986 §2.4"),
    ("/a%2541b", "RFC 3986 §2.4"),
    ("/...", "RFC 3986 §3.3"),
    ("/.a/..b/c./d..", "RFC 3986 §5.2.4"),
    ("/a...b", "RFC 3986 §3.3"),
    ("/!$&'()*+,=:@-._~", "RFC 3986 §3.3"),
    ("/a:b@c", "RFC 3986 §3.3"),
    ('/[a]{b}|c^d`e"f<g>', "RFC 3986 §2"),
    ("/boards/audio/case", "RFC 3986 §3.3"),
    ("/http:/gateway.test", "RFC 3986 §3.3"),
    ("/CASE", "RFC 3986 §6.2.2.1"),
)
"""Below the board's own slash: these arrive, each byte as it is."""


def _case(target: str, clause: str, expected: Arrives | Refused) -> Case:
    raw = b"GET " + target.encode() + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    return Case(ascii(target).strip("'"), clause, raw, expected)


_LOST = Refused((401, 403, 404, 307, 308), keeps=True)

CONTROLS = tuple(
    _case(f"/boards/vision{rest}", clause, Arrives(f"GET {rest}".encode())) for rest, clause in _OWN
)

REFUSED = (
    *(_case(way.format(u=up, s="/"), clause, Refused())
      for way, (up, clause) in itertools.product(_WAYS_UP, _DOTS)),
    *(_case(way.format(u="..", s=slash), clause, Refused())
      for way, (slash, clause) in itertools.product(_WAYS_UP, _SLASHES)),
    *(_case(f"/boards/vision{slash}{up}{slash}audio/case", f"{clause}, {other}", Refused())
      for (up, clause), (slash, other) in itertools.product(_DOTS[1:8], _SLASHES[:13])),
    *(_case(target, clause, Refused()) for target, clause in _ELSEWHERE),
)  # fmt: skip

ELSEWHERE = tuple(_case(target, "RFC 9110 §11.5", _LOST) for target in _OTHER_NAMES)


def _is_doubtful(target: str) -> bool:
    return any(sign in target for sign in ("//", "..", "%2f", ";", "%00", "\\"))


PREFIXES = (
    _case("/team/tb/boards/vision/case", "RFC 3986 §3.3", Arrives(b"GET /case")),
    _case("/team/tb/boards/vision/team/tb", "RFC 3986 §3.3", Arrives(b"GET /team/tb")),
    *(_case(target, "RFC 3986 §3.3", Refused() if _is_doubtful(target) else _LOST)
      for target in _PREFIXED),
)  # fmt: skip
"""With what `public_url` names before them, or something like it."""
