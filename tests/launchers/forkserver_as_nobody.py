"""A forkserver under another user, started by root.

The other user may not be able to read the interpreter: whatever is ever needed of it is loaded
before the user changes.
"""

import ctypes
import os
import sys

import tbgateway.worker.__main__ as worker
from tbgateway.worker.template import load_template

NOBODY = 65534
PR_SET_DUMPABLE = 4


def main() -> int:
    load_template(pack_assets=True)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    # A change of user makes a process undumpable, and its own /proc unwritable; one that was
    # started under its user by systemd is not.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    return worker.main(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
