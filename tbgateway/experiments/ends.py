"""What somebody says when an experiment is over: a person, or the script that ran it."""

from tbgateway.domain.description_file import by_script
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.experiment_state import End
from tbgateway.domain.model import ExperimentState
from tbgateway.domain.reasons import check_reason
from tbgateway.domain.unix_time import is_unix_time


def completed(by: str, ended_at: float | None = None) -> End:
    """Return what is said of a finished experiment; `ended_at` (Unix seconds) by its script."""
    return _end(ExperimentState.COMPLETED, "", f"completed by {by}", ended_at)


def failed(reason: str, by: str, ended_at: float | None = None) -> End:
    """Return what is said of one that failed. Raise InvalidInputError for an odd reason."""
    return _end(ExperimentState.FAILED, reason, f"failed, said {by}", ended_at)


def stopped(reason: str, by: str, ended_at: float | None = None) -> End:
    """Return what is said of one that was stopped. Raise InvalidInputError for an odd reason."""
    return _end(ExperimentState.STOPPED, reason, f"stopped by {by}", ended_at)


def _end(state: ExperimentState, reason: str, otherwise: str, ended_at: float | None) -> End:
    """Return the end. What its own script says is told alike, whichever way it comes."""
    if ended_at is not None:
        otherwise = by_script(state)
        if not is_unix_time(ended_at):
            raise InvalidInputError(
                "The time of the end is none.",
                hint="Give the seconds since 1970, in UTC.",
                field="ended_at",
            )
    return End(state, check_reason(reason) or otherwise, ended_at)
