"""Making the loopback of a private network acknowledge at once.

TensorBoard's data server sends an answer in several small pieces (gRPC, without TCP_NODELAY); each
waits until the one before is acknowledged, and Linux delays that by 40 ms. So every question of
TensorBoard to its data server takes 44 ms, and 0.4 ms without the delay (measured with data server
0.7.2 on Linux 6.18). The routes of a network that is our own may switch it off, as
`ip route … quickack 1` does (rtnetlink(7), ip-route(8)).
"""

import os
import socket
import struct

_RTM_NEWROUTE = 24
_NLMSG_ERROR = 2
_REPLACE = 0x001 | 0x004 | 0x100 | 0x400  # NLM_F_REQUEST, _ACK, _REPLACE, _CREATE
_TABLE_LOCAL, _KERNEL, _SCOPE_HOST, _LOCAL = 255, 2, 254, 2
_DST, _OIF, _PREFSRC, _METRICS = 1, 4, 7, 8
_QUICKACK = 15
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port id
_ROUTE = struct.Struct("=BBBBBBBBI")  # struct rtmsg
_WHOLE_NET, _ONE_HOST = 8, 32  # prefix lengths of the two routes the kernel makes by itself


def acknowledge_at_once() -> None:
    """Replace the two local routes of 127.0.0.0/8; raise OSError if the kernel refuses."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.bind((0, 0))
        for sequence, prefix in enumerate((_WHOLE_NET, _ONE_HOST), start=1):
            kernel.send(_new_route(sequence, prefix))
            _check(kernel.recv(4096))


def _new_route(sequence: int, prefix: int) -> bytes:
    own = socket.inet_aton("127.0.0.1")
    net = own if prefix == _ONE_HOST else socket.inet_aton("127.0.0.0")
    route = _ROUTE.pack(socket.AF_INET, prefix, 0, 0, _TABLE_LOCAL, _KERNEL, _SCOPE_HOST, _LOCAL, 0)
    body = route + b"".join(
        (
            _attribute(_DST, net),
            _attribute(_OIF, struct.pack("=I", socket.if_nametoindex("lo"))),
            _attribute(_PREFSRC, own),
            _attribute(_METRICS, _attribute(_QUICKACK, struct.pack("=I", 1))),
        )
    )
    return _HEADER.pack(_HEADER.size + len(body), _RTM_NEWROUTE, _REPLACE, sequence, 0) + body


def _attribute(kind: int, value: bytes) -> bytes:
    """Pack a struct rtattr; all values here are multiples of four bytes, so none needs padding."""
    return struct.pack("=HH", 4 + len(value), kind) + value


def _check(answer: bytes) -> None:
    """Raise what the kernel says; an error of 0 is its acknowledgement."""
    _, kind, *_ = _HEADER.unpack_from(answer)
    (code,) = struct.unpack_from("=i", answer, _HEADER.size)
    if kind != _NLMSG_ERROR or code != 0:
        raise OSError(-code, os.strerror(-code))
