"""The way to the gateway of a script: found once, and not left for another one."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tbgateway.client import Client
from tbgateway.client.addresses import Address, parse_address
from tbgateway.client.discovery import find_gateway
from tbgateway.client.saved_context import load_context
from tbgateway.domain.errors import InvalidInputError, UnreachableError
from tbgateway.domain.locations import context_file, control_sockets

_PATIENCE = 10.0
"""Seconds that one answer may take."""


@dataclass(slots=True)
class Contact:
    """Finds the gateway as the command line does; a named `address` comes first."""

    environ: Mapping[str, str]
    address: Address | None = None
    token_file: Path | None = None
    _client: Client | None = field(default=None, init=False)

    def client(self) -> Client:
        """Return a client for the gateway. Raise a TbgatewayError if there is none."""
        if self._client is None:
            self._client = self._find()
        return self._client

    @property
    def gateway(self) -> str:
        """What to call the gateway, whether it answers or not."""
        if self._client is not None:
            return str(self._client.address)
        return self.key

    @property
    def key(self) -> str:
        """Where the gateway is looked for first: the same word in every script of a user."""
        if self.address is not None:
            return str(self.address)
        with suppress(InvalidInputError, RuntimeError):
            url = self.environ.get("TBGATEWAY_URL") or self._saved_url()
            return str(parse_address(url) if url else f"unix:{self._sockets()[0]}")
        return "a gateway that cannot be named"

    def _find(self) -> Client:
        url = None if self.address is None else str(self.address)
        try:
            found = find_gateway(url, self.token_file, environ=self.environ)
        except (OSError, RuntimeError) as error:  # such as a user without a home
            raise UnreachableError(f"No gateway was found: {error}.") from error
        return Client(found.address, token=found.token, timeout=_PATIENCE)

    def _saved_url(self) -> str | None:
        saved = load_context(context_file(self.environ, Path.home()), may_be_closed=True)
        return None if saved is None else saved.url

    def _sockets(self) -> tuple[Path, ...]:
        return control_sockets(self.environ, os.getuid(), Path.home())
