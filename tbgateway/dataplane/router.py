"""Which route a raw path belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from tbgateway.domain.errors import BadRequestError, MethodNotAllowedError, NotFoundError
from tbgateway.routes import Route

Methods = dict[str, Route]
_Capture = tuple[int, str, bool]
"""The place of a parameter, its name, and whether it takes everything from there."""


@dataclass(frozen=True, slots=True)
class Match:
    """A route and what its pattern captured."""

    route: Route
    params: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    """A place in the tree of patterns: the routes that end here, and where it goes on."""

    methods: Methods = field(default_factory=dict)
    below: Methods = field(default_factory=dict)  # routes that take everything below
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None

    def grow(self, segment: str) -> "_Node":
        """Return the child for one segment of a pattern, making it if needed."""
        if not segment.startswith("{"):
            return self.literals.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter

    def find(self, segments: Sequence[str]) -> Methods:
        """Return the routes that fit: a literal goes before a parameter, that before a rest."""
        if not segments:
            return self.methods
        first, rest = segments[0], segments[1:]
        literal = self.literals.get(first)
        parameter = self.parameter if first else None
        return (
            (literal.find(rest) if literal else {})
            or (parameter.find(rest) if parameter else {})
            or self.below
        )


class Router:
    """Finds the route of a method and a raw path.

    Raise ValueError at construction if two routes are the same or a pattern is malformed.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._root = _Node()
        self._captures = {route.pattern: _captures(route.pattern) for route in self.routes}
        for route in self.routes:
            self._plant(route)

    def match(self, method: str, path: str) -> Match:
        """Return the route of a raw path; raise NotFoundError or MethodNotAllowedError."""
        segments = path.split("/")[1:]
        methods = self._root.find(segments)
        if not methods:
            raise NotFoundError("There is no such page.", hint="The boards are listed at /")
        route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if route is None:
            raise _refused(method, methods)
        return Match(route, _captured(self._captures[route.pattern], segments))

    def _plant(self, route: Route) -> None:
        start, *segments = route.pattern.split("/")
        if start or any(_takes_rest(segment) for segment in segments[:-1]):
            raise ValueError(f"a malformed pattern: {route.pattern!r}")
        node, last = self._root, segments[-1]
        for segment in segments[:-1]:
            node = node.grow(segment)
        methods = node.below if _takes_rest(last) else node.grow(last).methods
        if route.method in methods:
            raise ValueError(f"two routes for {route.method} {route.pattern}")
        methods[route.method] = route


def _takes_rest(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("*}")


def _captures(pattern: str) -> tuple[_Capture, ...]:
    """Return which segments of a pattern are parameters."""
    return tuple(
        (place, segment.strip("{*}"), _takes_rest(segment))
        for place, segment in enumerate(pattern.split("/")[1:])
        if segment.startswith("{")
    )


def _captured(captures: Iterable[_Capture], segments: Sequence[str]) -> dict[str, str]:
    """Return the parameters: single segments decoded, what lies below left raw."""
    return {
        name: "/".join(segments[place:]) if takes_rest else _decoded(segments[place])
        for place, name, takes_rest in captures
    }


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequestError("The path holds bytes that are not UTF-8.") from error


def _refused(method: str, methods: Methods) -> MethodNotAllowedError:
    allow = frozenset(methods) | ({"HEAD"} if "GET" in methods else frozenset())
    return MethodNotAllowedError(
        f"{method} cannot be used here.",
        allow=allow,
        hint=f"Allowed: {', '.join(sorted(allow))}",
    )
