"""Telling what earlier scripts of this machine could not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tbgateway.client import Client
from tbgateway.domain.errors import TbgatewayError
from tbgateway.training.complaints import Complaints
from tbgateway.training.memberships import is_final, put_on_board
from tbgateway.training.nonce import nonce_in
from tbgateway.training.spool import Spool, Untold


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the spool holds for one gateway."""

    spool: Spool
    gateway: str
    complaints: Complaints

    def tell(self, client: Client, *, until: Callable[[], bool]) -> None:
        """Tell it, until there is something else to do. Raise a TbgatewayError to come back."""
        for file, untold in self.spool.of(self.gateway):
            if until():
                return
            if Path(untold.directory).is_dir() and self._tell(client, untold):
                self.spool.drop(file)

    def _tell(self, client: Client, untold: Untold) -> bool:
        """Tell one; return whether it need not be told again."""
        try:
            with nonce_in(Path(untold.directory)) as nonce:
                experiment = client.experiments.register(untold.directory, nonce=nonce)
            for board in untold.boards:
                put_on_board(client, experiment.id, board, create=untold.create_boards)
        except OSError:
            return False
        except TbgatewayError as error:
            if not is_final(error):
                raise
            self.complaints.refused(f"{untold.name!r}, of an earlier script", error)
        return True
