"""The pages about experiments, as they may look."""

from collections.abc import Mapping
from typing import Literal

from page_examples.tag_examples import tag_examples

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState
from tbgateway.domain.series import Series
from tbgateway.rendering.contexts.experiment import (
    Described,
    DescribeExperimentPage,
    ExperimentFacts,
    ExperimentPage,
)
from tbgateway.rendering.contexts.experiments import (
    Chosen,
    DeleteExperimentsPage,
    EndExperimentsPage,
    ExperimentRow,
    ExperimentsPage,
    Filters,
    Part,
    Registration,
    ScalarLink,
    ScalarValue,
)
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.page import Notice, Page, Reader
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import moment
from tbgateway.rendering.sparkline import sparkline
from tbgateway.rendering.urls import Urls

NOW = 1_795_420_800.0


def _filters(urls: Urls, text: str) -> Filters:
    return Filters(
        text=text,
        flaw=text,
        states=(Option(value="", label="Any state"), Option(value="failed", label="Failed")),
        roots=(Option(value="", label="Any logdir"), Option(value=text, label=text, chosen=True)),
        boards=(Option(value="", label="On boards or not", chosen=True),),
        since=(Option(value="", label="At any time"), Option(value="1d", label=text)),
        problem=True,
        sort="-event",
        scalars=tuple(ScalarLink(tag=tag, url=urls.home) for tag in (text or "loss", "accuracy")),
        more_scalars=(ScalarLink(tag=text, url=urls.home),),
        narrow=bool(text),
        fields=(("text", text),),
    )


def _rows(urls: Urls, text: str) -> tuple[ExperimentRow, ...]:
    return tuple(
        ExperimentRow(
            id=f"ex{number:010x}",
            name=f"{text} {state.value}",
            state=state,
            reason=text,
            problem=text if state is ExperimentState.STOPPED else "",
            size="1.2 GB",
            last_event=moment(NOW - 7200, NOW) if number else None,
            boards=("vision", "audio", "text")[:number],
            more_boards=number // 3,
            tags=tag_examples(urls, text) if number else TagLinks(),
            values=(ScalarValue(text="0.123", run=text), None),
            chosen=number == 1,
        )
        for number, state in enumerate(ExperimentState)
    )


def _columns(urls: Urls) -> tuple[Column, ...]:
    page = urls.page("experiments")
    return (
        Column(label="Experiment", url=page),
        Column(label="State", url=page),
        Column(label="Size", url=page, number=True),
        Column(label="Last event", url=page, order="descending"),
    )


def _list(urls: Urls, text: str, reader: Reader) -> ExperimentsPage:
    refused = Refused(form="register", field="path", detail=text)
    return ExperimentsPage(
        urls=urls,
        reader=reader,
        problem=InvalidInputError(text, hint=text, field="path"),
        filters=_filters(urls, text),
        part=Part(
            columns=_columns(urls),
            rows=_rows(urls, text),
            matches=1204,
            pager=Pager(first=51, last=54, total=1204, previous=urls.home, next=urls.home),
        ),
        known=12_040,
        registration=Registration(path=text, name=text, held=True, refused=refused),
    )


def _none(urls: Urls, reader: Reader, known: int) -> ExperimentsPage:
    return ExperimentsPage(
        urls=urls,
        reader=reader,
        filters=_filters(urls, ""),
        part=None,
        known=known,
        registration=Registration(),
    )


def _series(text: str) -> Series:
    points = ((0.0, 1.0), (1.0, 0.25))
    return Series(
        run=text, tag=text, points=points, last=0.25, last_step=1, lowest=0.25, highest=1.0, count=2
    )


def _one(urls: Urls, text: str, reader: Reader) -> ExperimentPage:
    return ExperimentPage(
        urls=urls,
        reader=reader,
        notice=Notice(text=text),
        experiment=ExperimentFacts(
            id="ex0123456789",
            name=text,
            path=f"/{text}",
            state=ExperimentState.RUNNING,
            reason=text,
            problem=text,
            holding=text,
            heard=moment(NOW - 5, NOW),
            size="1.2 GB",
            last_event=moment(NOW - 7200, NOW),
            ended=moment(NOW - 7100, NOW),
            found=moment(NOW - 9000, NOW),
        ),
        described=Described(
            params=((text, text), ("lr", "0.001")),
            tags=tag_examples(urls, text),
            notes=f"{text}\n\n  {text}",
            by_file=True,
            problem=text,
        ),
        boards=("vision", "audio"),
        lines=(sparkline(_series(text)), sparkline(_series(text))),
        more_lines=3,
        reading=False,
        flaw=text,
        new_name=text,
        refused=Refused(form="rename", field="name", detail=text),
    )


def _describe(urls: Urls, text: str, reader: Reader) -> DescribeExperimentPage:
    return DescribeExperimentPage(
        urls=urls,
        reader=reader,
        problem=InvalidInputError(text, hint=text, field="params"),
        action=urls.page("experiments", "ex0123456789", "describe"),
        leave=urls.page("experiments", "ex0123456789"),
        name=text,
        params=f"{text} = {text}",
        tags=text,
        notes=text,
        shown=(("shown_params", text), ("shown_tags", text), ("shown_notes", text)),
    )


def _end(
    urls: Urls, reader: Reader, chosen: Chosen, verb: Literal["fail", "stop"]
) -> EndExperimentsPage:
    return EndExperimentsPage(
        urls=urls, reader=reader, chosen=chosen, verb=verb, leave=urls.page("experiments")
    )


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    reader = Reader(name=text, role=text, edits=True, administers=True, leaves=True)
    chosen = Chosen(names=(text, text), more=212, fields=(("experiment", text),))
    return {
        "experiments": _list(urls, text, reader),
        "experiments, none found": _none(urls, reader, 12_040),
        "experiments, none known": _none(urls, reader, 0),
        "experiment": _one(urls, text, reader),
        "describe an experiment": _describe(urls, text, reader),
        "fail experiments": _end(urls, reader, chosen, "fail"),
        "stop experiments": _end(urls, reader, chosen, "stop"),
        "stop an experiment": _end(urls, reader, Chosen(names=(text,), more=0, fields=()), "stop"),
        "delete experiments": DeleteExperimentsPage(
            urls=urls,
            reader=reader,
            going=chosen,
            staying=(text,),
            more_staying=3,
            leave=urls.page("experiments"),
        ),
    }
