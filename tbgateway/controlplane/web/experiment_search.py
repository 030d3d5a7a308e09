"""Which experiments somebody looks for, and how they shall be shown: all of it is in the URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.search_fields import chosen, page_number
from tbgateway.controlplane.web.search_words import SearchWords
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState

_MOST_SCALARS = 6  # columns; more fit no screen


class Shown(StrEnum):
    """Whether experiments are on some board."""

    SOME = "some"
    NONE = "none"


class Since(StrEnum):
    """How long ago the last event may have been at most."""

    HOUR = "1h"
    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def seconds(self) -> float:
        """That time."""
        return float(self.value[:-1]) * _SECONDS[self.value[-1]]


_SECONDS = {"h": 3600.0, "d": 86_400.0}


class Order(StrEnum):
    """What experiments can be sorted by."""

    NAME = "name"
    STATE = "state"
    SIZE = "size"
    EVENT = "event"


_USUAL = f"-{Order.EVENT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSearch:
    """What is looked for; `text` is what SearchWords understands, `page` counts from one."""

    text: str = ""
    state: ExperimentState | None = None
    root: str = ""
    boards: Shown | None = None
    since: Since | None = None
    problem: bool = False
    order: Order = Order.EVENT
    descending: bool = True
    page: int = 1
    scalars: tuple[str, ...] = ()

    @classmethod
    def of(cls, form: Form) -> Self:
        """Read it from a query, or from the fields of a form that repeats one.

        Raise InvalidInputError for what makes no sense: to leave it out would find more than was
        asked for.
        """
        sort = form.one("sort") or _USUAL
        return cls(
            text=form.one("text"),
            state=chosen(ExperimentState, "state", form.one("state")),
            root=form.one("root"),
            boards=chosen(Shown, "boards", form.one("boards")),
            since=chosen(Since, "since", form.one("since")),
            problem=bool(form.one("problem")),
            order=chosen(Order, "sort", sort.removeprefix("-")) or Order.EVENT,
            descending=sort.startswith("-"),
            page=page_number(form),
            scalars=_scalars(form.all("scalar")),
        )

    @property
    def words(self) -> SearchWords:
        """What the text asks for."""
        return SearchWords.of(self.text)

    @property
    def sort(self) -> str:
        """How the order is written in a query; empty for the usual one."""
        sort = f"{'-' if self.descending else ''}{self.order}"
        return "" if sort == _USUAL else sort

    @property
    def narrows(self) -> bool:
        """Whether it is to leave any experiment out."""
        chosen = self.text, self.state, self.root, self.boards, self.since, self.problem
        return any(chosen)

    def query(self) -> Mapping[str, str | tuple[str, ...]]:
        """Return it as a query, without what is as usual."""
        fields: dict[str, str | tuple[str, ...]] = {
            "text": self.text,
            "state": self.state or "",
            "root": self.root,
            "boards": self.boards or "",
            "since": self.since or "",
            "problem": "1" if self.problem else "",
            "sort": self.sort,
            "page": "" if self.page == 1 else str(self.page),
            "scalar": self.scalars,
        }
        return {name: value for name, value in fields.items() if value}

    def check_is_understood(self) -> None:
        """Raise InvalidInputError if something in the text is left out because it has a flaw."""
        if flaw := self.words.flaw:
            raise InvalidInputError(flaw, hint="Mend the search, then select again.")

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return it as the hidden fields of a form."""
        return tuple(
            (name, value)
            for name, values in self.query().items()
            for value in ((values,) if isinstance(values, str) else values)
        )

    def sorted_by(self, order: Order) -> Self:
        """Return the same search in another order, or the other way round; from the first page."""
        large_first = order in {Order.SIZE, Order.EVENT}
        descending = not self.descending if order is self.order else large_first
        return replace(self, order=order, descending=descending, page=1)

    def on_page(self, number: int) -> Self:
        """Return the same search on another page."""
        return replace(self, page=number)


def _scalars(tags: Iterable[str]) -> tuple[str, ...]:
    wanted = dict.fromkeys(tag.strip() for tag in tags)
    return tuple(tag for tag in wanted if tag)[:_MOST_SCALARS]
