"""The page that says what an experiment is: its parameters, tags and notes."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.web.description_text import DescriptionText
from tbgateway.controlplane.web.forms import form_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import Experiment
from tbgateway.rendering.contexts.experiment import DescribeExperimentPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Route, Who

_PATTERN = "/ui/experiments/{experiment}/describe"
_BODY_LIMIT = 8_388_608
"""As much English text as there may be, twice: as it was, and as it is to be."""


@dataclass(frozen=True, slots=True)
class DescribeExperiment:
    """Answers `/ui/experiments/{experiment}/describe`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        return (
            Route("GET", _PATTERN, Who.EDITORS, self.show),
            Route("POST", _PATTERN, Who.EDITORS, self.save, _BODY_LIMIT),
        )

    async def show(self, exchange: Exchange) -> web.Response:
        """Return the form with what is said so far."""
        found = self.means.experiments.find(exchange.params["experiment"])
        text = DescriptionText.of(self.means.experiments.description(found.id))
        return self._answer(exchange, found, text, text)

    async def save(self, exchange: Exchange) -> web.Response:
        """Say what was changed in the form."""
        form = await form_of(exchange)
        found = self.means.experiments.find(exchange.params["experiment"])
        typed, shown = DescriptionText.typed(form), DescriptionText.shown(form)
        try:
            edit = await asyncio.to_thread(typed.edit, shown)
            await self.means.experiments.describe(found.id, edit)
        except TbgatewayError as error:
            return self._answer(exchange, found, typed, shown, error)
        return see_other(urls_of(exchange).page("experiments", found.id, described="1"))

    def _answer(
        self,
        exchange: Exchange,
        experiment: Experiment,
        typed: DescriptionText,
        shown: DescriptionText,
        problem: TbgatewayError | None = None,
    ) -> web.Response:
        urls = urls_of(exchange)
        page = DescribeExperimentPage(
            urls=urls,
            reader=reader_of(exchange.identity),
            problem=problem,
            action=urls.page("experiments", experiment.id, "describe"),
            leave=urls.page("experiments", experiment.id),
            name=self.means.experiments.display_name(experiment),
            params=typed.params,
            tags=typed.tags,
            notes=typed.notes,
            shown=shown.hidden(),
        )
        return page_response(page)
