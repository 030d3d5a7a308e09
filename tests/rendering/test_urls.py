from urllib.parse import urljoin, urlsplit

import pytest

from tbgateway.rendering.static_files import STATIC_FILES
from tbgateway.rendering.urls import Urls

PREFIXES = ("", "/team/tb", "/~ada/a%20b")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "path", ["/", "/boards", "/boards/", "/boards/vision", "/boards/vision/", "/a/b%2Fc/d.js"]
)
def test_relative_urls_lead_to_the_same_place_from_every_page_under_every_prefix(
    prefix: str, path: str
) -> None:
    urls = Urls.seen_from(path)
    base = f"https://host{prefix}{path}"

    assert urljoin(base, urls.home) == f"https://host{prefix}/"
    assert urljoin(base, urls.board("vision")) == f"https://host{prefix}/boards/vision/"
    assert urljoin(base, urls.api("boards", "tb01")) == f"https://host{prefix}/api/v1/boards/tb01"
    assert urlsplit(urljoin(base, urls.static("gateway.css"))).path == (
        f"{prefix}/ui/static/gateway.css"
    )


def test_the_first_page_links_to_boards_below_itself() -> None:
    assert Urls.seen_from("/").board("vision") == "boards/vision/"
    assert Urls.seen_from("/").home == "./"


@pytest.mark.parametrize("public_url", ["https://host/team/tb", "https://host/team/tb/"])
def test_absolute_urls_begin_with_the_public_url(public_url: str) -> None:
    urls = Urls.at(public_url)

    assert urls.home == "https://host/team/tb/"
    assert urls.board("vision") == "https://host/team/tb/boards/vision/"


def test_segments_are_encoded_so_that_they_stay_one_segment() -> None:
    assert Urls("").api("experiments", "a/b ?#ü") == "api/v1/experiments/a%2Fb%20%3F%23%C3%BC"


def test_a_static_url_changes_with_the_content() -> None:
    fingerprint = STATIC_FILES["gateway.css"].fingerprint

    assert Urls("../").static("gateway.css") == f"../ui/static/gateway.css?v={fingerprint}"
    with pytest.raises(KeyError):
        Urls("").static("../../etc/passwd")


def test_a_query_may_have_several_values_of_one_name() -> None:
    urls = Urls.seen_from("/ui/experiments")
    url = urls.page("experiments", text="a&b", scalar=("loss", "lr"))
    assert url == "../ui/experiments?text=a%26b&scalar=loss&scalar=lr"
