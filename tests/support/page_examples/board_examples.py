"""The pages about one board, and those that make one, as they may look."""

from collections.abc import Mapping
from dataclasses import replace

from page_examples.tag_examples import tag_examples

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState, MembershipState
from tbgateway.domain.series import Series
from tbgateway.rendering.chart import Measure, chart
from tbgateway.rendering.contexts.board import (
    BoardForms,
    BoardHead,
    BoardPage,
    DeleteBoardPage,
    IdleForm,
    MembershipRow,
    Memberships,
    Share,
)
from tbgateway.rendering.contexts.board_activity import Activity, VisitRow
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.new_board import AccessForm, BoardPasswordPage, NewBoardPage
from tbgateway.rendering.contexts.page import Notice, Page, Reader, Undo
from tbgateway.rendering.contexts.picker import (
    AddExperimentsPage,
    Chip,
    Picker,
    PickerRow,
    Rejected,
)
from tbgateway.rendering.contexts.refused import Refused
from tbgateway.rendering.contexts.tags import TagLinks
from tbgateway.rendering.figures import moment, number
from tbgateway.rendering.sparkline import sparkline
from tbgateway.rendering.urls import Urls

NOW = 1_795_420_800.0
_BOARD = "a-board-with-a-name-as-long-as-they-may-be-which-is-63-letters"


def _picker(urls: Urls, text: str) -> Picker:
    rows = tuple(
        PickerRow(
            id=f"ex{number:010}",
            name=text,
            state=state,
            reason=text,
            problem=text if state is ExperimentState.FAILED else "",
            size="1.2 GB",
            last_event=moment(NOW - 60, NOW) if number else None,
            tags=tag_examples(urls, text) if number else TagLinks(),
            chosen=number == 1,
            present=number == 2,
        )
        for number, state in enumerate(ExperimentState)
    )
    return Picker(
        text=text,
        flaw=text,
        state="running",
        states=(Option(value="", label="Any state"), Option(value="running", label="Running")),
        known=1204,
        matches=214,
        selectable=210,
        rows=rows,
        first=51,
        last=54,
        page=2,
        more=True,
        chosen=3,
        chips=(Chip(id="ex1", name=text), Chip(id="ex2", name=text)),
        carried=text,
        ticked=text,
        pasted=text,
        rejected=(Rejected(text=text, why=text),),
    )


def _access(text: str) -> AccessForm:
    accesses = (
        Option(value="password", label="Password", hint=text, chosen=True),
        Option(value="public", label="Public"),
    )
    return AccessForm(
        accesses=accesses,
        username=text,
        passwords=(Option(value="keep", label=text, chosen=True), Option(value="own", label=text)),
    )


def _series(text: str) -> Series:
    points = ((0.0, 1.0), (1.0, 0.5))
    return Series(
        run=text, tag=text, points=points, last=0.5, last_step=1, lowest=0.5, highest=1.0, count=2
    )


def _memberships(urls: Urls, text: str) -> Memberships:
    rows = tuple(
        MembershipRow(
            id=f"ex{number:010}",
            name=text,
            state=state,
            experiment_state=ExperimentState.RUNNING,
            reason=text,
            visible=(None, False, True)[number],
            problem=text if number else "",
            flawed=number == 1,
            line=sparkline(_series(text)) if number else None,
            size="1.2 GB",
            last_event=moment(NOW - 60, NOW) if number else None,
            tags=tag_examples(urls, text) if number else TagLinks(),
        )
        for number, state in enumerate(MembershipState)
    )
    there = urls.board_page(_BOARD)
    return Memberships(
        rows=rows,
        columns=(
            Column(label="Experiment", url=there, order="ascending"),
            Column(label="State", url=there),
            Column(label="Size", url=there, number=True),
            Column(label="Last event", url=there),
        ),
        text=text,
        flaw=text,
        shows=(Option(value="", label="All", chosen=True),),
        sort="-size",
        pager=Pager(first=101, last=200, total=300, previous=there, next=there),
        kept=(("text", text),),
    )


