"""The part of a page that somebody chooses experiments in."""

from collections.abc import Sequence

from aiohttp import hdrs, web

from tbgateway.controlplane.web.choice import CHOSEN, Choice, Choosing
from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.controlplane.web.tag_links import tag_links
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.rendering.contexts.lists import Option
from tbgateway.rendering.contexts.picker import Chip, Picker, PickerRow, Rejected
from tbgateway.rendering.figures import moment, size
from tbgateway.routes import Exchange

_ROWS = 50
_CHIPS = 60  # of what is chosen, so many are named; a search shows the others


async def picker_of(choosing: Choosing, choice: Choice) -> Picker:
    """Return what is shown of a choice."""
    matches = await choosing.matches(choice)
    part = PartOfList.asked(choice.page, len(matches), _ROWS)
    rows = _rows(choosing, choice, part.of(matches))
    taken = {*choice.chosen, *choosing.present}
    return Picker(
        text=choice.text,
        flaw=choice.flaw,
        state=choice.state,
        states=_states(choice.state),
        known=choosing.means.experiments.count,
        matches=len(matches),
        selectable=0 if choice.flaw else sum(one.id not in taken for one in matches),
        rows=rows,
        first=part.begin + 1,
        last=part.end,
        page=part.number,
        more=part.number < part.parts,
        chosen=len(choice.chosen),
        chips=await _chips(choosing, choice),
        carried=" ".join(choice.chosen),
        ticked=" ".join(one.id for one in rows if one.chosen),
        pasted=choice.pasted,
        rejected=tuple(
            Rejected(text=one.text, why=f"{one.error.detail} {one.error.hint}")
            for one in choice.rejected
        ),
    )


def came_by_a_step(response: web.Response, exchange: Exchange) -> web.Response:
    """Let the browser keep the answer to a step, or Back would show an error in its place.

    It holds no secret, and is asked for anew wherever it could be.
    """
    if exchange.request.method == hdrs.METH_POST:
        response.headers[hdrs.CACHE_CONTROL] = "private, max-age=0"
    return response


def _rows(
    choosing: Choosing, choice: Choice, experiments: Sequence[Experiment]
) -> tuple[PickerRow, ...]:
    means, chosen = choosing.means, set(choice.chosen)
    now = means.clock()
    return tuple(
        PickerRow(
            id=one.id,
            name=means.experiments.display_name(one),
            state=one.state,
            reason=one.reason,
            problem=one.problem or "",
            size=size(one.bytes),
            last_event=None if one.last_event_at is None else moment(one.last_event_at, now),
            tags=tag_links(means.experiments.description(one.id).tags),
            chosen=one.id in chosen,
            present=one.id in choosing.present,
        )
        for one in experiments
    )


async def _chips(choosing: Choosing, choice: Choice) -> tuple[Chip, ...]:
    first = await choosing.known(choice.chosen[:_CHIPS])
    name_of = choosing.means.experiments.display_name
    return tuple(Chip(id=one.id, name=name_of(one)) for one in first)


def _states(chosen: str) -> tuple[Option, ...]:
    labels = {"": "Any state"} | {one.value: one.value.capitalize() for one in ExperimentState}
    labels[CHOSEN] = "Selected so far"
    return tuple(
        Option(value=value, label=label, chosen=value == chosen) for value, label in labels.items()
    )
