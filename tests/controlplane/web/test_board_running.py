"""Making and changing a board through a gateway that runs; only the board's process is a fake."""

from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from page_forms import form_to
from running_api import RunningApi
from running_gateway import ADMIN_PASSWORD, Answer, eventually, fetch

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Reader:
    """Somebody without scripts, who goes where answers lead."""

    def __init__(self, gateway: RunningApi) -> None:
        self.gateway = gateway

    def get(self, path: str) -> str:
        answer = fetch(f"{self.gateway.url}{path}", auth=("admin", ADMIN_PASSWORD))
        assert answer.status == 200, answer
        return answer.body.decode()

    def send(self, path: str, fields: Any) -> Answer:
        return fetch(
            f"{self.gateway.url}{path}",
            auth=("admin", ADMIN_PASSWORD),
            method="POST",
            body=urlencode(fields, doseq=True).encode(),
            headers=FORM,
        )

    def follow(self, path: str, fields: Any) -> str:
        answer = self.send(path, fields)
        assert answer.status == 303, answer
        there = urljoin(f"http://gateway{path}", answer.headers["Location"])
        return self.get(there.removeprefix("http://gateway"))


def page_with(reader: Reader, text: str) -> str:
    """Return the board's page once it says this."""

    def found() -> str | None:
        page = reader.get("/ui/boards/vision")
        return page if text in page else None

    page: str = eventually(found, what=text)
    return page


@pytest.fixture
def reader(gateway: RunningApi) -> Reader:
    return Reader(gateway)


def test_a_new_board_starts_without_a_visit_and_shows_what_is_on_it(reader: Reader) -> None:
    empty = form_to(reader.get("/ui/new-board"), "ui/new-board")
    typed = empty.press("step", "done", name="vision", access="members", pasted="first")
    page = reader.follow("/ui/new-board", typed)
    assert "The board is made and starts." in page

    assert "· visible" in page_with(reader, "Its experiment can be seen.")


def test_experiments_come_and_go_while_the_board_runs(reader: Reader) -> None:
    reader.gateway.ask("POST", "/boards", {"name": "vision", "experiments": ["first"]})
    reader.gateway.ask("POST", "/boards/vision/start")
    add = form_to(reader.get("/ui/boards/vision/add"), "/add")
    added = reader.follow("/ui/boards/vision/add", add.press("step", "done", pasted="second"))
    assert "1 experiment is added." in added

    page = page_with(reader, "All its experiments can be seen.")
    assert page.count("· visible") == 2
    remove = form_to(page, "/remove")
    (only,) = [value for name, value in remove.buttons if name == "only"][:1]
    assert "1 experiment is removed." in reader.follow(
        "/ui/boards/vision/remove", remove.press("only", only)
    )
    page_with(reader, "Its experiment can be seen.")


def test_the_log_is_on_the_page_of_those_who_may_change_the_board(reader: Reader) -> None:
    reader.gateway.ask("POST", "/boards", {"name": "vision", "experiments": ["first"]})

    assert "Last log lines" in reader.get("/ui/boards/vision")
