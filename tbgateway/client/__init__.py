"""Talking to a gateway from Python, with nothing but the standard library."""

from tbgateway.client.client import Client
from tbgateway.client.results import (
    Board,
    Experiment,
    Member,
    Membership,
    NewToken,
    Token,
    Versions,
    WhoAmI,
)

__all__ = [
    "Board",
    "Client",
    "Experiment",
    "Member",
    "Membership",
    "NewToken",
    "Token",
    "Versions",
    "WhoAmI",
]
