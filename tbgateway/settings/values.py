"""The kinds of values that settings take: how each is read, checked and described."""

import enum
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.memory import parse_memory
from tbgateway.domain.public_urls import UNNAMEABLE, parse_public_url
from tbgateway.settings.addresses import parse_address

_RATE = re.compile(r"[1-9][0-9]{0,8}/(?:second|minute|hour|day)")
_PLUGIN = re.compile(r"\*|[A-Za-z0-9_](?:[A-Za-z0-9_. -]*[A-Za-z0-9_])?")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting accepts, in words; used by error messages and by the documentation."""

    text: str


@dataclass(frozen=True, slots=True)
class DefaultText:
    """How to speak of a default that depends on the machine."""

    text: str


class Reload(enum.StrEnum):
    """Whether a setting can change while the gateway runs; its value is how the docs say it."""

    YES = "yes"
    NEXT_START = "at a board's next start"
    NO = "no"


_T = TypeVar("_T")
Live = Annotated[_T, Reload.YES]
"""A setting that a reload changes. Whoever uses it reads it each time, or is told."""
ForNewProcesses = Annotated[_T, Reload.NEXT_START]
"""A setting that a reload changes for the boards' processes that start from then on."""


def _split(value: object) -> object:
    """Split a plain string at commas: environment variables cannot hold lists."""
    if isinstance(value, str):
        return [word for word in (part.strip() for part in value.split(",")) if word]
    return value


def _pairs(value: object) -> object:
    """Read `a=1,b=2`, the form TensorBoard's own flag has."""
    if not isinstance(value, str):
        return value
    pairs = [word.partition("=") for word in value.split(",") if word.strip()]
    return {name.strip(): number.strip() for name, _, number in pairs}


def _check_path(value: object) -> object:
    if isinstance(value, str | Path) and (not str(value).strip() or "\0" in str(value)):
        raise ValueError("a path may not be empty")
    return value


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{path} names the home directory of nobody") from error


def _check_address(text: str) -> str:
    parse_address(text)
    return text


def _check_network(text: str) -> str:
    return text if text == "unix" else str(ipaddress.ip_network(text))


def _check_nameable(host: str) -> None:
    if UNNAMEABLE in host:
        raise ValueError(
            f"{host!r} has a '_': by such a name browsers cannot keep boards apart. Let a name"
            " without one point to the gateway, too"
        )


def _check_host(text: str) -> str:
    _check_nameable(text)
    if _HOST.fullmatch(text.lower()) is None:
        raise ValueError(f"{text!r} is no host name (write it without scheme, port and path)")
    return text.lower()


def _check_plugin(name: str) -> str:
    if _PLUGIN.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a plugin or its distribution")
    return name


def _check_rate(text: str) -> str:
    if _RATE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no rate")
    return text


def _read_memory(value: object) -> object:
    """Take a number of bytes as text: that is what environment variables hold."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_memory(text: str) -> str:
    parse_memory(text)
    return text


def _check_public_url(text: str) -> str:
    try:
        url = parse_public_url(text)
    except InvalidInputError as error:
        raise ValueError(error.detail) from error
    _check_nameable(url.host)
    return str(url)


Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False), Allowed("seconds, more than 0")]
SecondsOrZero = Annotated[float, Field(ge=0, allow_inf_nan=False), Allowed("seconds, 0 or more")]
Count = Annotated[int, Field(ge=1), Allowed("integer, 1 or more")]
CountOrZero = Annotated[int, Field(ge=0), Allowed("integer, 0 or more")]
Directory = Annotated[
    Path,
    BeforeValidator(_check_path),
    AfterValidator(_absolute),
    Allowed("path"),
]
Addresses = Annotated[
    tuple[Annotated[str, AfterValidator(_check_address)], ...],
    BeforeValidator(_split),
    Field(min_length=1),
    Allowed('list of "HOST:PORT", "unix:PATH" or "fd:N", at least one'),
]
Proxies = Annotated[
    tuple[Annotated[str, AfterValidator(_check_network)], ...],
    BeforeValidator(_split),
    Allowed('list of IP addresses, networks such as "10.0.0.0/8", or "unix"'),
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_check_host)], ...],
    BeforeValidator(_split),
    Allowed("list of host names without ports and underscores"),
]
Plugins = Annotated[
    tuple[Annotated[str, AfterValidator(_check_plugin)], ...],
    BeforeValidator(_split),
    Allowed('list of distributions or entry points, or "*" for all that are installed'),
]
Memory = Annotated[
    str,
    BeforeValidator(_read_memory),
    AfterValidator(_check_memory),
    Allowed('bytes such as "4 GiB" (at least 16 MiB), or a share such as "60%"'),
]
PublicUrl = Annotated[
    str,
    AfterValidator(_check_public_url),
    Allowed('"http://…" or "https://…", without query; its path is the prefix of every URL'),
]
Rate = Annotated[
    str,
    AfterValidator(_check_rate),
    Allowed('"N/second", "N/minute", "N/hour" or "N/day", N at least 1'),
]
Samples = Annotated[
    Mapping[Annotated[str, Field(pattern=r"^[a-z_]+$")], Annotated[int, Field(ge=0)]],
    BeforeValidator(_pairs),
    Allowed("table of plugin names and counts, 0 for all: { scalars = 1000 }"),
]
