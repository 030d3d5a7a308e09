import pytest

from tbgateway.rendering.negotiation import preferred

TEXT, HTML, JSON = "text/plain", "text/html", "application/json"
OFFERS = (TEXT, HTML, JSON)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        pytest.param("", TEXT, id="no header"),
        pytest.param("*/*", TEXT, id="curl"),
        pytest.param(FIREFOX, HTML, id="Firefox"),
        pytest.param(CHROME, HTML, id="Chrome"),
        pytest.param("application/json, text/plain, */*", JSON, id="TensorBoard"),
        pytest.param("text/plain, application/json", TEXT, id="the client's order"),
        pytest.param("text/*", TEXT, id="a kind"),
        pytest.param("text/*;q=0.5, text/html", HTML, id="closer beats its kind"),
        pytest.param("text/html;q=0, */*", TEXT, id="excluded"),
        pytest.param("text/plain;q=0, text/html;q=0.1, */*;q=0.9", JSON, id="the rest"),
        pytest.param("text/html;q=0.5, application/json;q=0.51", JSON, id="weights"),
        pytest.param("text/html;q=0.500;level=1, application/json;q=0.5", HTML, id="equal weights"),
        pytest.param("TEXT/HTML ; Q=0.9", HTML, id="case and spaces"),
        pytest.param("image/png", TEXT, id="none of ours"),
        pytest.param("*/*;q=0", TEXT, id="nothing at all"),
        pytest.param("text/html;q=2, application/json;q=0.1", JSON, id="impossible weight"),
        pytest.param("text/html;q=abc, application/json;q=0.1", JSON, id="malformed weight"),
        pytest.param("text, /, html/, ;;, application/json;q=0.1", JSON, id="malformed ranges"),
        pytest.param("*/html", TEXT, id="malformed wildcard"),
        pytest.param(",,,", TEXT, id="commas"),
        pytest.param("text/html\x00<script>", TEXT, id="rubbish"),
    ],
)
def test_a_client_gets_what_it_likes_best(accept: str, answer: str) -> None:
    assert preferred(accept, OFFERS) == answer
