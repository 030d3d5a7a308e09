"""The two pages, and every way in which another TensorBoard's could differ."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urljoin

import pytest

from tbgateway.webassets import Rewritten, UnfamiliarFilesError, rewrite

INDEX = "index.html"
PROJECTOR = "projector/projector_binary.html"
LINKS = re.compile(r"(?:src=\"|url\()((?!data:)[^\")]*)")
Files = dict[str, bytes]


def links(page: bytes) -> list[str]:
    return LINKS.findall(page.decode())


@pytest.mark.parametrize(
    ("name", "place", "root"),
    [
        (INDEX, "boards/vision/", "../../"),
        (INDEX, "boards/vision/experiment/e/", "../../../../"),
        (PROJECTOR, "boards/vision/data/plugin/projector/projector_binary.html", "../" * 5),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/team/tb"])
def test_every_link_of_a_page_leads_to_a_shared_file(
    rewritten: Rewritten, name: str, place: str, root: str, prefix: str
) -> None:
    shared = f"https://host{prefix}/assets/{rewritten.fingerprint}/"
    found = [
        urljoin(f"https://host{prefix}/{place}", link) for link in links(rewritten.page(name, root))
    ]

    assert len(found) == {INDEX: 73, PROJECTOR: 71}[name]
    assert {link.removeprefix(shared) for link in found} <= set(rewritten.files)


def test_our_scripts_run_before_tensorboards(rewritten: Rewritten) -> None:
    scripts = [link for link in links(rewritten.page(INDEX, "")) if link.endswith(".js")]

    assert [link.rpartition("/")[2] for link in scripts] == [
        *("auto_reload.js", "board_gone.js", "index.js"),
    ]


def test_nothing_else_of_the_pages_changes(
    installed: Mapping[str, bytes], rewritten: Rewritten
) -> None:
    shared = f"assets/{rewritten.fingerprint}/".encode()
    index = rewritten.page(INDEX, "").removeprefix(
        b'<!doctype html><meta name="tb-relative-root" content="./">'
    )
    for name in (b"auto_reload.js", b"board_gone.js"):
        index = index.replace(b'<script src="%b%b"></script>' % (shared, name), b"")
    page = index.replace(shared + b"font", b"/font")

    assert page == re.sub(rb'"index.js[^"]*"', b'"%bindex.js"' % shared, installed[INDEX])
    projector = rewritten.page(PROJECTOR, "").replace(shared + b"font", b"/font")
    assert projector.replace(shared + b"projector/", b"") == installed[PROJECTOR]


def test_the_pages_themselves_are_not_among_the_shared_files(rewritten: Rewritten) -> None:
    assert not [name for name in rewritten.files if name.endswith(".html")]


def test_any_other_byte_makes_another_fingerprint(
    installed: Mapping[str, bytes], rewritten: Rewritten
) -> None:
    changed = [
        rewrite({**installed, name: installed[name] + b" "}).fingerprint
        for name in ("index.js", INDEX, PROJECTOR)
    ]

    assert len({rewritten.fingerprint, *changed}) == 4
    assert rewrite(installed).fingerprint == rewritten.fingerprint


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name] = files[name].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    "change",
    [
        replaced(INDEX, b"url(/font-roboto/", b"url(/fonts/"),
        replaced(INDEX, b"</head>", b"<i style='background:url(/font-roboto/x)'></head>"),
        replaced(INDEX, b'<script src="index.js?', b'<script defer src="index.js?'),
        replaced(INDEX, b"</head>", b'<script src="index.js?_file_hash=1"></script></head>'),
        replaced(INDEX, b"<head>", b"<head>\0"),
        replaced(PROJECTOR, b"url(/font-roboto/", b"url(font-roboto/"),
        replaced(PROJECTOR, b'src="projector_binary.js"', b'src="projector.js"'),
        lambda files: files.update({"another_worker.js": b""}),
        lambda files: files.pop("chart_worker.js") and None,
        lambda files: files.pop(INDEX) and None,
    ],
)
def test_a_tensorboard_that_differs_is_not_shared(
    installed: Mapping[str, bytes], change: Callable[[Files], None]
) -> None:
    files = dict(installed)
    change(files)
    assert files != installed

    with pytest.raises(UnfamiliarFilesError):
        rewrite(files)
