"""Files compressed with brotli, kept on disk: making them takes seconds, once per TensorBoard."""

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path

import brotli
import structlog

from tbgateway.webassets.asset import Asset

log = structlog.get_logger(__name__)


class BrotliShelf:
    """A directory below `parent` for the files of one fingerprint.

    What lies there is believed only if it unpacks to the asset itself. A disk that is full or
    cannot be written costs the time to compress again, and nothing else.
    """

    def __init__(self, parent: Path, fingerprint: str) -> None:
        self._parent = parent
        self._directory = parent / fingerprint

    def find(self, asset: Asset) -> bytes | None:
        """Return the compressed content, or None if it is not there as it should be."""
        try:
            body = self._path(asset).read_bytes()
            whole = hashlib.sha256(brotli.decompress(body)).hexdigest() == asset.fingerprint
        except FileNotFoundError:
            return None
        except (OSError, brotli.error):
            whole = False
        if not whole:
            log.warning("a compressed file is damaged and made anew", path=str(self._path(asset)))
            return None
        return body

    def put(self, asset: Asset, body: bytes) -> None:
        """Keep the compressed content; it appears as a whole or not at all."""
        path = self._path(asset)
        new = path.with_suffix(".new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_bytes(body)
            new.replace(path)
        except OSError as error:
            log.warning("a compressed file is not kept", path=str(path), reason=error.strerror)
            with suppress(OSError):
                new.unlink(missing_ok=True)

    def remove_others(self) -> None:
        """Remove what belongs to other fingerprints: another TensorBoard was here before."""
        with suppress(OSError):  # most often there is nothing at all
            for entry in self._parent.iterdir():
                if entry != self._directory and entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)

    def _path(self, asset: Asset) -> Path:
        return self._directory / f"{asset.fingerprint[:32]}.br"
