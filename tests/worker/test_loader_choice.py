"""Which loader a board gets."""

from typing import Any

import pytest

from tbgateway.worker.isolation import Network
from tbgateway.worker.loader_choice import choose_loader
from tbgateway.worker.messages import Order

PRIVATE = Network(private=True, usable=True)
SHARED = Network(private=False, usable=True, problem="unshare: no")
CUT_OFF = Network(private=False, usable=False, problem="loopback: no")


def order(**changes: Any) -> Order:
    return Order(launch_id="tb1.1", title="t", logdir="/l", temporary="/t", **changes)


@pytest.mark.parametrize(
    ("isolation", "loader", "network", "binary", "rust", "words"),
    [
        ("require", "auto", PRIVATE, "/server", True, "private network"),
        ("prefer", "auto", PRIVATE, "/server", True, "private network"),
        ("require", "auto", SHARED, "/server", False, "unshare: no"),
        ("prefer", "auto", SHARED, "/server", True, "open to every local user"),
        ("require", "auto", CUT_OFF, "/server", False, "loopback: no"),
        ("prefer", "auto", CUT_OFF, "/server", False, "loopback: no"),
        ("require", "auto", PRIVATE, None, False, "not installed"),
        ("prefer", "auto", SHARED, None, False, "not installed"),
        ("require", "python", PRIVATE, "/server", False, "as asked for"),
    ],
)
def test_the_data_server_runs_only_where_nobody_else_reaches_it_unless_that_is_accepted(
    *, isolation: str, loader: str, network: Network, binary: str | None, rust: bool, words: str
) -> None:
    choice = choose_loader(order(isolation=isolation, loader=loader), network, binary=binary)

    assert choice.rust is rust
    assert words in choice.note
