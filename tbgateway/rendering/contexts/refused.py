"""What a page says beside the form that was refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The form, by the verb it asks for, its field that was wrong if it was one, and why."""

    form: str
    field: str
    detail: str
