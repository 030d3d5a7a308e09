"""The installed TensorBoard's web files, read without running any of its code."""

import zipfile
from collections.abc import Iterator, Mapping
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

PAGE = "index.html"
PROJECTOR = "projector/"
"""What the projector's own files begin with here; TensorBoard keeps them outside of its zip."""

PROJECTOR_PAGE = f"{PROJECTOR}projector_binary.html"
FONTS = "font-roboto/"

_ZIP = "webfiles.zip"
_PROJECTOR_DIRECTORY = Path("plugins", "projector", "tf_projector_plugin")
_LEFT_OUT = (
    "tf-imports/",  # 6 MB that the page asks for at the root of the site, where nothing is
    f"{FONTS}roboto.html",  # no page includes it
)


class UnfamiliarFilesError(Exception):
    """This TensorBoard's web files are not those that can be shared between boards."""


def read_installed() -> Mapping[str, bytes]:
    """Return the files by their paths; those of the projector begin with `projector/`.

    Raise UnfamiliarFilesError if they are not where they should be.
    """
    package = _package()
    try:
        return dict([*_zipped(package / _ZIP), *_lying_in(package / _PROJECTOR_DIRECTORY)])
    except (OSError, zipfile.BadZipFile) as error:
        raise UnfamiliarFilesError(f"they cannot be read: {error}") from error


def when_installed() -> tuple[int, ...]:
    """Return what differs after each installation of TensorBoard; () while there is none."""
    invalidate_caches()
    try:
        found = [path.stat() for path in (_package() / _ZIP, _package() / _PROJECTOR_DIRECTORY)]
    except (OSError, UnfamiliarFilesError):
        return ()
    return tuple(number for one in found for number in (one.st_ino, one.st_mtime_ns))


def _package() -> Path:
    spec = find_spec("tensorboard")  # a top-level package is looked for, not imported
    if spec is None or not spec.submodule_search_locations:
        raise UnfamiliarFilesError("there is no package named tensorboard")
    return Path(spec.submodule_search_locations[0])


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir() and not entry.filename.startswith(_LEFT_OUT):
                yield entry.filename, archive.read(entry)


def _lying_in(directory: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(directory.iterdir()):
        if path.is_file():
            yield PROJECTOR + path.name, path.read_bytes()
