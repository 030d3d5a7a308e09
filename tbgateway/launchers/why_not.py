"""What an error of the machine means for a launch: nothing to launch with now, or never."""

from tbgateway.domain.shortages import shortage_in_start
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError, ShortageError


def why_not(what: str, error: OSError, said: str = "") -> LaunchError | EngineUnreachableError:
    """Return what to raise; `what` could not be had, `said` replaces the error's words."""
    shortage = shortage_in_start(error)
    if shortage:
        return ShortageError(f"{what}: {shortage}")
    return LaunchError(f"{what}: {said or error.strerror}")
