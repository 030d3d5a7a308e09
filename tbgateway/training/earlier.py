"""Registering an experiment whose script has ended, untold."""

from tbgateway.client import Client, Experiment
from tbgateway.domain.errors import InvalidInputError, NameTakenError
from tbgateway.domain.model import ExperimentState
from tbgateway.training.endings import Ending
from tbgateway.training.spool import Untold
from tbgateway.training.teller import tell_end

_LEASE = 60.0  # seconds; long enough to tell the end


def register_earlier(client: Client, untold: Untold, nonce: str) -> Experiment:
    """Register it as what it is: with event files, or ended before its first one.

    The latter is refused unless it begins; so it begins, and ends again. Raise a TbgatewayError.
    """
    try:
        return client.experiments.register(untold.directory, nonce=nonce)
    except InvalidInputError as error:
        if error.field != "path" or untold.state not in set(ExperimentState):
            raise
    experiment = _begun(client, untold, nonce)
    ending = Ending(ExperimentState(untold.state), untold.reason)
    tell_end(client, experiment.id, ending, untold.ended_at)
    return experiment


def _begun(client: Client, untold: Untold, nonce: str) -> Experiment:
    path, name = untold.directory, untold.name
    try:
        return client.experiments.register(path, name=name, lease=_LEASE, nonce=nonce)
    except NameTakenError:
        return client.experiments.register(path, lease=_LEASE, nonce=nonce)
