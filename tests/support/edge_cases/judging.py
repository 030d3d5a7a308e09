"""What became of a case, judged by the bytes that reached boards and those that came back."""

from dataclasses import dataclass

from edge_cases.case import AFTER, AUTH, Arrives, Case, Refused, on_the_wire
from edge_cases.wire_board import Arrived, unchunked

AFTERS_LINE = b"GET /after"
_NEVER_ECHOED = (b"smuggled", b"aiohttp", AUTH.split()[-1])


@dataclass(frozen=True)
class Told:
    """One answer as a client got it."""

    status: int
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def field(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name]


@dataclass(frozen=True)
class Outcome:
    """What reached boards because of a case, and what its client got."""

    arrived: list[Arrived]
    answered: bytes

    def requests(self) -> list[tuple[str, bytes, bytes]]:
        """Which board got which request with which body."""
        return [(one.board, one.line, one.body) for one in self.arrived]


def answers(raw: bytes, methods: tuple[bytes, ...] = ()) -> list[Told]:
    """Take a connection's bytes apart, strictly; raise ValueError if something is left over.

    `methods` are those of the requests, in order; GET if nothing is said.
    """
    found: list[Told] = []
    while raw:
        told, raw = _first(raw, methods[len(found)] if len(found) < len(methods) else b"GET")
        if told.status >= 200:
            found.append(told)
    return found


def _first(raw: bytes, method: bytes) -> tuple[Told, bytes]:
    head, end, rest = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    if not end or not first.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")):
        raise ValueError(f"no answer: {raw[:200]!r}")
    fields = tuple((name, value.strip()) for name, _, value in (x.partition(b":") for x in lines))
    told = Told(int(first.split(b" ")[1]), fields, b"")
    if method == b"HEAD" or told.status < 200 or told.status in {204, 304}:
        return told, rest
    if told.field(b"transfer-encoding"):
        body = unchunked(rest)
        return Told(told.status, fields, body), rest[_chunked_length(rest) :]
    (length,) = map(int, told.field(b"content-length"))
    if len(rest) < length:
        raise ValueError(f"cut short: {raw[:200]!r}")
    return Told(told.status, fields, rest[:length]), rest[length:]


def _chunked_length(raw: bytes) -> int:
    at = 0
    while True:
        end = raw.index(b"\r\n", at)
        size = int(raw[at:end].partition(b";")[0], 16)
        at = end + 2 + size + 2
        if not size:
            return at


def misled(case: Case, outcome: Outcome) -> list[str]:
    """Say what is wrong with what reached boards, whoever stood in front of them."""
    expected = case.expected
    wanted: list[tuple[str, bytes, bytes]] = []
    if isinstance(expected, Arrives):
        wanted.append(("vision", expected.line, expected.body or b""))
    following = [] if case.alone else [("vision", AFTERS_LINE, b"")]
    ways = [wanted + following] if expected.keeps else [wanted]
    if isinstance(expected, Arrives):  # that the connection ends then is the gateway's own care
        ways.append(wanted + following)
    got = outcome.requests()
    return [] if got in ways else [f"{case.clause}: {got} arrived, not {wanted}"]


def wrongs(case: Case, outcome: Outcome) -> list[str]:
    """Say all that is wrong: as `misled`, and byte by byte, and in what the client was told."""
    found = misled(case, outcome)
    if found:
        return [*found, repr(outcome.answered[:300])]
    expected = case.expected
    wires = [on_the_wire(expected)] if isinstance(expected, Arrives) else []
    if expected.keeps and not case.alone:
        wires.append(on_the_wire(Arrives(AFTERS_LINE)))
    got = [bytes(one.raw) for one in outcome.arrived]
    found += [] if got == wires else [f"{got} is not {wires}"]
    told = answers(outcome.answered, (case.raw.split(b" ")[0],))
    if outcome.answered.startswith(b"HTTP/1.0") and b" HTTP/1.0\r\n" not in case.raw:
        found.append("answered in HTTP/1.0")
    if isinstance(expected, Refused):
        found += [f"{one!r} is echoed" for one in _NEVER_ECHOED if one in outcome.answered]
        return found + _wrong_refusal(expected, told, alone=case.alone)
    bodies = [one.body for one in told]
    method = expected.line.split(b" ")[0]
    echo = b"" if method == b"HEAD" else b"vision got " + expected.line
    rest = [b"vision got " + AFTERS_LINE] if expected.keeps and not case.alone else []
    found += [] if bodies == [echo, *rest] else [f"{bodies} was answered"]
    return found + ([] if case.alone or not told else _wrong_end(expected, told[0]))


def _wrong_end(expected: Arrives | Refused, told: Told) -> list[str]:
    if not expected.keeps and told.field(b"connection") != [b"close"]:
        return ["the answer does not say that it is the last one"]
    return []


def _wrong_refusal(expected: Refused, told: list[Told], *, alone: bool) -> list[str]:
    many = 0 if not expected.statuses else 2 if expected.keeps and not alone else 1
    if len(told) != many or (told and told[0].status not in expected.statuses):
        return [f"answered {[one.status for one in told]}, not {expected.statuses}"]
    return _wrong_end(expected, told[0]) if told else []


def after(case: Case) -> bytes:
    """Return what is sent after a case on its connection."""
    return b"" if case.alone else AFTER
