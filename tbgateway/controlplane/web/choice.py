"""Which experiments somebody has chosen so far: all of it is in the form they send."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tbgateway.controlplane.turns import in_turns
from tbgateway.controlplane.web.experiment_matches import ExperimentMatches
from tbgateway.controlplane.web.experiment_search import ExperimentSearch
from tbgateway.controlplane.web.experiment_selection import ExperimentSelection
from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.search_fields import page_number
from tbgateway.controlplane.web.search_words import SearchWords
from tbgateway.domain.errors import InvalidInputError, NotFoundError
from tbgateway.domain.model import Experiment, ExperimentState, Identity
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments import Unresolved
from tbgateway.rendering.contexts.page import Notice

CHOSEN = "chosen"
"""What is looked at instead of a state: everything that is chosen."""
DONE = "done"
"""The last step: what is chosen is what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is chosen, what is looked at meanwhile, and a pasted list with what is wrong in it.

    `missing` were chosen, too, but there are no such experiments any more.
    """

    chosen: tuple[ExperimentId, ...] = ()
    missing: int = 0
    text: str = ""
    state: str = ""
    page: int = 1
    pasted: str = ""
    rejected: tuple[Unresolved, ...] = ()

    def without(self, some: Collection[str]) -> "Choice":
        """Return the same choice without some of what is chosen."""
        return replace(self, chosen=tuple(one for one in self.chosen if one not in some))

    @property
    def flaw(self) -> str:
        """What in the search cannot be understood, if anything."""
        return SearchWords.of(self.text).flaw

    @property
    def notice(self) -> Notice | None:
        """What to say of the choice before it is done."""
        return Notice(text=_gone(self.missing)) if self.missing else None

    def check_is_complete(self) -> None:
        """Raise InvalidInputError if a part of it is missing, or of the pasted list was no use."""
        if self.missing:
            raise InvalidInputError(_gone(self.missing), hint="Look at the rest, then go on.")
        if self.rejected:
            raise InvalidInputError(
                f"{len(self.rejected)} of the pasted list cannot be found.",
                hint="Mend what is left in the list, or take it out.",
                field="pasted",
            )


@dataclass(frozen=True, slots=True)
class Choosing:
    """Takes one step of a choice: `present` are on the board already, and stay out of it.

    A form carries what was chosen when its page was made, and which of that had a ticked box there:
    what has none any more was given up.
    """

    means: Means
    identity: Identity
    present: Collection[ExperimentId] = frozenset()

    async def after(self, form: Form) -> Choice:
        """Return the choice as it is after what somebody did in the form."""
        if "carried" not in form:
            return await self.begun(form)
        choice = await self._sent(form)
        match form.one("step"):
            case "search":
                return choice
            case "all":
                return await self._with_all(choice)
            case "clear":
                return replace(choice, chosen=())
            case "list" | "done":
                return await self._with_list(choice)
        return choice.without(form.all("drop"))

    async def matches(self, choice: Choice) -> Sequence[Experiment]:
        """Return what is looked at, the newest event first."""
        among = await self.known(choice.chosen) if choice.state == CHOSEN else None
        search = ExperimentSearch(text=choice.text, state=_state(choice.state))
        return await ExperimentMatches(self.means).find(self.identity, search, among)

    async def known(self, ids: Sequence[str]) -> list[Experiment]:
        """Return those of the experiments that there still are."""
        return await in_turns(self.means.share, ids, self._known)

    async def begun(self, form: Form) -> Choice:
        """Return the choice of somebody who comes with some experiments from another page.

        It only looks: any page may lead somebody here.
        """
        selection = ExperimentSelection.of(form)
        if not selection.everything:
            return await self._with_known(Choice(), selection.ids)
        found = await selection.matches(self.means, self.identity)
        return self._with(Choice(), (one.id for one in found))

    async def _sent(self, form: Form) -> Choice:
        searches = form.one("step") == "search"
        boxes = form.all("experiment")
        cleared = set(form.one("ticked").split()) - set(boxes)
        carried = (one for one in form.one("carried").split() if one not in cleared)
        choice = Choice(
            text=form.one("text" if searches else "shown_text"),
            state=form.one("state" if searches else "shown_state"),
            page=1 if searches else page_number(form),
            pasted=form.one("pasted"),
        )
        return await self._with_known(choice, [*carried, *boxes])

    async def _with_known(self, choice: Choice, ids: Iterable[str]) -> Choice:
        asked = tuple(dict.fromkeys(ids))
        known = await self.known(asked)
        chosen = self._with(choice, (one.id for one in known))
        return replace(chosen, missing=len(asked) - len(known))

    async def _with_all(self, choice: Choice) -> Choice:
        """Return it with all that match, if it is understood what they are."""
        if choice.flaw:
            return choice
        return self._with(choice, (one.id for one in await self.matches(choice)))

    async def _with_list(self, choice: Choice) -> Choice:
        if not choice.pasted:
            return choice
        resolved = await self.means.experiments.resolve(choice.pasted)
        longer = self._with(choice, (one.id for one in resolved.experiments))
        left = "\n".join(one.text for one in resolved.unresolved)
        return replace(longer, pasted=left, rejected=resolved.unresolved)

    def _with(self, choice: Choice, ids: Iterable[ExperimentId]) -> Choice:
        together = dict.fromkeys([*choice.chosen, *ids])
        return replace(choice, chosen=tuple(one for one in together if one not in self.present))

    def _known(self, ids: Sequence[str]) -> Iterator[Experiment]:
        for one in ids:
            try:
                yield self.means.experiments.find(one)
            except NotFoundError:  # it was forgotten meanwhile
                continue


def _gone(missing: int) -> str:
    if missing == 1:
        return "1 of the chosen experiments is not there any more."
    return f"{missing:,} of the chosen experiments are not there any more."


def _state(text: str) -> ExperimentState | None:
    return ExperimentState(text) if text in set(ExperimentState) else None
