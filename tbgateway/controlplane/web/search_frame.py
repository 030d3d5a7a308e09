"""What stands around the list of experiments: the form that searches it, its columns, its parts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tbgateway.controlplane.web.experiment_search import ExperimentSearch, Order, Shown, Since
from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.domain.model import ExperimentState
from tbgateway.rendering.contexts.experiments import Filters, ScalarLink
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.urls import Urls

_COLUMNS = {
    Order.NAME: "Experiment",
    Order.STATE: "State",
    Order.SIZE: "Size",
    Order.EVENT: "Last event",
}
_BOARDS = (
    ("", "On boards or not"),
    (Shown.SOME.value, "On a board"),
    (Shown.NONE.value, "On none"),
)
_SINCE = (
    ("", "Last event: any time"),
    (Since.HOUR.value, "Last event: 1 hour"),
    (Since.DAY.value, "Last event: 1 day"),
    (Since.WEEK.value, "Last event: 7 days"),
    (Since.MONTH.value, "Last event: 30 days"),
)


@dataclass(frozen=True, slots=True)
class SearchFrame:
    """Shows a search, with links to others that differ in one thing."""

    urls: Urls
    search: ExperimentSearch

    def filters(self, roots: Sequence[str], tags: Sequence[str]) -> Filters:
        """Return the form; `tags` are the scalars that could be shown as well."""
        search = self.search
        states = [(state.value, state.value.capitalize()) for state in ExperimentState]
        return Filters(
            text=search.text,
            flaw=search.words.flaw,
            states=_options([("", "Any state"), *states], search.state or ""),
            roots=_options([("", "Any logdir"), *((name, name) for name in roots)], search.root),
            boards=_options(_BOARDS, search.boards or ""),
            since=_options(_SINCE, search.since or ""),
            problem=search.problem,
            sort=search.sort,
            scalars=tuple(self._without(tag) for tag in search.scalars),
            more_scalars=tuple(self._with(tag) for tag in tags),
            narrow=search.narrows,
            fields=search.fields(),
        )

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that the list can be ordered by."""
        return tuple(
            Column(
                label=label,
                url=self._url(self.search.sorted_by(order)),
                order=self._direction(order),
                number=order is Order.SIZE,
            )
            for order, label in _COLUMNS.items()
        )

    def pager(self, part: PartOfList) -> Pager:
        """Return where a part of the list stands among all."""
        return part.pager(lambda number: self._url(self.search.on_page(number)))

    def _direction(self, order: Order) -> Literal["", "ascending", "descending"]:
        if order is not self.search.order:
            return ""
        return "descending" if self.search.descending else "ascending"

    def _with(self, tag: str) -> ScalarLink:
        search = replace(self.search, scalars=(*self.search.scalars, tag))
        return ScalarLink(tag=tag, url=self._url(search))

    def _without(self, tag: str) -> ScalarLink:
        left = tuple(one for one in self.search.scalars if one != tag)
        return ScalarLink(tag=tag, url=self._url(replace(self.search, scalars=left)))

    def _url(self, search: ExperimentSearch) -> str:
        return self.urls.page("experiments", **search.query())


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(
        Option(value=value, label=label, chosen=value == chosen) for value, label in choices
    )
