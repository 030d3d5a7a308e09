"""tbgateway demo."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tbgateway.cli.session import Use


def demo(
    *,
    listen: str = "127.0.0.1:8300",
    open_: Annotated[bool, Parameter(name="--open")] = False,
    credentials_file: Path | None = None,
    session: Use,
) -> int:
    """Try it out: sample experiments on two boards, gone without a trace at Ctrl-C.

    Args:
        listen: HOST:PORT to listen on.
        open_: Open the boards in the browser.
        credentials_file: Write all URLs, user names and passwords to this file, as JSON.

    """
    from tbgateway import demo as server  # noqa: PLC0415 - only this command needs the server's side

    del session  # the demo prints what there is to say
    return server.run(listen, open_browser=open_, credentials_file=credentials_file)
