"""What a gateway must do with requests that are in order: methods, hops, versions, expectations."""

from edge_cases.case import (
    AUTH,
    BELOW,
    CHUNKED,
    HEAD,
    HOST,
    SMUGGLED,
    Arrives,
    Case,
    Refused,
    get,
    post,
)

_CASE = Arrives(b"GET /case")
_LAST = Arrives(b"GET /case", keeps=False)
_OLD = get().replace(b"HTTP/1.1", b"HTTP/1.0")
_LENGTH = b"Content-Length: 3\r\n"

METHODS = (
    Case("GET", "RFC 9110 §9.3.1", get(), _CASE),
    Case("HEAD", "RFC 9110 §9.3.2", get(method=b"HEAD"), Arrives(b"HEAD /case")),
    Case("POST", "RFC 9110 §9.3.3", post(_LENGTH, b"abc"), Arrives(b"POST /case", b"abc")),
    Case("PUT", "RFC 9110 §15.5.6", get(_LENGTH, method=b"PUT") + b"abc",
         Refused((405,), keeps=True)),
    Case("DELETE", "RFC 9110 §15.5.6", get(method=b"DELETE"), Refused((405,), keeps=True)),
    Case("PATCH", "RFC 9110 §15.5.6", get(_LENGTH, method=b"PATCH") + b"abc",
         Refused((405,), keeps=True)),
    Case("OPTIONS", "RFC 9110 §15.5.6", get(method=b"OPTIONS"), Refused((405,), keeps=True)),
    Case("TRACE", "RFC 9110 §9.3.8", get(method=b"TRACE"), Refused((405,))),
    Case("CONNECT to a path", "RFC 9110 §9.3.6", get(method=b"CONNECT"), Refused((400, 405))),
    Case("CONNECT to a host", "RFC 9110 §9.3.6",
         b"CONNECT gateway.test:80 HTTP/1.1\r\n" + HEAD + b"\r\n", Refused((400, 405))),
    Case("a method in small letters", "RFC 9110 §9.1", get(method=b"get"), Refused((400, 405))),
    Case("an unknown method", "RFC 9110 §9.1", get(method=b"FROBNICATE"), Refused((400, 405))),
    Case("a method of WebDAV", "RFC 9110 §9.1", get(method=b"PROPFIND"), Refused((405,))),
    Case("a method that is no token", "RFC 9110 §9.1", get(method=b"G(T"), Refused()),
    Case("the preface of HTTP/2", "RFC 9113 §3.4",
         b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Refused((400, 405))),
    Case("the hello of TLS", "RFC 9112 §2.2",
         b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", Refused()),
)  # fmt: skip

TARGETS = (
    Case("an absolute target", "RFC 9112 §3.2.2",
         get().replace(b"GET ", b"GET http://gateway.test"), Refused()),
    Case("an absolute target elsewhere", "RFC 9112 §3.2.2",
         get().replace(b"GET ", b"GET http://evil.test"), Refused()),
    Case("a host and a port", "RFC 9112 §3.2.3",
         b"GET gateway.test:80 HTTP/1.1\r\n" + HEAD + b"\r\n", Refused()),
    Case("an asterisk", "RFC 9112 §3.2.4", b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n", Refused()),
    Case("an asterisk to read", "RFC 9112 §3.2.4",
         b"GET * HTTP/1.1\r\n" + HEAD + b"\r\n", Refused()),
    Case("a target too long", "RFC 9112 §3",
         get(target=b"/" + b"a" * 9000), Refused((414,))),
)  # fmt: skip

_NOMINATED = (
    ("a field of one's own", b"Connection: X-A\r\nX-A: 1\r\n", ()),
    ("in other capitals", b"CONNECTION: x-a\r\nX-A: 1\r\n", ()),
    ("several", b"Connection: X-A, X-B\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\n", (b"X-C: 3",)),
    ("in two fields", b"Connection: X-A\r\nConnection: X-B\r\nX-A: 1\r\nX-B: 2\r\n", ()),
    ("after the field", b"X-A: 1\r\nConnection: X-A\r\n", ()),
    ("with empty elements", b"Connection: ,, X-A ,\r\nX-A: 1\r\n", ()),
    ("one that is not there", b"Connection: X-B\r\nX-A: 1\r\n", (b"X-A: 1",)),
    ("the host", b"Connection: Host\r\n", ()),
    ("the credentials", b"Connection: Authorization\r\n", ()),
)
_HOPS = (b"Keep-Alive: timeout=5", b"Proxy-Connection: keep-alive", b"TE: trailers",
         b"Trailer: X-Sum", b"Proxy-Authorization: Basic YTpi", b"Proxy-Authenticate: Basic",
         b"HTTP2-Settings: AAMAAABk")  # fmt: skip
_CLAIMS = (b"X-Forwarded-For: 192.0.2.1", b"X-Forwarded-Host: evil.test",
           b"X-Forwarded-Proto: gopher", b"X-Forwarded-Prefix: /evil", b"Forwarded: for=192.0.2.1",
           b"X-Real-IP: 192.0.2.1", b"Via: 1.1 somebody", b"Cookie: a=b", b"X-API-Key: x",
           b"X_Forwarded_For: 192.0.2.1", b"Content_Length: 9",
           b"Transfer_Encoding: chunked")  # fmt: skip

HOPS = (
    *(Case(f"nominated by Connection: {name}", "RFC 9110 §7.6.1", get(fields),
           Arrives(b"GET /case", fields=left)) for name, fields, left in _NOMINATED),
    Case("the length, nominated by Connection", "RFC 9110 §7.6.1",
         post(b"Connection: Content-Length\r\n" + _LENGTH, b"abc"), Arrives(b"POST /case", b"abc")),
    Case("the coding, nominated by Connection", "RFC 9110 §7.6.1",
         post(b"Connection: Transfer-Encoding\r\n" + CHUNKED, b"3\r\nabc\r\n0\r\n\r\n"),
         Arrives(b"POST /case", b"abc", keeps=False)),
    *(Case(f"for one hop only: {field.decode()}", "RFC 9110 §7.6.1", get(field + b"\r\n"), _CASE)
      for field in _HOPS),
    *(Case(f"not the client's to say: {field.decode()}", "RFC 9110 §17.1", get(field + b"\r\n"),
           _CASE) for field in _CLAIMS),
)  # fmt: skip

_WEBSOCKET = (b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")  # fmt: skip
_SOCKET_FIELDS = (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
_SWITCH = b"Connection: Upgrade\r\nUpgrade: "

UPGRADES = (
    Case("to WebSocket", "RFC 9110 §7.8", get(_WEBSOCKET),
         Arrives(b"GET /case", fields=_SOCKET_FIELDS, keeps=False)),
    Case("to WebSocket, with frames behind it", "RFC 6455 §4.1",
         get(_WEBSOCKET) + b"\x81\x85\x01\x02\x03\x04" + SMUGGLED,
         Arrives(b"GET /case", fields=_SOCKET_FIELDS, keeps=False)),
    Case("to WebSocket, with a body", "RFC 9110 §7.8",
         post(b"Connection: Upgrade\r\nUpgrade: websocket\r\n" + _LENGTH, b"abc"),
         Arrives(b"POST /case", b"abc", keeps=False)),
    Case("to WebSocket, with a request for a body", "RFC 9110 §7.8",
         post(_SWITCH + b"websocket\r\nContent-Length: %d\r\n" % len(SMUGGLED), SMUGGLED),
         Arrives(b"POST /case", SMUGGLED, keeps=False)),
    Case("to WebSocket, in chunks", "RFC 9110 §7.8",
         post(_SWITCH + b"websocket\r\n" + CHUNKED, b"3\r\nabc\r\n0\r\n\r\n"),
         Arrives(b"POST /case", b"abc", keeps=False)),
    Case("to WebSocket in other capitals", "RFC 9110 §7.8",
         get(b"connection: uPGRADE\r\nuPGRADE: WebSocket\r\n"), _LAST),
    Case("to HTTP/2", "RFC 9113 §3.1",
         get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"),
         _LAST),
    Case("to HTTP/2, with a body", "RFC 9113 §3.1",
         post(_SWITCH + b"h2c\r\n" + _LENGTH, b"abc"), Arrives(b"POST /case", b"abc", keeps=False)),
    Case("to TLS", "RFC 9110 §7.8", get(_SWITCH + b"TLS/1.0\r\n"), _LAST),
    Case("to anything", "RFC 9110 §7.8", get(_SWITCH + b"\r\n"), _CASE),
    Case("in HTTP/1.0", "RFC 9110 §7.8",
         get(_SWITCH + b"websocket\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"), _LAST),
    Case("not nominated by Connection", "RFC 9110 §7.8", get(b"Upgrade: websocket\r\n"), _CASE),
)  # fmt: skip

CONNECTIONS = (
    Case("one that is to stay", "RFC 9112 §9.3", get(b"Connection: keep-alive\r\n"), _CASE),
    Case("one that is to end", "RFC 9112 §9.6", get(b"Connection: close\r\n"), _LAST, alone=True),
    Case("one that is to end, in capitals", "RFC 9112 §9.6",
         get(b"Connection: CLOSE\r\n"), _LAST, alone=True),
    Case("one that is to end, among others", "RFC 9112 §9.6",
         get(b"Connection: X-A, close\r\n"), _LAST, alone=True),
    # Who says that a request is the last one must not send another: the two do not fit together.
    Case("one that goes on after its end", "RFC 9112 §9.6",
         get(b"Connection: close\r\n"), Refused()),
    Case("one of HTTP/1.0 that goes on after its end", "RFC 9112 §9.3", _OLD, Refused()),
    Case("HTTP/1.0", "RFC 9112 §9.3", _OLD, _LAST, alone=True),
    Case("HTTP/1.0 without a host", "RFC 9112 §3.2", _OLD.replace(HOST, b""), _LAST, alone=True),
    Case("HTTP/1.0 that is to stay", "RFC 9112 §9.3",
         _OLD[:-2] + b"Connection: keep-alive\r\n\r\n", _CASE),
    Case("HTTP/1.0 with a body", "RFC 9112 §6.3",
         post(_LENGTH, b"abc").replace(b"HTTP/1.1", b"HTTP/1.0"),
         Arrives(b"POST /case", b"abc", keeps=False), alone=True),
)  # fmt: skip

_ANONYMOUS = b"GET " + BELOW + b"/smuggled HTTP/1.1\r\n" + HOST + b"\r\n"

PIPELINES = (
    Case("who follows is asked for his own password", "RFC 9110 §11.6.2",
         _ANONYMOUS, Refused((401,), keeps=True)),
    Case("the body of a GET is not a request", "RFC 9110 §9.3.1",
         get(b"Content-Length: %d\r\n" % len(SMUGGLED)) + SMUGGLED, _CASE),
    Case("the body of a HEAD is not a request", "RFC 9110 §9.3.2",
         get(b"Content-Length: %d\r\n" % len(SMUGGLED), method=b"HEAD") + SMUGGLED,
         Arrives(b"HEAD /case")),
    Case("the body of a GET in chunks is not a request", "RFC 9110 §9.3.1",
         get(CHUNKED) + b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n", _LAST),
    Case("the body of who is refused is not a request", "RFC 9110 §9.3.3",
         b"POST " + BELOW + b"/case HTTP/1.1\r\n" + HOST
         + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, Refused((401,), keeps=True)),
    Case("wrong credentials of the first are not those of the next", "RFC 9110 §11.6.2",
         get().replace(AUTH, b"Authorization: Basic YTpi\r\n"), Refused((401,), keeps=True)),
)  # fmt: skip

_EXPECT = b"Expect: 100-continue\r\n"

EXPECTATIONS = (
    Case("100-continue, with the body", "RFC 9110 §10.1.1",
         post(_EXPECT + _LENGTH, b"abc"), Arrives(b"POST /case", b"abc")),
    Case("100-continue in other capitals", "RFC 9110 §10.1.1",
         post(b"Expect: 100-Continue\r\n" + _LENGTH, b"abc"), Arrives(b"POST /case", b"abc")),
    Case("100-continue without a body", "RFC 9110 §10.1.1", get(_EXPECT), _CASE),
    Case("100-continue in HTTP/1.0", "RFC 9110 §10.1.1",
         post(_EXPECT + _LENGTH, b"abc").replace(b"HTTP/1.1", b"HTTP/1.0"),
         Arrives(b"POST /case", b"abc", keeps=False), alone=True),
    Case("anything else", "RFC 9110 §10.1.1",
         post(b"Expect: 200-ok\r\n" + _LENGTH, b"abc"), Refused()),
    Case("100-continue twice", "RFC 9110 §10.1.1",
         post(_EXPECT * 2 + _LENGTH, b"abc"), Refused()),
    Case("a list", "RFC 9110 §10.1.1",
         post(b"Expect: 100-continue, x\r\n" + _LENGTH, b"abc"), Refused()),
)  # fmt: skip

ALL = (*METHODS, *TARGETS, *HOPS, *UPGRADES, *CONNECTIONS, *PIPELINES, *EXPECTATIONS)
