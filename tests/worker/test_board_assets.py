import io
import zipfile

import pytest
from tensorboard import assets

from tbgateway.worker.board_assets import page_with_relative_fonts, placeholder_page


def contents(provider: object) -> dict[str, bytes]:
    with provider() as file, zipfile.ZipFile(file) as zipped:  # type: ignore[operator] # TensorBoard has no types
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_only_the_page_is_there_and_only_where_its_fonts_are_has_changed() -> None:
    stock = assets.get_default_assets_zip_provider()
    page, changed = contents(stock)["index.html"], contents(page_with_relative_fonts(stock))
    assert list(changed) == ["index.html"]
    assert page.count(b"url(/font-roboto/") > 0
    assert changed["index.html"].replace(b"url(font-roboto/", b"url(/font-roboto/") == page


def test_assets_without_a_page_are_an_error() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("other.js", "1")
    with pytest.raises(KeyError):
        page_with_relative_fonts(lambda: io.BytesIO(packed.getvalue()))


def test_boards_without_assets_have_an_empty_page_that_tensorboard_takes() -> None:
    assert contents(placeholder_page) == {"index.html": b""}
