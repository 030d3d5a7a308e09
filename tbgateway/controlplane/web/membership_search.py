"""Which of a board's memberships somebody looks for: all of it is in the URL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self, TypeVar

from tbgateway.boards import MembershipView
from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.search_fields import page_number
from tbgateway.controlplane.web.search_words import SearchWords
from tbgateway.domain.model import MembershipState

_STATES = {state: place for place, state in enumerate(MembershipState)}
Kind = TypeVar("Kind", bound=StrEnum)


class Order(StrEnum):
    """What memberships can be sorted by."""

    NAME = "name"
    STATE = "state"
    SIZE = "size"
    EVENT = "event"


class Show(StrEnum):
    """Which memberships are shown."""

    ALL = ""
    ADDING = "adding"
    ADDED = "added"
    REMOVING = "removing"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipSearch:
    """What is looked for; `text` is what SearchWords understands, `page` counts from one."""

    text: str = ""
    show: Show = Show.ALL
    order: Order = Order.NAME
    descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, form: Form) -> Self:
        """Read it from a query, or from a form that carries one; what makes no sense is left out.

        Nothing is changed by what is found here, so that finding more does no harm.
        """
        sort = form.one("sort")
        return cls(
            text=form.one("text"),
            show=_known(Show, form.one("show"), Show.ALL),
            order=_known(Order, sort.removeprefix("-"), Order.NAME),
            descending=sort.startswith("-"),
            page=page_number(form),
        )

    @property
    def sort(self) -> str:
        """How the order is written in a query; empty for the usual one."""
        sort = f"{'-' if self.descending else ''}{self.order}"
        return "" if sort == Order.NAME else sort

    def query(self) -> Mapping[str, str]:
        """Return it as a query, without what is as usual."""
        fields = {
            "text": self.text,
            "show": self.show,
            "sort": self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: str(value) for name, value in fields.items() if value}

    def sorted_by(self, order: Order) -> Self:
        """Return the same search in another order, or the other way round; from the first page."""
        large_first = order in {Order.SIZE, Order.EVENT}
        descending = not self.descending if order is self.order else large_first
        return replace(self, order=order, descending=descending, page=1)

    def on_page(self, number: int) -> Self:
        """Return the same search on another page."""
        return replace(self, page=number)

    @property
    def words(self) -> SearchWords:
        """What the text asks for."""
        return SearchWords.of(self.text)

    def shows(self, view: MembershipView) -> bool:
        """Whether this is one that is looked for, whatever its name and description."""
        if self.show is Show.PROBLEM:
            return view.problem is not None
        return self.show is Show.ALL or view.state.value == self.show.value

    def key(self, view: MembershipView) -> tuple[float | str, str]:
        """Return what is compared: equal ones are in the order of their names."""
        return _VALUES[self.order](view), view.name


_VALUES: Mapping[Order, Callable[[MembershipView], float | str]] = {
    Order.NAME: lambda view: view.name,
    Order.STATE: lambda view: _STATES[view.state],
    Order.SIZE: lambda view: view.experiment.bytes,
    Order.EVENT: lambda view: view.experiment.last_event_at or 0.0,
}


def _known(kind: type[Kind], text: str, otherwise: Kind) -> Kind:
    return kind(text) if text in set(kind) else otherwise
