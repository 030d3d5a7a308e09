"""Which of TensorBoard's two loaders a board may use, and what operators are told about it."""

from dataclasses import dataclass

from tbgateway.worker.isolation import Network
from tbgateway.worker.messages import Order


@dataclass(frozen=True, slots=True)
class LoaderChoice:
    """Whether the Rust data server runs, and why."""

    rust: bool
    note: str


def choose_loader(order: Order, network: Network, *, binary: str | None) -> LoaderChoice:
    """Decide. `binary` is the data server's program, or None where it is not installed.

    The data server listens on loopback TCP without any authentication: on the host's network
    every local user could read the board's data past its password.
    """
    if order.loader == "python":
        return LoaderChoice(rust=False, note="Python loader, as asked for")
    if binary is None:
        return LoaderChoice(
            rust=False,
            note="Python loader (slow on large logdirs): TensorBoard's data server is not"
            " installed for this platform",
        )
    if network.private:
        return LoaderChoice(rust=True, note="Rust data server in a private network")
    if order.isolation == "prefer" and network.usable:
        return LoaderChoice(
            rust=True,
            note="Rust data server on loopback, open to every local user: no private network"
            f" ({network.problem})",
        )
    return LoaderChoice(
        rust=False,
        note=f"Python loader (slow on large logdirs): no private network ({network.problem})",
    )
