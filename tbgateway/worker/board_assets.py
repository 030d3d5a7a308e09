"""TensorBoard's page for boards that serve it themselves, and for those that do not.

`index.html` names its fonts as `/font-roboto/…`: below `/boards/<name>/` they lie elsewhere. All
its other URLs are relative (TensorBoard 2.21).
"""

import io
import zipfile
from collections.abc import Callable
from typing import BinaryIO

AssetsZipProvider = Callable[[], BinaryIO]

_PAGE = "index.html"
_ABSOLUTE = b"url(/font-roboto/"
_RELATIVE = b"url(font-roboto/"


def page_with_relative_fonts(provider: AssetsZipProvider) -> AssetsZipProvider:
    """Return a provider of nothing but the page, which finds its fonts at any path.

    Raise KeyError if the assets hold no page.
    """
    with provider() as file, zipfile.ZipFile(file) as stock:
        page = stock.read(_PAGE)
    packed = _zipped(page.replace(_ABSOLUTE, _RELATIVE))
    return lambda: io.BytesIO(packed)


def placeholder_page() -> BinaryIO:
    """Open assets that hold an empty page, without which TensorBoard does not start.

    For boards whose pages the gateway serves. It is a provider by itself.
    """
    return io.BytesIO(_zipped(b""))


def _zipped(page: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(_PAGE, page)
    return packed.getvalue()
