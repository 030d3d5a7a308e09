"""Telling what earlier scripts of this machine could not.

In a thread of its own: neither what is slow or wrong with an earlier experiment, nor a file system
that hangs, may keep the present one waiting.
"""

import threading
from contextlib import suppress
from pathlib import Path

from tbgateway.client import Client
from tbgateway.domain.errors import NotSharedError, TbgatewayError, UnreachableError
from tbgateway.training.complaints import Complaints
from tbgateway.training.earlier import register_earlier
from tbgateway.training.memberships import is_final, put_on_board
from tbgateway.training.nonce import nonce_in
from tbgateway.training.spool import Spool, Untold


class Backlog:
    """What the spool holds for one gateway."""

    def __init__(self, spool: Spool, gateway: str, complaints: Complaints) -> None:
        self._spool = spool
        self._gateway = gateway
        self._complaints = complaints
        self._thread: threading.Thread | None = None
        self._was_told = False
        self._is_ending = threading.Event()

    def begin(self, client: Client) -> None:
        """Tell it, unless that was done or is being done."""
        if self._was_told or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(
            target=self._run, args=(client,), name="tbgateway backlog", daemon=True
        )
        with suppress(RuntimeError):  # there are as many threads as may be
            self._thread.start()

    def end(self, patience: float) -> None:
        """Begin nothing more; wait at most so many seconds for what is being told."""
        self._is_ending.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(max(0.0, patience))

    def _run(self, client: Client) -> None:
        try:
            self._tell_all(client)
        except UnreachableError as error:
            self._complaints.note(f"Earlier experiments are told of later: {error.detail}")
        except Exception as error:  # noqa: BLE001 - a training is never harmed by what we overlooked
            kind = type(error).__name__
            self._complaints.say("backlog", f"Earlier experiments are not told of: {kind}.")
            self._was_told = True
        else:
            self._was_told = True

    def _tell_all(self, client: Client) -> None:
        """Tell one after the other, at least one of them. Raise UnreachableError to come back."""
        for file in self._spool.files():
            with self._spool.claimed(file) as untold:
                if untold is None or untold.gateway != self._gateway:
                    continue
                if self._tell(client, untold):
                    self._spool.drop(file)
            if self._is_ending.is_set():
                return

    def _tell(self, client: Client, untold: Untold) -> bool:
        """Tell one; return whether it need not be told again. What failed is for the next script.

        Raise UnreachableError if there is no gateway.
        """
        try:
            with nonce_in(Path(untold.directory)) as nonce:
                experiment = register_earlier(client, untold, nonce)
        except (OSError, NotSharedError):  # not now: it may be mounted again
            return False
        except TbgatewayError as error:
            return self._refused(untold, error)
        put = [self._put(client, experiment.id, board, untold) for board in untold.boards]
        return all(put)

    def _put(self, client: Client, experiment: str, board: str, untold: Untold) -> bool:
        try:
            put_on_board(client, experiment, board, create=untold.create_boards)
        except TbgatewayError as error:
            return self._refused(untold, error)
        return True

    def _refused(self, untold: Untold, error: TbgatewayError) -> bool:
        """Say that it was refused; return whether it would be refused again."""
        if isinstance(error, UnreachableError):
            raise error
        if is_final(error):
            self._complaints.refused(f"{untold.name!r}, of an earlier script", error)
        return is_final(error)
