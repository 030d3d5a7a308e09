"""Telling systemd how the gateway is, by the protocol of sd_notify(3)."""

import os
import socket


def notify(*assignments: str) -> bool:
    """Send lines such as `READY=1`; return whether anybody listens.

    Does nothing outside of a unit of Type=notify. Errors are swallowed, as sd_notify(3) advises:
    a service works without its supervisor's ear.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    # A leading @ stands for the abstract namespace, whose names begin with a NUL.
    path = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto("\n".join(assignments).encode(), path)
    except OSError:
        return False
    return True
