"""Which boards somebody looks for, and how they shall be shown: all of it is in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.search_fields import chosen, page_number
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access


class Order(StrEnum):
    """What boards can be sorted by."""

    NAME = "name"
    STATE = "state"
    EXPERIMENTS = "experiments"
    MEMORY = "memory"
    VISIT = "visit"
    ACCESS = "access"
    OWNER = "owner"


_LARGE_FIRST = {Order.EXPERIMENTS, Order.MEMORY, Order.VISIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSearch:
    """What is looked for; `text` is a part of a name, `mine` asks for the reader's own boards."""

    text: str = ""
    state: BoardState | None = None
    access: Access | None = None
    mine: bool = False
    order: Order = Order.NAME
    descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, form: Form) -> Self:
        """Read it from a query.

        Raise InvalidInputError for what makes no sense: to leave it out would find more than was
        asked for.
        """
        sort = form.one("sort")
        return cls(
            text=form.one("text"),
            state=chosen(BoardState, "state", form.one("state")),
            access=chosen(Access, "access", form.one("access")),
            mine=bool(form.one("mine")),
            order=chosen(Order, "sort", sort.removeprefix("-")) or Order.NAME,
            descending=sort.startswith("-"),
            page=page_number(form),
        )

    @property
    def sort(self) -> str:
        """How the order is written in a query; empty for the usual one."""
        sort = f"{'-' if self.descending else ''}{self.order}"
        return "" if sort == Order.NAME else sort

    @property
    def narrows(self) -> bool:
        """Whether it leaves any board out."""
        return bool(self.text or self.state or self.access or self.mine)

    def query(self) -> Mapping[str, str]:
        """Return it as a query, without what is as usual."""
        fields = {
            "text": self.text,
            "state": self.state or "",
            "access": self.access or "",
            "mine": "1" if self.mine else "",
            "sort": self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in fields.items() if value}

    def sorted_by(self, order: Order) -> Self:
        """Return the same search in another order, or the other way round; from the first page."""
        descending = not self.descending if order is self.order else order in _LARGE_FIRST
        return replace(self, order=order, descending=descending, page=1)

    def on_page(self, number: int) -> Self:
        """Return the same search on another page."""
        return replace(self, page=number)
