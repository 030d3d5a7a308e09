"""Which pages there are, and who may see them."""

from http import HTTPStatus

from aiohttp import web

from tbgateway.controlplane.web import files
from tbgateway.controlplane.web.account import Account
from tbgateway.controlplane.web.add_experiments import AddExperiments
from tbgateway.controlplane.web.board import BoardAlone
from tbgateway.controlplane.web.board_verbs import BoardVerbs
from tbgateway.controlplane.web.boards_selection import BoardsSelection
from tbgateway.controlplane.web.delete_board import DeleteBoard
from tbgateway.controlplane.web.describe_experiment import DescribeExperiment
from tbgateway.controlplane.web.experiment import ExperimentAlone
from tbgateway.controlplane.web.experiment_actions import ExperimentActions
from tbgateway.controlplane.web.experiments import ExperimentsList
from tbgateway.controlplane.web.home import Home
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.member import MemberAlone
from tbgateway.controlplane.web.members import MembersList
from tbgateway.controlplane.web.new_board import NewBoard
from tbgateway.controlplane.web.sign_in import SignIn
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Handle, Route, Who


def web_routes(means: Means) -> tuple[Route, ...]:
    """Return the routes of the pages and of what they are made of."""
    return (
        *Home(means).routes(),
        *BoardsSelection(means).routes(),
        *NewBoard(means).routes(),
        *BoardAlone(means).routes(),
        *BoardVerbs(means).routes(),
        *AddExperiments(means).routes(),
        *DeleteBoard(means).routes(),
        *SignIn(means).routes(),
        *ExperimentsList(means).routes(),
        *ExperimentActions(means).routes(),
        *ExperimentAlone(means).routes(),
        *DescribeExperiment(means).routes(),
        *MembersList(means).routes(),
        *MemberAlone(means).routes(),
        *Account(means).routes(),
        Route("GET", "/boards", Who.ANYONE, _redirect_home_from("/boards")),
        Route("GET", "/boards/", Who.ANYONE, _redirect_home_from("/boards/")),
        Route("GET", "/ui/static/{file}", Who.ANYONE, files.send_named),
        Route("GET", "/favicon.ico", Who.ANYONE, files.sender("favicon.ico")),
        Route("GET", "/favicon.svg", Who.ANYONE, files.sender("favicon.svg")),
        Route("GET", "/robots.txt", Who.ANYONE, files.send_robots),
    )


def _redirect_home_from(path: str) -> Handle:
    location = Urls.seen_from(path).home

    async def redirect(_exchange: Exchange) -> web.StreamResponse:
        headers = {"Location": location}
        return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers=headers)

    return redirect
