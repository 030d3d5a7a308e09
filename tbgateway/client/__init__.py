"""Talking to a gateway from Python, with nothing but the standard library."""

from tbgateway.client.client import Client
from tbgateway.client.events import (
    BoardChanged,
    BoardDeleted,
    Event,
    ExperimentChanged,
    ExperimentDeleted,
    Lost,
    Reset,
)
from tbgateway.client.results import (
    Board,
    Experiment,
    Logdir,
    Member,
    Membership,
    NewToken,
    Token,
    Versions,
    Visit,
    WhoAmI,
)

__all__ = [
    "Board",
    "BoardChanged",
    "BoardDeleted",
    "Client",
    "Event",
    "Experiment",
    "ExperimentChanged",
    "ExperimentDeleted",
    "Logdir",
    "Lost",
    "Member",
    "Membership",
    "NewToken",
    "Reset",
    "Token",
    "Versions",
    "Visit",
    "WhoAmI",
]
