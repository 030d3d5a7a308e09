"""What every command gets: the terminal it prints to and the gateway it talks to."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tbgateway.cli.terminal import Output, Terminal
from tbgateway.client import Client


@dataclass(frozen=True)
class Session:
    """One command's surroundings. The gateway is looked for when it is first needed."""

    terminal: Terminal
    url: str | None = None
    token_file: Path | None = None

    @cached_property
    def client(self) -> Client:
        """The gateway; raise UnreachableError if none is found."""
        return Client.find(self.url, self.token_file)

    @property
    def json(self) -> bool:
        """Whether results are printed as JSON."""
        return self.terminal.output is Output.JSON

    @property
    def wide(self) -> bool:
        """Whether tables tell all they can."""
        return self.terminal.output is Output.WIDE


Use = Annotated[Session, Parameter(parse=False, show=False)]
"""A command's keyword-only parameter of this type is filled by the application, not by users."""
