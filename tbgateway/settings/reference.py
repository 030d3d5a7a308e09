"""The reference of all settings, made from the models: what documentation is tested against."""

import json
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tbgateway.settings.model import Logdir, Settings
from tbgateway.settings.values import Allowed, DefaultText, Reload

SECTIONS: Mapping[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}
"""The sections with fixed keys; `logdirs` has names that people choose."""


class SettingDescription(NamedTuple):
    """One setting, in words. `default` is as TOML has it, or prose if the machine decides."""

    section: str
    key: str
    type: str
    default: str
    reload: Reload
    doc: str


def describe_settings() -> list[SettingDescription]:
    """Return every setting, in the order of the models."""
    return [
        _describe(section, key, field)
        for section in Settings.model_fields
        for key, field in _fields(section)
    ]


def allowed_for(section: str, key: str) -> str:
    """Return what a setting accepts, in words; for a logdir, `key` is its name."""
    if section == "logdirs":
        return "a path, or a table with path and depth (1 or 2)"
    field = SECTIONS[section].model_fields.get(key)
    return "" if field is None else _type_text(field)


def reload_of(section: str, key: str) -> Reload:
    """Return whether a reload changes the setting."""
    return _reload(SECTIONS[section].model_fields[key])


def _fields(section: str) -> Iterator[tuple[str, FieldInfo]]:
    if section == "logdirs":
        return ((f"NAME.{key}", field) for key, field in Logdir.model_fields.items())
    return iter(SECTIONS[section].model_fields.items())


def _describe(section: str, key: str, field: FieldInfo) -> SettingDescription:
    doc = " ".join((field.description or "").split())
    return SettingDescription(
        section, key, _type_text(field), _default_text(field), _reload(field), doc
    )


def _reload(field: FieldInfo) -> Reload:
    return next((mark for mark in field.metadata if isinstance(mark, Reload)), Reload.NO)


def _type_text(field: FieldInfo) -> str:
    return _words([*field.metadata, *_metadata(field.annotation)], field.annotation)


def _words(metadata: list[object], annotation: object) -> str:
    for mark in metadata:
        if isinstance(mark, Allowed):
            return mark.text
    if get_origin(annotation) is Literal:
        *others, last = (json.dumps(choice) for choice in get_args(annotation))
        return f"{', '.join(others)} or {last}"
    raise AssertionError(f"{annotation} does not say what it allows")


def _metadata(annotation: object) -> list[object]:
    """Return what is attached to an annotation, also below `| None`."""
    if get_origin(annotation) is Annotated:
        kind, *marks = get_args(annotation)
        return [*marks, *_metadata(kind)]
    if get_origin(annotation) in {Union, types.UnionType}:
        return [mark for part in get_args(annotation) for mark in _metadata(part)]
    return []


def _default_text(field: FieldInfo) -> str:
    for mark in field.metadata:
        if isinstance(mark, DefaultText):
            return mark.text
    if field.is_required():
        return "required"
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    return "not set" if default is None else json.dumps(default)
