"""Landlock: with it a process gives up every file but those it names, for good.

The three system calls have no function in the C library (landlock(7)); their numbers are the same
on every architecture Linux took up after 2011 and on x86.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress
from enum import IntFlag

from tbgateway.worker import kernel

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1


class Right(IntFlag):
    """What may be done with files: LANDLOCK_ACCESS_FS_… of linux/landlock.h."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15

    READ = READ_FILE | READ_DIR
    CHANGE = WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK


_OF_FILES = Right.EXECUTE | Right.WRITE_FILE | Right.READ_FILE | Right.TRUNCATE | Right.IOCTL_DEV
_KNOWN_SINCE = ((1, (1 << 13) - 1), (2, Right.REFER), (3, Right.TRUNCATE), (5, Right.IOCTL_DEV))
_SCOPES_SINCE = 6
_SCOPE_ABSTRACT_SOCKETS = 1 << 0
_SCOPE_SIGNALS = 1 << 1

Rule = tuple[str, Right]
"""A path, and what may be done with it and everything beneath."""


class _UnreachableError(Exception):
    """The path of a rule is not there, or not for this process."""


def version() -> int:
    """Return the version of Landlock that the kernel offers; raise OSError if it offers none."""
    return kernel.system_call(_CREATE_RULESET, None, 0, _ASK_VERSION)


def restrict(rules: Iterable[Rule]) -> None:
    """Give up, in this thread and all it starts, every file access that no rule allows.

    Also signals and abstract sockets to the outside, where the kernel knows how (version 6).
    Rules for paths that cannot be opened are passed over: what appears there later stays out of
    reach, as does what comes to lie in the place of a directory that was opened. Needs a process
    with one thread that has forbidden itself new privileges. Raise OSError if the kernel refuses.
    """
    offered = version()
    handled = Right(sum(rights for since, rights in _KNOWN_SINCE if offered >= since))
    scopes = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if offered >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", handled, 0, scopes)
    # Older kernels know shorter structures; what they do not know must be zero.
    ruleset = kernel.system_call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, rights in rules:
            with suppress(_UnreachableError):
                _allow(ruleset, path, rights & handled)
        kernel.system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def explain(error: OSError) -> str:
    """Say in words why Landlock cannot be had."""
    match error.errno:
        case errno.ENOSYS:
            return "the kernel has no Landlock (it came with Linux 5.13)"
        case errno.EOPNOTSUPP:
            return "the kernel has Landlock switched off"
        case errno.EPERM:
            return "Landlock's system calls are forbidden here"
        case _:
            return f"Landlock: {error.strerror}"


def _allow(ruleset: int, path: str, rights: Right) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise _UnreachableError from error
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        kernel.system_call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
