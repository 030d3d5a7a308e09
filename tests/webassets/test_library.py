"""What a path below a board means."""

import pytest

from tbgateway.webassets import Elsewhere, Here, Home, Library

EXPERIMENTS = ("", "experiment/defaultExperimentId/", "experiment/a%20b/")
PLUGIN = "data/plugin/projector/"


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("path", ["", "index.html", "%69ndex.html"])
def test_the_page_is_found_and_finds_the_shared_files(
    library: Library, experiment: str, path: str
) -> None:
    place = library.place(experiment + path)

    assert isinstance(place, Here)
    assert place.is_page
    root = "../" * (2 + (experiment + path).count("/"))
    script = f'src="{root}assets/{library.fingerprint}/index.js"'
    assert script.encode() in place.asset.unpacked()


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_projectors_page_is_found_and_finds_the_shared_files(
    library: Library, experiment: str
) -> None:
    path = f"{experiment}{PLUGIN}projector_binary.html"
    place = library.place(path)

    assert isinstance(place, Here)
    assert place.is_page
    script = f'"{"../" * (2 + path.count("/"))}assets/{library.fingerprint}/projector/projector_'
    assert script.encode() in place.asset.unpacked()


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize(
    ("path", "file"),
    [("icon_bundle.svg", "icon_bundle.svg"), (f"{PLUGIN}index.js", "projector/index.js")],
)
def test_small_files_are_sent_where_they_are_asked_for(
    library: Library, experiment: str, path: str, file: str
) -> None:
    assert library.place(experiment + path) == Here(library.files[file], is_page=False)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("index.js", "index.js"),
        ("chart_worker.js", "chart_worker.js"),
        (f"{PLUGIN}projector_binary.js", "projector/projector_binary.js"),
        ("font-roboto/LICENSE", "font-roboto/LICENSE"),
    ],
)
def test_large_files_are_shared(library: Library, experiment: str, path: str, file: str) -> None:
    assert library.place(experiment + path) == Elsewhere(file)
    assert file in library.files


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("path", ["audio", "events", "graphs", "histograms", "images"])
def test_old_addresses_lead_home(library: Library, experiment: str, path: str) -> None:
    assert library.place(experiment + path) == Home()


@pytest.mark.parametrize(
    "path",
    [
        "data/runs",
        "data/plugins_listing",
        "data/plugin_entry.html",
        "data/plugin/projector/runs",
        "data/plugin/scalars/tags",
        "audio/",
        "index.html/",
        "INDEX.html",
        "experiment",
        "experiment/a",
        "experiment/a/data/runs",
        "experiment/a/experiment/b/",
        "font-roboto/none.woff2",
        "auto_reload.js",
        "board_gone.js",
        "projector/index.js",
        "tf-imports/vs",
        "nothing",
    ],
)
def test_everything_else_is_for_the_board(library: Library, path: str) -> None:
    assert library.place(path) is None
