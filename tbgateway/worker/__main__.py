"""`python -m tbgateway.worker [OPTIONS] DESCRIPTOR PARENT`: the forkserver.

It is at the end of a connection to the gateway.
"""

import os
import sys
from dataclasses import replace
from typing import NoReturn

from tbgateway.worker import kernel
from tbgateway.worker.board import run_board
from tbgateway.worker.channel import Channel
from tbgateway.worker.confinement import look_around
from tbgateway.worker.forkserver import Forkserver, freeze
from tbgateway.worker.groundwork import lay_groundwork
from tbgateway.worker.isolation import enter_private_network
from tbgateway.worker.messages import Ready
from tbgateway.worker.options import Options
from tbgateway.worker.template import Template, load_template

_THREADS = "all third-party plugins are left out: importing them started threads"


def main(descriptor: int, parent: int, options: Options) -> int:
    """Serve the gateway over the inherited `descriptor`; `parent` is it, or its host."""
    kernel.die_with_parent(parent)
    kernel.adopt_orphans()
    channel = Channel.inherited(descriptor)
    gateway, _ = channel.peer()
    if options.plugins:
        # Their import runs here, where little else is kept from them: see docs/plugins.md.
        enter_private_network()
    template = load_template(options, pack_assets=True)
    flaw = template.rehearse()
    look_around()
    again = _without_troublemakers(options, template)
    if again is not None:
        _start_over(descriptor, parent, again)
    if kernel.thread_count() != 1:
        sys.stderr.write("importing TensorBoard started threads: it cannot be forked\n")
        sys.stderr.writelines(f"{problem}\n" for problem in template.problems)
        return 1
    sys.stderr.write(f"{flaw}\n" if flaw else "")
    freeze()
    forkserver = Forkserver(channel)
    errand = forkserver.run(Ready(template.problems))
    if errand is None:
        forkserver.end()
        return 0
    helpers = bool(options.plugins)
    groundwork = lay_groundwork(
        errand.order, errand.descriptors, errand.parent, gateway=gateway, helpers=helpers
    )
    return run_board(groundwork, template)


def _without_troublemakers(options: Options, template: Template) -> Options | None:
    """Return the options to start over with, None if plugins have left nothing behind here."""
    if kernel.thread_count() != 1 and options.plugins:
        return replace(options, plugins=(), left_out=(*template.problems, _THREADS))
    if template.cut_off:
        working = template.working_plugins()
        return replace(options, plugins=working, left_out=template.problems)
    return None


def _start_over(descriptor: int, parent: int, options: Options) -> NoReturn:
    """Become a fresh forkserver, with the same pid and at the same connection."""
    os.set_inheritable(descriptor, True)  # noqa: FBT003 - a function of the standard library
    arguments = (*options.arguments(), str(descriptor), str(parent))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "tbgateway.worker", *arguments])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    *arguments, own_end, gateway = sys.argv[1:]
    sys.exit(main(int(own_end), int(gateway), Options.parse(arguments)))
