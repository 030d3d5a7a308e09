"""All of TensorBoard's dashboards, and what each has to show before it is said to show data."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Error, Page
from running_gateway import PATIENCE
from shown_data import (
    Count,
    boxes,
    charts,
    curves,
    pictures,
    points,
    rows,
    solids,
    sounds,
    texts,
)

_BETWEEN_LOOKS = 200  # milliseconds


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A tab of TensorBoard: its id in the address, its name, and how its data is counted."""

    plugin: str
    name: str
    what: str
    count: Count


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a dashboard showed data; the evidence, or what was missing."""

    shown: bool
    evidence: str


DASHBOARDS = (
    # Cards are filled when they come into sight: on the board, one with a chart has to be first.
    Dashboard("timeseries", "Time Series", "charts", charts("scalar-card line-chart")),
    Dashboard("scalars", "Scalars", "curves", curves("tf-scalar-card path.line")),
    Dashboard(
        "custom_scalars", "Custom Scalars", "curves",
        curves("tf-custom-scalar-dashboard vz-line-chart2 path.line"),
    ),
    Dashboard("images", "Images", "pictures", pictures("tf-image-loader img")),
    Dashboard("audio", "Audio", "sounds", sounds("tf-audio-loader audio")),
    Dashboard("graphs", "Graphs", "nodes", boxes("tf-graph-scene g.node")),
    Dashboard("distributions", "Distributions", "areas", curves("vz-distribution-chart path.area")),
    Dashboard(
        "histograms", "Histograms", "outlines", curves("vz-histogram-timeseries path.outline")
    ),
    Dashboard("text", "Text", "texts", texts("tf-text-dashboard tf-markdown-view #markdown")),
    Dashboard("pr_curves", "PR Curves", "curves", curves("tf-pr-curve-card path.line")),
    Dashboard("hparams", "HParams", "rows", rows("tf-hparams-table-view tbody tr")),
    Dashboard("projector", "Projector", "points", points),
    # The last one: it never stops to paint, and painting without a graphics card is slow.
    Dashboard("mesh", "Mesh", "solids", solids("tf-mesh-loader canvas")),
)  # fmt: skip


def tabs(page: Page) -> set[str]:
    """Return the ids of the dashboards that the page offers as having data; wait for the first."""
    offered = page.locator("plugin-selector .mdc-tab:not(.mat-mdc-tab-disabled) [data-plugin-id]")
    offered.first.wait_for(timeout=PATIENCE * 1000)
    return set(offered.evaluate_all("tabs => tabs.map(tab => tab.dataset.pluginId)"))


def visit(
    page: Page,
    board: str,
    dashboards: Iterable[Dashboard] = DASHBOARDS,
    *,
    patience: float = PATIENCE,
) -> Mapping[str, Verdict]:
    """Open the dashboards of the board at this URL one after the other; return the verdicts.

    Each has `patience` seconds to show something.
    """
    verdicts = {}
    for dashboard in dashboards:
        page.goto(f"{board}#{dashboard.plugin}")
        verdicts[dashboard.plugin] = _look(page, dashboard, patience)
    return verdicts


def not_showing(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Return the dashboards that showed nothing, and why not."""
    return {name: verdict.evidence for name, verdict in verdicts.items() if not verdict.shown}


def _look(page: Page, dashboard: Dashboard, patience: float) -> Verdict:
    deadline = time.monotonic() + patience
    trouble = ""
    while time.monotonic() < deadline:
        try:
            count = dashboard.count(page)
        except Error as error:  # frames come and go while a dashboard is built
            count, trouble = 0, f"; {error.message.splitlines()[0]}"
        if count:
            return Verdict(shown=True, evidence=f"{count} {dashboard.what}")
        page.wait_for_timeout(_BETWEEN_LOOKS)
    return Verdict(shown=False, evidence=f"no {dashboard.what} within {patience:g} s{trouble}")
