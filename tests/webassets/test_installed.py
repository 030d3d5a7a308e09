import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tbgateway.webassets import UnfamiliarFilesError, read_installed
from tbgateway.webassets import installed as module


def test_the_files_of_the_page_and_of_the_projector_are_found(
    installed: Mapping[str, bytes],
) -> None:
    assert {
        "index.html",
        "index.js",
        "chart_worker.js",
        "icon_bundle.svg",
        "projector/index.js",
        "projector/projector_binary.html",
        "projector/projector_binary.js",
    } <= set(installed)
    assert sum(name.startswith("font-roboto/") for name in installed) > 60
    assert not any(name.startswith("tf-imports") or name.endswith("/") for name in installed)


def test_no_tensorboard_is_imported_for_it() -> None:
    script = (
        "import sys; from tbgateway.webassets import Library, read_installed, rewrite;"
        "Library(rewrite(read_installed()));"
        "sys.exit(any(name.partition('.')[0] == 'tensorboard' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_absent_tensorboard_is_unfamiliar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)

    with pytest.raises(UnfamiliarFilesError, match="no package"):
        read_installed()


@pytest.mark.parametrize("damage", ["no zip", "no zip at all", "no projector"])
def test_files_that_cannot_be_read_are_unfamiliar(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_package", lambda: tmp_path)
    if damage == "no zip":
        (tmp_path / "webfiles.zip").write_bytes(b"something else")
    elif damage == "no projector":
        with zipfile.ZipFile(tmp_path / "webfiles.zip", "w") as archive:
            archive.writestr("index.html", "")

    with pytest.raises(UnfamiliarFilesError, match="cannot be read"):
        read_installed()
