"""tbgateway serve."""

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tbgateway.cli.session import Use
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import ROOT_NAME


@dataclass(frozen=True, kw_only=True)
class _Flags:
    """Settings that may be given on the command line, too.

    Args:
        logdir: [NAME=]DIR, a directory whose first level holds experiments; may be repeated.
            Its name is the directory's own unless given.
        depth: Which level of the logdirs holds experiments: 1, or 2 for PROJECT/RUN.
        config: Read settings from this TOML file.
        listen: HOST:PORT, unix:PATH or fd:N; may be repeated.
        state_dir: Where the gateway keeps its database, logs and link trees.
        public_url: The URL that people use, if a proxy stands in front.
        log_level: How much is logged: debug, info, warning or error.

    """

    logdir: list[str] = field(default_factory=list)
    depth: int | None = None
    config: Path | None = None
    listen: list[str] = field(default_factory=list)
    state_dir: str | None = None
    public_url: str | None = None
    log_level: str | None = None

    def overrides(self) -> dict[str, object]:
        """Return what goes before the file and the environment; None is not given."""
        return {
            "logdirs": logdirs(self.logdir, self.depth),
            "server.listen": self.listen or None,
            "server.public_url": self.public_url,
            "state.dir": None if self.state_dir is None else _directory(self.state_dir),
            "log.level": self.log_level,
        }


Flags = Annotated[_Flags, Parameter(name="*")]
_NO_FLAGS = _Flags()


def serve(
    *, flags: Flags = _NO_FLAGS, admin_password_file: Path | None = None, session: Use
) -> int:
    """Run the gateway until it is told to stop (SIGTERM, SIGINT); SIGHUP reloads its settings.

    Args:
        admin_password_file: The first admin's password, for the very first start. Without it one
            is generated and printed.

    """
    from tbgateway import gateway  # noqa: PLC0415 - only this command needs the server's side
    from tbgateway.settings import load_settings  # noqa: PLC0415 - the same

    del session  # a server answers by its own log
    overrides = flags.overrides()  # paths are taken from where it was started
    return gateway.serve(
        partial(load_settings, flags.config, overrides), admin_password_file=admin_password_file
    )


def logdirs(texts: list[str], depth: int | None) -> dict[str, dict[str, object]]:
    """Read the values of --logdir; raise InvalidInputError if two have the same name."""
    found: dict[str, dict[str, object]] = {}
    for text in texts:
        name, path = _named(text)
        if name in found:
            raise InvalidInputError(
                f"Two logdirs are named {name!r}.", hint="Name them: --logdir NAME=DIR"
            )
        found[name] = {"path": path} | ({} if depth is None else {"depth": depth})
    return found


def _directory(text: str) -> Path:
    if text:
        return Path(text).expanduser().absolute()
    raise InvalidInputError("--state-dir '' names no directory.", hint="Use --state-dir DIR")


def _named(text: str) -> tuple[str, Path]:
    name, equals, directory = text.partition("=")
    if not (directory if equals else text):
        raise InvalidInputError(
            f"--logdir {text!r} names no directory.", hint="Use --logdir DIR or --logdir NAME=DIR"
        )
    if equals and ROOT_NAME.fullmatch(name):
        return name, Path(directory).expanduser().absolute()
    # Without a look at the disk: a mount that hangs would keep the gateway from its other logdirs.
    path = Path(os.path.normpath(Path(text).expanduser().absolute()))
    if ROOT_NAME.fullmatch(path.name):
        return path.name, path
    raise InvalidInputError(
        f"{path.name!r} cannot name a logdir.", hint=f"Give it a name: --logdir NAME={text}"
    )
