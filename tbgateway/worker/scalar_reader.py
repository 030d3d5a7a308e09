"""`python -m tbgateway.worker.scalar_reader PARENT ROOT…`: reads scalars for the gateway.

Turns come in as lines, their answers go out as lines, see `scalar_messages`. It may read the logdir
roots and nothing else, and ends with the gateway.
"""

import os
import signal
import sys

from tbgateway.worker import kernel
from tbgateway.worker.confinement import confine, go_first_when_memory_ends, limit_resources
from tbgateway.worker.isolation import drop_privileges, enter_private_network
from tbgateway.worker.scalar_messages import Hello, decode_turn, encode_answer
from tbgateway.worker.scalar_shelf import ScalarShelf

_NICE = 10
"""Behind the gateway and its boards: nobody waits for a sparkline."""


def main(parent: int, roots: list[str]) -> None:
    """Serve the gateway, process `parent`, until it closes the standard input."""
    kernel.die_with_parent(parent)
    kernel.set_name("tb-scalars")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    unconfined = _lock_in(roots)
    shelf = ScalarShelf()
    _say(encode_answer(Hello(unconfined)))
    for line in sys.stdin.buffer:
        _say(encode_answer(shelf.take(decode_turn(line))))


def _lock_in(roots: list[str]) -> str:
    network = enter_private_network()
    go_first_when_memory_ends()
    limit_resources(own_users=network.own_users)
    drop_privileges()
    return confine(readable=roots, writable=os.devnull, executable=None)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
