"""tbgateway version."""

from importlib.metadata import version as version_of

import tbgateway
from tbgateway.cli.session import Use


def version(*, session: Use) -> None:
    """Print the versions that are installed here."""
    versions = {"tbgateway": tbgateway.__version__, "tensorboard": version_of("tensorboard")}
    if session.json:
        session.terminal.result(versions)
    else:
        session.terminal.record(versions)
