import io
import zipfile

from tensorboard import assets

from tbgateway.worker.board_assets import with_relative_fonts


def contents(provider: object) -> dict[str, bytes]:
    with provider() as file, zipfile.ZipFile(file) as zipped:  # type: ignore[operator]
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_only_the_page_changes_and_only_where_its_fonts_are() -> None:
    stock = assets.get_default_assets_zip_provider()
    before, after = contents(stock), contents(with_relative_fonts(stock))
    page, changed = before.pop("index.html"), after.pop("index.html")
    assert after == before
    assert page.count(b"url(/font-roboto/") == changed.count(b"url(font-roboto/") > 0
    assert b"/font-roboto/" not in changed.replace(b"url(font-roboto/", b"")


def test_assets_without_a_page_are_left_alone() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("other.js", "1")
    provider = with_relative_fonts(lambda: io.BytesIO(packed.getvalue()))
    assert contents(provider) == {"other.js": b"1"}
