"""`python -m tbgateway.worker.single [OPTIONS] DESCRIPTOR PARENT`: a board by itself.

The order comes as it comes to a forkserver. The data server loads while TensorBoard is imported.
"""

import sys
from typing import NoReturn

from tbgateway.worker.channel import Channel, Descriptors
from tbgateway.worker.groundwork import lay_groundwork
from tbgateway.worker.messages import Order
from tbgateway.worker.options import Options


def main(descriptor: int, parent: int, options: Options) -> NoReturn:
    """Take one order from the gateway, process `parent`, and become that board."""
    channel = Channel.inherited(descriptor)
    received = channel.receive()
    channel.close()
    if received is None or not isinstance(received.message, Order):
        sys.exit("no order came")
    descriptors = Descriptors.received(received.descriptors)
    groundwork = lay_groundwork(
        received.message, descriptors, parent, gateway=parent, helpers=bool(options.plugins)
    )
    # TensorBoard takes half a second to import: only now, beside the data server's first load.
    from tbgateway.worker.board import run_board  # noqa: PLC0415 - see above
    from tbgateway.worker.template import load_template  # noqa: PLC0415 - see above

    template = load_template(options, pack_assets=False, tried=True)
    sys.stderr.writelines(f"{problem}\n" for problem in template.problems)
    run_board(groundwork, template)


if __name__ == "__main__":
    *arguments, own_end, gateway = sys.argv[1:]
    main(int(own_end), int(gateway), Options.parse(arguments))
