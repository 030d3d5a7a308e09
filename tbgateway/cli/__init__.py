"""The command line: nouns, then verbs. It talks to a gateway through `tbgateway.client` only."""

import sys
from collections.abc import Sequence

from tbgateway.cli.application import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to the process's own."""
    return run(list(sys.argv[1:] if arguments is None else arguments))
