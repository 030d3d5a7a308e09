"""`python -m tbgateway.worker DESCRIPTOR PARENT`: the forkserver, at the end of a connection."""

import sys

from tbgateway.worker import kernel
from tbgateway.worker.board import run_board
from tbgateway.worker.channel import Channel
from tbgateway.worker.forkserver import Forkserver, freeze
from tbgateway.worker.groundwork import lay_groundwork
from tbgateway.worker.messages import Ready
from tbgateway.worker.template import load_template


def main(descriptor: int, parent: int) -> int:
    """Serve the gateway, process `parent`, over the inherited `descriptor`."""
    kernel.die_with_parent(parent)
    kernel.adopt_orphans()
    channel = Channel.inherited(descriptor)
    template = load_template(pack_assets=True)
    if kernel.thread_count() != 1:
        sys.stderr.write("importing TensorBoard started threads: it cannot be forked\n")
        sys.stderr.writelines(f"{problem}\n" for problem in template.problems)
        return 1
    freeze()
    forkserver = Forkserver(channel)
    errand = forkserver.run(Ready(template.problems))
    if errand is None:
        forkserver.end()
        return 0
    return run_board(lay_groundwork(errand.order, errand.descriptors, errand.parent), template)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
