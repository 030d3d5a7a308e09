"""Finding experiments below the logdir roots, and measuring the known ones again."""

from tbgateway.discovery.description_files import (
    NO_FILE,
    FileReading,
    read_description_file,
)
from tbgateway.discovery.file_lists import EventFileLists
from tbgateway.discovery.logdir_threads import LogdirThreads
from tbgateway.discovery.nonce import check_nonce
from tbgateway.discovery.patient_thread import PatientThread
from tbgateway.discovery.real_roots import RealRoots
from tbgateway.discovery.root_scan import RootScan
from tbgateway.discovery.root_threads import RootThreads, threads_by_root
from tbgateway.discovery.roots import (
    Root,
    RootIdentity,
    check_directory,
    identity_of,
    measure,
    resolve_inside,
    root_holding,
)
from tbgateway.discovery.rota import Rota
from tbgateway.discovery.scanner import Found, Scanner, ScanReport, rootless, together, would_find

__all__ = [
    "NO_FILE",
    "EventFileLists",
    "FileReading",
    "Found",
    "LogdirThreads",
    "PatientThread",
    "RealRoots",
    "Root",
    "RootIdentity",
    "RootScan",
    "RootThreads",
    "Rota",
    "ScanReport",
    "Scanner",
    "check_directory",
    "check_nonce",
    "identity_of",
    "measure",
    "read_description_file",
    "resolve_inside",
    "root_holding",
    "rootless",
    "threads_by_root",
    "together",
    "would_find",
]
