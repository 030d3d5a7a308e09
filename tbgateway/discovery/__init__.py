"""Finding experiments below the logdir roots, and measuring the known ones again."""

from tbgateway.discovery.roots import Root, measure, resolve_inside
from tbgateway.discovery.scanner import Found, Scanner, ScanReport

__all__ = ["Found", "Root", "ScanReport", "Scanner", "measure", "resolve_inside"]
