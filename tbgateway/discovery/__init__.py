"""Finding experiments below the logdir roots, and measuring the known ones again."""

from tbgateway.discovery.file_lists import EventFileLists
from tbgateway.discovery.logdir_threads import LogdirThreads
from tbgateway.discovery.roots import Root, RootIdentity, identity_of, measure, resolve_inside
from tbgateway.discovery.rota import Rota
from tbgateway.discovery.scanner import Found, Scanner, ScanReport, would_find

__all__ = [
    "EventFileLists",
    "Found",
    "LogdirThreads",
    "Root",
    "RootIdentity",
    "Rota",
    "ScanReport",
    "Scanner",
    "identity_of",
    "measure",
    "resolve_inside",
    "would_find",
]