def _board_page(urls: Urls, reader: Reader, text: str) -> BoardPage:
    refused = Refused(form="rename", field="name", detail=text)
    head = BoardHead(
        id="tb0123456789",
        name=_BOARD,
        state=BoardState.RUNNING,
        doing=text,
        notes=(text,),
        starts=True,
        stops=True,
        experiments=10_000,
        adding=1,
        settled=False,
        access=Access.MEMBERS,
        owner=text,
        made=moment(NOW - 90_000, NOW),
        last_visited=moment(NOW - 60, NOW),
    )
    return BoardPage(
        urls=urls,
        reader=reader,
        notice=Notice(text=text, undo=Undo(action=there_to(urls), fields=(("experiment", text),))),
        board=head,
        memberships=_memberships(urls, text),
        share=Share(url=text, username=text),
        activity=_activity(text),
        forms=BoardForms(
            refused=refused,
            name=text,
            access=_access(text),
            idle=IdleForm(choices=(Option(value="after", label=text, chosen=True),), minutes=text),
            log=text,
        ),
        hurries=True,
    )


def _activity(text: str) -> Activity:
    measure = Measure(name="CPU", said=number, least=0.05)
    course = [(NOW - 15.0 * step, float(step % 7)) for step in range(100, 0, -1)]
    rows = (
        VisitRow(visitor=text, by_password=False, visits=1, last=moment(NOW - 60, NOW)),
        VisitRow(visitor=text, by_password=True, visits=1204, last=moment(NOW - 90, NOW)),
        VisitRow(visitor="", by_password=False, visits=2, last=moment(NOW - 90_000, NOW)),
    )
    return Activity(
        charts=(chart(course, NOW, measure), chart(course, NOW + 1800, measure)),
        rows=rows,
        visitors=12,
        visits=1300,
    )


def there_to(urls: Urls) -> str:
    """Return where the button that takes something back leads."""
    return urls.page("boards", _BOARD, "add")


def _quiet(page: BoardPage) -> BoardPage:
    """Return the page of a board without anything, as one sees it who may look only."""
    return replace(
        page,
        notice=None,
        board=replace(page.board, experiments=0, adding=0, last_visited=None, notes=()),
        memberships=replace(
            page.memberships, rows=(), pager=Pager(first=1, last=0, total=0), kept=()
        ),
        share=Share(url=page.share.url, username=""),
        activity=Activity(charts=(), rows=(), visitors=0, visits=0),
        forms=None,
        hurries=False,
    )


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    reader = Reader(name=text, role="editor", edits=True, leaves=True)
    problem = InvalidInputError(text, hint=text, field="name")
    refused = Refused(form="new-board", field="name", detail=text)
    page = _board_page(urls, reader, text)
    picker = _picker(urls, text)
    nothing = replace(
        picker, rows=(), matches=0, selectable=0, chosen=0, chips=(), pasted="", rejected=()
    )
    return {
        "board": page,
        "board of others": _quiet(page),
        "new board": NewBoardPage(
            urls=urls,
            reader=reader,
            problem=problem,
            name=text,
            address=text,
            picker=picker,
            access=_access(text),
            refused=refused,
        ),
        "add experiments": AddExperimentsPage(
            urls=urls, reader=reader, problem=problem, board=_BOARD, picker=picker
        ),
        "add nothing": AddExperimentsPage(urls=urls, reader=reader, board=_BOARD, picker=nothing),
        "delete board": DeleteBoardPage(
            urls=urls, reader=reader, board=_BOARD, experiments=2, refused=refused
        ),
        "board password": BoardPasswordPage(
            urls=urls,
            reader=reader,
            board=_BOARD,
            made=True,
            url=text,
            username=text,
            password=text,
        ),
    }
