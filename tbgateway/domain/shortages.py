"""What a machine may be short of for a while: it is nobody's fault, and another try may succeed."""

import errno
import os

_SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
_NO_THREAD = "can't start new thread"  # a RuntimeError of the interpreter, for EAGAIN
_PROCESSES = "too many processes"
"""Threads count as such; the kernel's own words for it, of a resource, help nobody."""


def shortage_in(error: BaseException) -> str:
    """Return what the error says that there is too little of; "" if it says something else.

    EAGAIN is none: a connection fails with it if the other end has its queue full.
    """
    if isinstance(error, OSError) and error.errno in _SHORT:
        return os.strerror(error.errno)
    if isinstance(error, RuntimeError) and str(error) == _NO_THREAD:
        return _PROCESSES
    return ""


def shortage_in_start(error: OSError) -> str:
    """Return the same of an error in making a process: there EAGAIN is said of too many."""
    if error.errno == errno.EAGAIN:
        return _PROCESSES
    return shortage_in(error)
