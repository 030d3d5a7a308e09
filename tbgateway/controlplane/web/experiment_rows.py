"""What the list of experiments says about each of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tbgateway.boards.showing import Showing
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.tag_links import tag_links
from tbgateway.domain.model import Experiment
from tbgateway.domain.series import Digest
from tbgateway.rendering.contexts.experiments import ExperimentRow, ScalarValue
from tbgateway.rendering.figures import moment, number, size
from tbgateway.rendering.urls import Urls

_MOST_BOARDS = 3  # named in one row
_MOST_SCALARS = 8  # suggested as columns
_NOTHING = Digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRows:
    """Makes the rows of one page.

    `scalars` are the tags of those that were asked for, `now` is Unix seconds, `chosen` are the ids
    selected.
    """

    means: Means
    showing: Showing
    urls: Urls
    scalars: tuple[str, ...]
    now: float
    chosen: Collection[str] = ()

    def row(self, experiment: Experiment) -> ExperimentRow:
        """Return what is said about an experiment."""
        boards = [board.name for board in self.showing.boards(experiment)]
        last = experiment.last_event_at
        digest = self.means.scalars.digest(experiment) or _NOTHING
        return ExperimentRow(
            id=experiment.id,
            name=self.means.experiments.display_name(experiment),
            state=experiment.state,
            reason=experiment.reason,
            problem=experiment.problem or "",
            size=size(experiment.bytes),
            last_event=None if last is None else moment(last, self.now),
            boards=tuple(boards[:_MOST_BOARDS]),
            more_boards=max(len(boards) - _MOST_BOARDS, 0),
            tags=tag_links(
                self.means.experiments.description(experiment.id).tags,
                lambda text: self.urls.page("experiments", text=text),
            ),
            values=tuple(_value(digest, tag) for tag in self.scalars),
            chosen=experiment.id in self.chosen,
        )

    def known_scalars(self, experiments: Iterable[Experiment]) -> tuple[str, ...]:
        """Return scalars of these that are not shown yet, the foremost first."""
        digests = [self.means.scalars.digest(one) or _NOTHING for one in experiments]
        most = max((len(digest.series) for digest in digests), default=0)
        tags: dict[str, None] = {}
        for place in range(most):
            foremost = (one.series[place].tag for one in digests if place < len(one.series))
            tags |= dict.fromkeys(tag for tag in foremost if tag not in self.scalars)
            if len(tags) >= _MOST_SCALARS:
                break
        return tuple(tags)[:_MOST_SCALARS]


def _value(digest: Digest, tag: str) -> ScalarValue | None:
    """Return the value of the foremost series of the scalar, or else of one that is named alike.

    People call one thing `loss`, `train/loss` and `loss/total`; a column is to compare these.
    """
    alike = [series for series in digest.series if tag.casefold() in series.tag.casefold()]
    fitting = [series for series in alike if series.tag == tag] or alike
    if not fitting:
        return None
    first = fitting[0]
    others = f", one of {len(fitting)}" if len(fitting) > 1 else ""
    run = f"{first.tag} of {first.run}, step {first.last_step:,}{others}"
    return ScalarValue(text=number(first.last), run=run)
