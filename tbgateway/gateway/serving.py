"""`tbgateway serve`: one gateway, from its start to the signal that ends it."""

import asyncio
import resource
from functools import partial
from pathlib import Path

import structlog

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway.background import background
from tbgateway.gateway.composition import running
from tbgateway.gateway.reloading import LoadSettings, Reloading
from tbgateway.gateway.signals import stop_signals
from tbgateway.members import FIRST_ADMIN
from tbgateway.settings import Settings
from tbgateway.telemetry import configure_logging
from tbgateway.telemetry.systemd import notify

log = structlog.get_logger(__name__)


def serve(load_settings: LoadSettings, *, admin_password_file: Path | None = None) -> int:
    """Run a gateway until SIGTERM or SIGINT; return the exit status.

    `load_settings` is called now, and again at SIGHUP; it raises InvalidInputError.
    """
    settings = load_settings()
    configure_logging(settings.log)
    _allow_many_descriptors()
    asyncio.run(_serve(settings, load_settings, admin_password_file))
    return 0


def _allow_many_descriptors() -> None:
    """Raise the soft limit to the hard one: a board takes three, a visitor two."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: Settings, load: LoadSettings, password_file: Path | None) -> None:
    reloading = Reloading(load)
    read = partial(_read_password, password_file)
    async with stop_signals(reloading.ask) as stopping, running(settings, read) as gateway:
        gateway.settings_takers.append(partial(configure_logging, settings.log))
        if gateway.generated_password is not None:
            _announce_admin(gateway.generated_password)
        notify("READY=1", f"STATUS={gateway.summary()}")
        async with background(reloading.run(gateway)):
            await stopping.wait()
        notify("STOPPING=1")
        log.info("stopping")


def _read_password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_bytes().rstrip(b"\r\n").decode()
    except (OSError, UnicodeDecodeError) as error:
        # The latter's own words would show what could not be decoded.
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInputError(
            f"The password file {str(path)!r} cannot be read: {reason}.",
            hint="--admin-password-file names a file that holds the password and nothing else.",
        ) from None


def _announce_admin(password: str) -> None:
    change = f"tbgateway member set-password {FIRST_ADMIN} --generate-password"
    print(f"The first member is {FIRST_ADMIN!r} with the password {password}")  # noqa: T201 - said once, never logged
    print(f"It is not shown again. Change it: {change}", flush=True)  # noqa: T201 - the same
