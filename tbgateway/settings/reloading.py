"""Changing settings while the gateway runs: which can be, and which wait for a restart."""

from collections.abc import Iterator
from dataclasses import dataclass

from tbgateway.settings.model import Section, Settings
from tbgateway.settings.reference import SECTIONS, reload_of
from tbgateway.settings.values import Reload


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of a reload, as names such as `server.listen`, in the order of the sections.

    `changed` are in force now, `waiting` are not before a restart.
    """

    changed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def reload_settings(in_force: Settings, wanted: Settings) -> Reloaded:
    """Put in force what can change while the gateway runs; whoever has `in_force` sees it."""
    changed, waiting = list[str](), list[str]()
    for name in SECTIONS:
        section, other = getattr(in_force, name), getattr(wanted, name)
        for key in _differing(section, other):
            if reload_of(name, key) is Reload.NO:
                waiting.append(f"{name}.{key}")
            else:
                section.replace_value(key, getattr(other, key))
                changed.append(f"{name}.{key}")
    waiting.extend(f"logdirs.{name}" for name in _differing_logdirs(in_force, wanted))
    return Reloaded(tuple(changed), tuple(waiting))


def _differing(section: Section, other: Section) -> Iterator[str]:
    for key in type(section).model_fields:
        if getattr(section, key) != getattr(other, key):
            yield key


def _differing_logdirs(in_force: Settings, wanted: Settings) -> Iterator[str]:
    for name in dict.fromkeys((*in_force.logdirs, *wanted.logdirs)):
        if in_force.logdirs.get(name) != wanted.logdirs.get(name):
            yield name
