"""What is said of an experiment, as somebody types it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.params_text import params_text, read_params
from tbgateway.domain.description import Edit, check_tags
from tbgateway.domain.model import Description, ParamValue

_SHOWN = "shown_"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionText:
    """The contents of the form's fields."""

    params: str
    tags: str
    notes: str

    @classmethod
    def of(cls, description: Description) -> Self:
        """Return what the form shows at first."""
        return cls(
            params=params_text(description.params),
            tags=", ".join(description.tags),
            notes=description.notes,
        )

    @classmethod
    def typed(cls, form: Form) -> Self:
        """Return what somebody sent."""
        return cls._read(form, "")

    @classmethod
    def shown(cls, form: Form) -> Self:
        """Return what the form that was sent had shown at first."""
        return cls._read(form, _SHOWN)

    def hidden(self) -> tuple[tuple[str, str], ...]:
        """Return the hidden fields that `shown` reads."""
        fields = (("params", self.params), ("tags", self.tags), ("notes", self.notes))
        return tuple((f"{_SHOWN}{name}", value) for name, value in fields)

    def edit(self, shown: "DescriptionText") -> Edit:
        """Return what was changed since the form was shown; raise InvalidInputError.

        What a script or somebody else changed meanwhile stays as it is.
        """
        before, after = read_params(shown.params), read_params(self.params)
        had, has = _read_tags(shown.tags), _read_tags(self.tags)
        return Edit(
            params=_difference(before, after),
            add_tags=tuple(tag for tag in has if tag not in had),
            remove_tags=tuple(tag for tag in had if tag not in has),
            notes=None if self.notes == shown.notes else self.notes,
        )

    @classmethod
    def _read(cls, form: Form, prefix: str) -> Self:
        return cls(
            params=form.exact(f"{prefix}params"),
            tags=form.one(f"{prefix}tags"),
            notes=form.exact(f"{prefix}notes"),
        )


def _read_tags(text: str) -> tuple[str, ...]:
    tags = (tag.strip() for tag in text.split(","))
    return check_tags(tuple(dict.fromkeys(tag for tag in tags if tag)))


def _difference(
    before: Mapping[str, ParamValue], after: Mapping[str, ParamValue]
) -> Mapping[str, ParamValue | None]:
    gone: dict[str, ParamValue | None] = {key: None for key in before if key not in after}
    return gone | {key: one for key, one in after.items() if _is_other(before.get(key), one)}


def _is_other(before: ParamValue | None, after: ParamValue) -> bool:
    return before != after or type(before) is not type(after)  # 1, 1.0 and true are equal
