import re
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Access, Board, Role, SignedIn
from tbgateway.domain.names import BoardId

NOW = 1_795_420_800.0
ADA = SignedIn("ada", Role.ADMIN)
GRACE = SignedIn("grace", Role.EDITOR)


@pytest.fixture
async def boards(house: Any) -> dict[str, Board]:
    """Keep boards of ada's and grace's."""
    owners = {"audio": "ada", "nlp": "grace", "vision": "grace"}
    made = {
        name: Board(
            id=BoardId(f"tb{number:010x}"),
            name=name,
            owner=owner,
            access=Access.MEMBERS,
            created_at=NOW,
        )
        for number, (name, owner) in enumerate(owners.items())
    }
    async with house.store.transaction() as transaction:
        transaction.put(*made.values())
    return made


async def act(ask: Any, action: str, *names: str, identity: Any = ADA, **more: Any) -> Any:
    query = more.pop("query", "")
    form = {"action": action, "board": list(names), **more}
    return await ask("/ui/boards", identity=identity, query=query, form=form)


async def follow(ask: Any, response: Any, identity: Any = ADA) -> str:
    """Return the page that an answer leads to."""
    assert response.status == 303
    url = urlsplit(urljoin("https://host/ui/boards", response.headers["Location"]))
    assert url.path == "/"
    text: str = (await ask("/", identity=identity, query=url.query)).text
    return text


def paused(house: Any) -> set[str]:
    return {one.name for one in house.store.boards.values() if one.paused}


def names(house: Any) -> set[str]:
    return {one.name for one in house.store.boards.values()}


@pytest.mark.usefixtures("boards")
async def test_several_boards_are_stopped_at_once_and_the_page_says_which(
    house: Any, ask: Any
) -> None:
    page = await follow(ask, await act(ask, "stop", "audio", "vision"))

    assert paused(house) == {"audio", "vision"}
    assert "Stopped audio and vision." in page


@pytest.mark.usefixtures("boards")
async def test_what_was_stopped_can_be_started_again_by_undo(house: Any, ask: Any) -> None:
    page = await follow(ask, await act(ask, "stop", "audio", "vision"))
    undo = re.search(r'<form method="post" action="([^"]*)">(.*?)<button>Undo', page)
    assert undo is not None
    fields = re.findall(r'name="([^"]*)" value="([^"]*)"', undo[2])

    again = await act(
        ask, dict(fields)["action"], *(value for name, value in fields if name == "board")
    )

    assert undo[1] == "ui/boards"
    assert paused(house) == set()
    assert "Started audio and vision." in await follow(ask, again)


@pytest.mark.usefixtures("boards")
async def test_nothing_is_deleted_before_the_names_were_shown(house: Any, ask: Any) -> None:
    question = await act(ask, "delete", "audio", "vision")

    assert question.status == 200
    assert "Delete these 2 boards?" in question.text
    assert "<li>audio</li>" in question.text
    assert "<li>vision</li>" in question.text
    assert names(house) == {"audio", "nlp", "vision"}


@pytest.mark.usefixtures("boards")
async def test_the_answer_to_the_question_deletes_them(house: Any, ask: Any) -> None:
    question = await act(ask, "delete", "audio", "vision", query="sort=owner")
    fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', question.text)
    form = {name: [value for key, value in fields if key == name] for name, _ in fields}

    done = await ask("/ui/boards", identity=ADA, query="sort=owner", form=form)

    assert names(house) == {"nlp"}
    assert "Deleted audio and vision." in await follow(ask, done)
    assert 'action="../ui/boards?sort=owner"' in question.text
    assert 'href="../?sort=owner">Cancel' in question.text


@pytest.mark.usefixtures("boards")
async def test_the_search_is_kept(ask: Any) -> None:
    done = await act(ask, "stop", "vision", query="text=vis&sort=-visit&page=2")

    assert parse_qs(urlsplit(done.headers["Location"]).query) == {
        "text": ["vis"],
        "sort": ["-visit"],
        "page": ["2"],
        "stopped": ["vision"],
    }


@pytest.mark.usefixtures("boards")
async def test_one_refusal_does_not_hide_what_happened_to_the_others(house: Any, ask: Any) -> None:
    answer = await act(ask, "stop", "nlp", "audio", "gone", "vision", identity=GRACE)

    assert answer.status == 403
    assert paused(house) == {"nlp", "vision"}
    assert "Stopped nlp and vision." in answer.text
    assert "Only &#39;ada&#39; or an admin may change the board &#39;audio&#39;." in answer.text
    assert "There is no board &#39;gone&#39;." in answer.text


@pytest.mark.usefixtures("boards")
async def test_where_all_are_refused_nothing_is_said_to_be_done(house: Any, ask: Any) -> None:
    answer = await act(ask, "delete", "audio", identity=GRACE, confirmed="1")

    assert answer.status == 403
    assert names(house) == {"audio", "nlp", "vision"}
    assert "Deleted" not in answer.text


@pytest.mark.usefixtures("boards")
async def test_without_a_choice_the_page_says_what_is_missing(ask: Any) -> None:
    answer = await act(ask, "stop", query="text=vis")

    assert answer.status == 422
    assert "No board is selected." in answer.text
    assert 'href="../boards/vision/"' in answer.text
    assert 'href="../boards/audio/"' not in answer.text


async def test_another_verb_is_refused(ask: Any) -> None:
    with pytest.raises(InvalidInputError, match="'paint' cannot be done"):
        await act(ask, "paint", "vision")


@pytest.mark.usefixtures("boards")
@pytest.mark.parametrize(
    "query",
    [
        "deleted=vision",  # it is there
        "stopped=gone",
        "stopped=<script>",
        "deleted=Your+password+expired:+call+555",
        "stopped=",
        "others=7",
    ],
)
async def test_a_url_makes_the_page_say_nothing_that_cannot_be_true(ask: Any, query: str) -> None:
    page = (await ask("/", identity=ADA, query=query)).text

    assert 'class="notice"' not in page


async def test_many_names_are_counted(ask: Any) -> None:
    many = ",".join(f"board-{number}" for number in range(20))

    page = (await ask("/", identity=ADA, query=f"deleted={many}&others=1130")).text

    assert "board-19 and 1,130 others." in page


async def test_a_long_selection_makes_a_short_url(house: Any, ask: Any) -> None:
    many = [
        Board(
            id=BoardId(f"tb{number:010x}"),
            name=f"{'long-' * 11}{number}",
            owner="ada",
            access=Access.MEMBERS,
            created_at=NOW,
        )
        for number in range(50)
    ]
    async with house.store.transaction() as transaction:
        transaction.put(*many)

    done = await act(ask, "stop", *(one.name for one in many))

    assert len(done.headers["Location"]) < 2000
    assert "and 30 others." in await follow(ask, done)
