"""The way to the gateway of a script: found once, and not left for another one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tbgateway.client import Client
from tbgateway.client.addresses import Address
from tbgateway.client.discovery import find_gateway, name_gateway
from tbgateway.domain.errors import InvalidInputError, UnreachableError

_PATIENCE = 10.0
"""Seconds that one answer may take."""


@dataclass(slots=True)
class Contact:
    """Finds the gateway as the command line does; a named `address` and a `token` come first."""

    environ: Mapping[str, str]
    address: Address | None = None
    token: str | None = field(default=None, repr=False)
    _client: Client | None = field(default=None, init=False)
    _is_known: bool = field(default=False, init=False)

    def client(self) -> Client:
        """Return a client for the gateway. Raise a TbgatewayError if there is none."""
        if self._client is None or not self._is_known:
            found = self._find()
            if self._client is None or found.address == self._client.address:
                self._client = found
            self._is_known = True
        return self._client

    def forget_token(self) -> None:
        """Look for another token, such as one of a new `tbgateway login` to the same gateway."""
        self._is_known = False

    @property
    def gateway(self) -> str:
        """What to call the gateway, whether it answers or not."""
        return self.key if self._client is None else str(self._client.address)

    @property
    def key(self) -> str:
        """Where the gateway is looked for first: the same word in every script of a user."""
        with suppress(InvalidInputError, RuntimeError):  # such as a user without a home
            return name_gateway(self._url, environ=self.environ)
        return "a gateway that cannot be named"

    @property
    def _url(self) -> str | None:
        return None if self.address is None else str(self.address)

    def _find(self) -> Client:
        try:
            found = find_gateway(self._url, environ=self.environ, token=self.token)
        except (OSError, RuntimeError) as error:
            raise UnreachableError(f"No gateway was found: {error}.") from error
        return Client(found.address, token=found.token, timeout=_PATIENCE)
