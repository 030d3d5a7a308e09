"""TensorBoard's web files, read once and shared by all boards.

The scripts and fonts get addresses that name their content, the two pages are made to point
there, and everything is kept ready in the encodings that browsers take. No TensorBoard is imported.
"""

from tbgateway.webassets.asset import Asset
from tbgateway.webassets.installed import UnfamiliarFilesError, read_installed, when_installed
from tbgateway.webassets.library import Elsewhere, Here, Home, Library, Place
from tbgateway.webassets.rewriting import Rewritten, rewrite

__all__ = [
    "Asset",
    "Elsewhere",
    "Here",
    "Home",
    "Library",
    "Place",
    "Rewritten",
    "UnfamiliarFilesError",
    "read_installed",
    "rewrite",
    "when_installed",
]
