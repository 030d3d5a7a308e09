"""Which experiments somebody chose in the list: one by one, or all that match."""

from collections.abc import Sequence
from dataclasses import dataclass

from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.web.experiment_matches import ExperimentMatches
from tbgateway.controlplane.web.experiment_search import ExperimentSearch
from tbgateway.controlplane.web.forms import Form
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.turns import TURN
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Experiment, Identity
from tbgateway.rendering.contexts.experiments import Chosen, Fields

_NAMED = 20  # experiments whose names a question shows


@dataclass(frozen=True, slots=True)
class ExperimentSelection:
    """What was chosen; `search` is the list that it was chosen in, `origin` a page of one."""

    search: ExperimentSearch
    ids: tuple[str, ...]
    everything: bool
    origin: str

    @classmethod
    def of(cls, form: Form) -> "ExperimentSelection":
        """Read what a form says; raise InvalidInputError as ExperimentSearch does."""
        return cls(
            search=ExperimentSearch.of(form),
            ids=form.all("experiment"),
            everything=bool(form.one("all")),
            origin=form.one("from"),
        )

    @property
    def fields(self) -> Fields:
        """The hidden fields of a form that chooses the same."""
        origin = (("from", self.origin),) if self.origin else ()
        chosen = [("all", "1")] if self.everything else [("experiment", one) for one in self.ids]
        return (*self.search.fields(), *origin, *chosen)

    async def resolve(self, means: Means, identity: Identity) -> tuple[Experiment, ...]:
        """Return the chosen experiments.

        Raise InvalidInputError if there are none, NotFoundError if one is not known any more.
        """
        if self.everything:
            matches = ExperimentMatches(means.experiments, means.boards)
            found = await matches.find(identity, self.search, LoopShare(TURN))
        else:
            found = tuple(means.experiments.find(one) for one in self.ids)
        if not found:
            raise InvalidInputError("No experiment was selected.", hint="Tick some first.")
        return found

    def named(self, means: Means, experiments: Sequence[Experiment]) -> Chosen:
        """Return what a question says about those of the chosen `experiments`."""
        first = experiments[:_NAMED]
        return Chosen(
            names=tuple(means.experiments.display_name(one) for one in first),
            more=len(experiments) - len(first),
            fields=self.fields,
        )
