"""TensorBoard's web assets, with the one thing in them that is absolute made relative.

`index.html` names its fonts as `/font-roboto/…`: below `/boards/<name>/` they lie elsewhere. All
its other URLs are relative (TensorBoard 2.21).
"""

import io
import zipfile
from collections.abc import Callable
from typing import BinaryIO

AssetsZipProvider = Callable[[], BinaryIO]

_INDEX = "index.html"
_ABSOLUTE = b"url(/font-roboto/"
_RELATIVE = b"url(font-roboto/"


def with_relative_fonts(provider: AssetsZipProvider) -> AssetsZipProvider:
    """Return a provider of the same assets, read once, whose page finds its fonts at any path."""
    with provider() as file, zipfile.ZipFile(file) as stock:
        files = {name: stock.read(name) for name in stock.namelist()}
    if _INDEX in files:
        files[_INDEX] = files[_INDEX].replace(_ABSOLUTE, _RELATIVE)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as changed:
        for name, content in files.items():
            changed.writestr(name, content)
    return lambda: io.BytesIO(packed.getvalue())
