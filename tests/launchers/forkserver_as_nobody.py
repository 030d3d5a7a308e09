"""A forkserver under another user, started by root.

The other user may not be able to read the interpreter: whatever is ever needed of it is loaded
before the user changes.
"""

import ctypes
import os
import sys

import tbgateway.worker.__main__ as worker
from tbgateway.worker.options import Options
from tbgateway.worker.template import load_template

NOBODY = 65534
PR_SET_DUMPABLE = 4


def main() -> int:
    *arguments, descriptor, parent = sys.argv[1:]
    options = Options.parse(arguments)
    load_template(options, pack_assets=True)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    # A change of user makes a process undumpable, and its own /proc unwritable; one that was
    # started under its user by systemd is not.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    return worker.main(int(descriptor), int(parent), options)


if __name__ == "__main__":
    sys.exit(main())
