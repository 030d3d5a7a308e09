import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from pydantic import BaseModel

from tbgateway.client import results
from tbgateway.controlplane.api import routes
from tbgateway.controlplane.api.events import EventsApi
from tbgateway.routes import Route
from tbgateway.schemas import answers, events, requests

DOCS = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
NOTHING = Mock()  # routes only keep what they are given
ROUTES = routes(
    boards=NOTHING,
    visits=NOTHING,
    experiments=NOTHING,
    members=NOTHING,
    events=EventsApi(NOTHING, NOTHING, NOTHING, NOTHING),
    backups=NOTHING,
    ready=NOTHING,
    share=NOTHING,
)


def shapes(module: object, base: type[BaseModel]) -> list[type[BaseModel]]:
    found = [each for each in vars(module).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, base) and each is not base]


def test_every_route_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", DOCS, re.MULTILINE))
    assert documented == {f"{route.method} {route.pattern}" for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
def test_every_route_says_what_it_is(route: Route) -> None:
    assert route.operation is not None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
def test_who_may_is_documented(route: Route) -> None:
    beginning = f"| `{route.method} {route.pattern}` |"
    line = next(line for line in DOCS.splitlines() if line.startswith(beginning))
    said = line.split("|")[2].strip()
    allowed = {
        "anyone": {"everybody"},
        "viewers": {"viewers", "oneself, admins", "owner, admins"},
        "editors": {"editors", "owner, admins"},
        "admins": {"admins"},
    }
    assert said in allowed[route.who.value]


@pytest.mark.parametrize(
    "shape",
    [
        *shapes(requests, requests.Body),
        *shapes(requests, requests.Query),
        *shapes(answers, answers.Answer),
        *shapes(events, requests.Query),
    ],
)
def test_every_field_is_documented(shape: type[BaseModel]) -> None:
    assert {name for name in shape.model_fields if not re.search(rf"[`\"]{name}\b", DOCS)} == set()


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (answers.BoardAnswer, results.Board),
        (answers.MembershipAnswer, results.Membership),
        (answers.ExperimentAnswer, results.Experiment),
        (answers.LogdirAnswer, results.Logdir),
        (answers.MemberAnswer, results.Member),
        (answers.TokenAnswer, results.Token),
        (answers.NewTokenAnswer, results.NewToken),
        (answers.WhoAmIAnswer, results.WhoAmI),
        (answers.VersionAnswer, results.Versions),
    ],
)
def test_the_client_knows_every_field_of_an_answer(answer: type[BaseModel], result: type) -> None:
    assert set(answer.model_fields) == set(result.__dataclass_fields__)
