"""Which experiments somebody chose in the list: one by one, or all that match."""

from collections.abc import Sequence
from dataclasses import dataclass

from tbgateway.controlplane.web.experiment_matches import ExperimentMatches
from tbgateway.controlplane.web.experiment_search import ExperimentSearch
from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.search_fields import number
from tbgateway.domain.errors import ConflictError, InvalidInputError
from tbgateway.domain.model import Experiment, Identity
from tbgateway.rendering.contexts.experiments import Chosen, Fields

_NAMED = 20  # experiments whose names a question shows


@dataclass(frozen=True, slots=True)
class ExperimentSelection:
    """What was chosen; `search` is the list that it was chosen in, `origin` a page of one.

    `everything` is how many matched when somebody chose all that match, 0 if nobody did.
    """

    search: ExperimentSearch
    ids: tuple[str, ...]
    everything: int
    origin: str

    @classmethod
    def of(cls, form: Form) -> "ExperimentSelection":
        """Read what a form says; raise InvalidInputError as ExperimentSearch does."""
        return cls(
            search=ExperimentSearch.of(form),
            ids=form.all("experiment"),
            everything=number(form.one("all")) or 0,
            origin=form.one("from"),
        )

    async def resolve(self, means: Means, identity: Identity) -> tuple[Experiment, ...]:
        """Return the chosen experiments.

        Raise InvalidInputError if there are none, or as `matches` does, NotFoundError if one is not
        known any more, and ConflictError if more match than whoever chose all of them was shown.
        """
        if self.everything:
            found = await self.matches(means, identity)
            self._check_is_as_shown(len(found))
        else:
            found = tuple(means.experiments.find(one) for one in self.ids)
        if not found:
            raise InvalidInputError("No experiment was selected.", hint="Tick some first.")
        return found

    async def matches(self, means: Means, identity: Identity) -> tuple[Experiment, ...]:
        """Return all that match, however many they were.

        Raise InvalidInputError if some of the search is not understood: more would match than was
        asked for.
        """
        self.search.check_is_understood()
        return await ExperimentMatches(means).find(identity, self.search)

    def _check_is_as_shown(self, found: int) -> None:
        if found > self.everything:
            raise ConflictError(
                f"{found:,} experiments match by now, not {self.everything:,} as when they were"
                " selected.",
                hint="Nothing was done. Look at them, then select them again.",
            )

    def fields(self, of: int) -> Fields:
        """Return the hidden fields of a form that chooses the same, which are so many."""
        origin = (("from", self.origin),) if self.origin else ()
        ids = [("experiment", one) for one in self.ids]
        return (*self.search.fields(), *origin, *([("all", str(of))] if self.everything else ids))

    def named(self, means: Means, experiments: Sequence[Experiment], of: int) -> Chosen:
        """Return what a question says about `experiments`, which are among so many chosen."""
        first = experiments[:_NAMED]
        return Chosen(
            names=tuple(means.experiments.display_name(one) for one in first),
            more=len(experiments) - len(first),
            fields=self.fields(of),
        )
