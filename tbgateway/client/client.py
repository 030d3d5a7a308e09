"""The client: one gateway, its nouns."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from tbgateway.client.addresses import Address, parse_address
from tbgateway.client.api import Api
from tbgateway.client.boards import Boards
from tbgateway.client.discovery import find_gateway
from tbgateway.client.events import Event, EventListener
from tbgateway.client.experiments import Experiments
from tbgateway.client.members import Members
from tbgateway.client.results import Logdir, Restored, Versions, WhoAmI
from tbgateway.client.tensorboards import Tensorboards
from tbgateway.client.tokens import Tokens
from tbgateway.client.transport import Request, Transport


class Client:
    """A gateway, as scripts see it: `client.boards`, `.experiments`, `.members`, `.tokens`.

    `.tensorboards` are boards by the verbs of Gradient's client.

    Every call raises the classes of `tbgateway.errors`: what the gateway said, or
    UnreachableError if none answers. Safe to use from several threads.
    """

    def __init__(
        self, address: Address | str, *, token: str | None = None, timeout: float = 30.0
    ) -> None:
        """Talk to the gateway at `address`; `timeout` is how long one answer may take (s)."""
        resolved = parse_address(address) if isinstance(address, str) else address
        self._api = Api(Transport(resolved, token, timeout))
        self.boards = Boards(self._api)
        self.experiments = Experiments(self._api)
        self.members = Members(self._api)
        self.tokens = Tokens(self._api)
        self.tensorboards = Tensorboards(self._api)

    @classmethod
    def find(
        cls,
        url: str | None = None,
        token_file: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client for the gateway that `discovery.find_gateway` finds."""
        found = find_gateway(url, token_file, environ=os.environ if environ is None else environ)
        return cls(found.address, token=found.token)

    @property
    def address(self) -> Address:
        """Where the gateway is."""
        return self._api.transport.address

    def whoami(self) -> WhoAmI:
        """Return whom the gateway takes this client for."""
        return self._api.read(WhoAmI, Request("GET", "/whoami"))

    def versions(self) -> Versions:
        """Return which versions run on the gateway's side."""
        return self._api.read(Versions, Request("GET", "/version"))

    def logdirs(self) -> tuple[Logdir, ...]:
        """Return the directories whose sub-directories are experiments, by name."""
        return tuple(self._api.pages(Logdir, "/logdirs"))

    def back_up(self) -> bytes:
        """Return all records of the gateway as the content of one file (admins)."""
        return self._api.ask(Request("GET", "/backup")).body

    def restore(self, backup: bytes) -> Restored:
        """Replace all records of the gateway by those of a backup (admins)."""
        return self._api.read(Restored, Request("PUT", "/backup", body=backup))

    def events(self, *, board: str | None = None, patience: float = 60.0) -> Iterator[Event]:
        """Yield what happens, of all or of one board (until it is deleted), first a Reset.

        A gateway that was reached once may be away for `patience` seconds before that raises; a
        Lost says that it is.
        """
        return EventListener(self._api.transport, board, patience).events()

    def __repr__(self) -> str:
        return f"<Client {self.address}>"
