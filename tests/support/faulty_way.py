"""A way to a gateway that can be disturbed: between a client and a port of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class FaultyWay:
    """What happens to connections from now on. Each carries one request, as clients make them."""

    port: int
    upstream: int
    asked: list[str] = field(default_factory=list)
    """The first lines of the requests that came."""
    is_cut: bool = False
    """Whether connections are closed at once."""
    was_cut: int = 0
    """How many connections were closed at once."""
    losing: list[str] = field(default_factory=list)
    """Whose first line holds one of these, the gateway gets, but its answer is lost; once each."""
    lost: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address for clients."""
        return f"http://127.0.0.1:{self.port}"

    def carry(self, client: socket.socket) -> None:
        """Carry one request and its answer."""
        with client, suppress(OSError):
            if self.is_cut:
                self.was_cut += 1
                return
            with socket.create_connection(("127.0.0.1", self.upstream), 30) as gateway:
                client.settimeout(0.5)
                first = client.recv(65536)
                line = first.partition(b"\r\n")[0].decode()
                self.asked.append(line)
                gateway.sendall(first)
                threading.Thread(target=_copy, args=(client, gateway), daemon=True).start()
                self._bring_back(gateway, client, line)

    def _bring_back(self, gateway: socket.socket, client: socket.socket, line: str) -> None:
        answer = b""
        while part := gateway.recv(65536):
            answer += part
        for word in self.losing:
            if word in line:
                self.losing.remove(word)
                self.lost.append(line)
                return
        client.sendall(answer)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Carry the rest of a request."""
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)


@contextmanager
def faulty_way_to(port: int) -> Iterator[FaultyWay]:
    """Listen on a free port, in front of this one."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        way = FaultyWay(listener.getsockname()[1], port)
        accepting = threading.Thread(target=_accept, args=(listener, way), daemon=True)
        accepting.start()
        yield way
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _accept(listener: socket.socket, way: FaultyWay) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=way.carry, args=(client,), daemon=True).start()
