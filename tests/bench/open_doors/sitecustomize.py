"""Lets everybody ask the boards of a benchmark: the reference must reach the same process.

Python imports this at its start where the folder is on PYTHONPATH.
"""

from tbgateway.worker.board_server import BoardServer


def _admit(_server: BoardServer, _request: object, _client_address: object) -> bool:
    return True


BoardServer.verify_request = _admit  # type: ignore[method-assign] # that is what this is for
