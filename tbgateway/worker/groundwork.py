"""What a board process does before TensorBoard comes in, while it still has one thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tbgateway.worker import lifeline
from tbgateway.worker.channel import Descriptors
from tbgateway.worker.confinement import (
    confine,
    enter_group,
    go_first_when_memory_ends,
    limit_resources,
    stand_back,
)
from tbgateway.worker.data_hold import DataHold
from tbgateway.worker.data_server import DataServer, find_binary
from tbgateway.worker.isolation import drop_privileges, enter_private_network
from tbgateway.worker.loader_choice import choose_loader
from tbgateway.worker.messages import Order
from tbgateway.worker.process import become_board
from tbgateway.worker.status import Status


@dataclass(frozen=True, slots=True)
class Groundwork:
    """A process that is a board's own; `data` is None where the Python loader runs.

    Whoever asks on the `listener` must be the process `gateway`.
    """

    order: Order
    gateway: int
    listener: int
    status: Status
    data: DataHold | None
    notes: tuple[str, ...]


def lay_groundwork(
    order: Order, descriptors: Descriptors, parent: int, *, gateway: int, helpers: bool = False
) -> Groundwork:
    """Turn this process, made by `parent` for `gateway`, into the board's: confined, watched.

    Its data begins to load. With `helpers`, plugins may start more processes of our interpreter.
    """
    become_board(order, descriptors, parent=parent, gateway=gateway)
    ungrouped = enter_group(order.group)
    stand_back()
    binary = find_binary()
    network = enter_private_network()
    not_first = go_first_when_memory_ends()
    limit_resources(own_users=network.own_users)
    drop_privileges()
    unconfined = confine(
        readable=(order.logdir, *order.readable, *_directory_of(order.descriptions)),
        writable=order.temporary,
        executable=binary,
        multiprocessing=helpers,
    )
    status = Status(descriptors.status)
    status.loading("starting TensorBoard")
    choice = choose_loader(order, network, binary=binary)
    data, note = None, choice.note
    if binary is not None and choice.rust:
        after = order.release_data_after if network.private else 0.0
        data, problem = _hold(binary, order, descriptors.lifeline, let_go_after=after)
        note = problem or note
    lifeline.watch(descriptors.lifeline)
    if data is not None:
        data.watch(status.die)
    notes = (note, *_warned(unconfined, not_first, ungrouped))
    return Groundwork(order, gateway, descriptors.listener, status, data, notes)


def _directory_of(file: str) -> tuple[str, ...]:
    """Return the directory that holds `file`: what is renamed into it may be read too."""
    return (str(Path(file).parent),) if file else ()


def _warned(unconfined: str, not_first: str, ungrouped: str) -> Iterator[str]:
    if unconfined:
        yield f"not kept from other files of the gateway's user: {unconfined}"
    if not_first:
        yield f"not the first to go when memory ends: {not_first}"
    if ungrouped:
        yield f"not limited by the kernel: its control group: {ungrouped}"


def _hold(
    binary: str, order: Order, held: int, *, let_go_after: float
) -> tuple[DataHold | None, str]:
    def start(port: int) -> DataServer:
        return DataServer.start(
            binary, order.logdir, order.samples_per_plugin, held=(held,), port=port
        )

    try:
        return DataHold(start, let_go_after=let_go_after), ""
    except OSError as error:
        return None, f"Python loader (slow on large logdirs): {binary}: {error.strerror}"
