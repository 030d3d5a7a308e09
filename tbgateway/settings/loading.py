"""Reads settings from all their sources; the order is flag, environment, file, default."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tbgateway.domain.errors import InvalidInputError
from tbgateway.settings.model import Logdir, Settings
from tbgateway.settings.reference import SECTIONS, allowed_for

_VARIABLE = "TBGATEWAY_"
_LOGDIRS = "logdirs"
_ALL_SECTIONS = (*SECTIONS, _LOGDIRS)


@dataclass(frozen=True, slots=True)
class _Given:
    """One value somebody set; `origin` says where, for error messages."""

    section: str
    key: str
    value: object
    origin: str


def load_settings(config_file: Path | None, overrides: Mapping[str, object]) -> Settings:
    """Return the settings from `overrides`, the environment, `config_file` and the defaults.

    `overrides` are keyed by "section.key", or by "section" with a mapping; None means not given.
    A variable is named `TBGATEWAY_SECTION__KEY`; an empty one counts as not set.
    Raise InvalidInputError naming the place, the key and what is allowed.
    """
    given = [*_from_file(config_file), *_from_environment(os.environ), *_from_overrides(overrides)]
    for one in given:
        _check_known(one)
    # Present even when empty: what is wrong with its defaults is then told with its section.
    values: dict[str, dict[str, object]] = {"state": {}}
    for one in given:
        values.setdefault(one.section, {})[one.key] = one.value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explain(error.errors(), given) from None


def _from_file(config_file: Path | None) -> Iterator[_Given]:
    if config_file is None:
        return
    for section, keys in _read(config_file).items():
        if not isinstance(keys, dict):
            raise InvalidInputError(
                f"{config_file}: {section} stands outside of a section.",
                hint=_suggest_key("", section) or f"The sections are {', '.join(_ALL_SECTIONS)}.",
            )
        if not keys:
            _check_section(section, f"{config_file}, [{section}]")
        for key, value in keys.items():
            yield _Given(section, key, value, f"{config_file}, [{section}] {key}")


def _read(config_file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(config_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError(
            f"{config_file} cannot be read: {error.strerror}.",
            hint="Give the path of a TOML file that the gateway's user may read.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"{config_file} is not valid TOML: {error}.",
            hint='Text stands in quotes: key = "text"; sections are written [section].',
        ) from error


def _from_environment(environment: Mapping[str, str]) -> Iterator[_Given]:
    logdirs: dict[str, dict[str, object]] = {}
    for variable, value in environment.items():
        section, separator, key = variable.removeprefix(_VARIABLE).lower().partition("__")
        if not variable.startswith(_VARIABLE) or not separator or not value:
            continue  # also TBGATEWAY_URL and TBGATEWAY_TOKEN: they are the client's
        if section == _LOGDIRS:
            name, _, field = key.partition("__")
            logdirs.setdefault(name, {})[field or "path"] = value
        else:
            yield _Given(section, key, value, f"environment variable {variable}")
    for name, logdir in logdirs.items():
        origin = f"environment variables {_VARIABLE}LOGDIRS__{name.upper()}…"
        yield _Given(_LOGDIRS, name, logdir, origin)


def _from_overrides(overrides: Mapping[str, object]) -> Iterator[_Given]:
    for name, value in overrides.items():
        section, dot, key = name.partition(".")
        entries = {key: value} if dot else value
        if not isinstance(entries, Mapping):
            raise TypeError(f"the override {name!r} needs a mapping or a key")
        for entry, given in entries.items():
            if given is not None:
                yield _Given(section, entry, given, f"command line, {section}.{entry}")


def _check_known(given: _Given) -> None:
    _check_section(given.section, given.origin)
    if given.section == _LOGDIRS or given.key in SECTIONS[given.section].model_fields:
        return
    raise InvalidInputError(
        f"{given.origin}: there is no setting {given.section}.{given.key}.",
        hint=_suggest_key(given.section, given.key)
        or f"The keys of [{given.section}] are {', '.join(SECTIONS[given.section].model_fields)}.",
    )


def _check_section(section: str, origin: str) -> None:
    if section not in _ALL_SECTIONS:
        raise InvalidInputError(
            f"{origin}: there is no section {section}.",
            hint=_suggest(section, _ALL_SECTIONS)
            or f"The sections are {', '.join(_ALL_SECTIONS)}.",
        )


def _suggest_key(section: str, key: str) -> str:
    """Suggest a key of the same section, else the same key of another one."""
    keys = SECTIONS[section].model_fields if section else {}
    elsewhere = [name for name, model in SECTIONS.items() if key in model.model_fields]
    if elsewhere and key not in keys:
        return f"Did you mean {elsewhere[0]}.{key}?"
    return _suggest(key, keys)


def _suggest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {close[0]}?" if close else ""


def _explain(errors: list[ErrorDetails], given: Sequence[_Given]) -> InvalidInputError:
    lines, hints = [], []
    for error in errors:
        if error["type"] != "default_factory_not_called":  # follows from another error
            section, key = _place(error)
            setting = f"{section}.{key}".rstrip(".")
            lines.append(f"{_origin(section, key, given) or setting}: {_problem(error)}")
            hints.append(f"{setting} takes: {allowed_for(section, key)}")
    return InvalidInputError("\n".join(lines), hint="\n".join(dict.fromkeys(hints)))


def _place(error: ErrorDetails) -> tuple[str, str]:
    section, key, *_ = (*map(str, error["loc"]), "", "")
    return section, key


def _origin(section: str, key: str, given: Sequence[_Given]) -> str:
    """Say who set this; the last one did, since the sources are in order."""
    places = (one.origin for one in reversed(given) if one.section == section)
    exact = (one.origin for one in reversed(given) if (one.section, one.key) == (section, key))
    return next(exact, "") or ("" if key else next(places, ""))


def _problem(error: ErrorDetails) -> str:
    below = [part for part in map(str, error["loc"][2:]) if part.isidentifier()]
    if error["type"] == "extra_forbidden":
        known = Logdir.model_fields
        name = str(error["loc"][-1])
        hint = _suggest(name, known) or f"Known are {' and '.join(known)}."
        return f"there is no key {name}. {hint}"
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    message = message[:1].lower() + message[1:] + "."
    return ": ".join((*below, message))
