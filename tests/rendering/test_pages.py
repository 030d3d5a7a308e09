import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import UndefinedError, meta, nodes
from page_examples.every_page import NAMES

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import ExperimentState, MembershipState
from tbgateway.rendering.contexts.home import Beginning, HomePage
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.pages import ENVIRONMENT, page_response, render
from tbgateway.rendering.urls import Urls

Examples = Callable[[Urls, str], Mapping[str, Page]]
Parse = Callable[[str], Any]
PARTS = {
    *("layout.html", "marks.html", "forms.html", "tokens.html", "spark.html"),
    *("access_fields.html", "picker.html", "board_down.html"),
    "chart.html",
}

each_page = pytest.mark.parametrize("name", NAMES)


def test_every_page_has_an_example(examples: Examples) -> None:
    pages = examples(Urls(""), "x")
    templates = set(ENVIRONMENT.list_templates()) - PARTS

    assert {page.template for page in pages.values()} == templates


@each_page
def test_every_link_is_relative(examples: Examples, parse: Parse, name: str) -> None:
    document = parse(render(examples(Urls.seen_from("/boards/vision/"), "x")[name]))
    links = document.attributes("href") + document.attributes("src")

    assert len(links) >= 4
    for link in links:
        if link.startswith("#"):
            assert link.removeprefix("#") in document.attributes("id")
            continue
        assert link.startswith("../../")
        assert urlsplit(link)[:2] == ("", "")


@each_page
def test_no_page_holds_a_script_or_a_style(examples: Examples, parse: Parse, name: str) -> None:
    html = render(examples(Urls(""), "x")[name])
    document = parse(html)

    assert not {"style", "iframe", "object"} & {tag for tag, _ in document.elements}
    assert not re.findall(r"<script[^>]*>[^<]+</script>", html), "scripts are files of their own"
    for _, attributes in document.elements:
        assert not [key for key in attributes if key == "style" or key.startswith("on")]


@each_page
def test_hostile_text_stays_text(examples: Examples, parse: Parse, hostile: str, name: str) -> None:
    html = render(examples(Urls(""), hostile)[name])
    hostile_document, tame_document = parse(html), parse(render(examples(Urls(""), "x")[name]))

    assert [tag for tag, _ in hostile_document.elements] == [
        tag for tag, _ in tame_document.elements
    ]
    assert not [attributes for _, attributes in hostile_document.elements if "onload" in attributes]
    assert "62615533" not in html, "templates inside of texts are not evaluated"
    if name != "home without boards":
        assert hostile in hostile_document.text


@each_page
def test_pages_are_well_formed_and_named(examples: Examples, parse: Parse, name: str) -> None:
    html = render(examples(Urls(""), "x")[name])
    document = parse(html)
    tags = [tag for tag, _ in document.elements]
    ids = document.attributes("id")

    assert html.startswith("<!doctype html>")
    assert document.open_tags == []
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert len(ids) == len(set(ids))
    assert set(document.attributes("aria-labelledby")) <= set(ids)
    assert all("alt" in attributes for tag, attributes in document.elements if tag == "img")
    assert dict(document.elements)["html"] == {"lang": "en"}


@each_page
def test_attributes_without_a_value_are_there_or_are_not(
    examples: Examples, parse: Parse, name: str
) -> None:
    elements = parse(render(examples(Urls(""), "x")[name])).elements

    assert not [one for _, one in elements if {"True", "False", "None"} & {*one.values()}]
    assert sum("autofocus" in attributes for _, attributes in elements) <= 1


def _fails(page: Page, missing: str) -> bool:
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    del values[missing]
    try:
        ENVIRONMENT.get_template(page.template).render(values, section=page.section)
    except (UndefinedError, TypeError) as error:
        return bool(re.search(f"{missing}|StrictUndefined", str(error)))
    return False


@each_page
def test_a_template_without_one_of_its_values_fails(examples: Examples, name: str) -> None:
    pages = examples(Urls(""), "x").values()
    template = examples(Urls(""), "x")[name].template
    alike = [page for page in pages if page.template == template]
    for missing in (field.name for field in fields(alike[0])):
        assert any(_fails(page, missing) for page in alike), f"{missing} is never shown"


def test_templates_use_nothing_but_their_context(examples: Examples) -> None:
    for page in examples(Urls(""), "x").values():
        names = {field.name for field in fields(page)} | {"section"}
        used: set[str] = set()
        pending = {page.template}
        while pending:
            source = ENVIRONMENT.loader.get_source(ENVIRONMENT, pending.pop())[0]  # type: ignore[union-attr] # the environment always has a loader
            tree = ENVIRONMENT.parse(source)
            used |= meta.find_undeclared_variables(tree)
            used -= {
                name if isinstance(name, str) else name[1]  # imported as something else
                for node in tree.find_all(nodes.FromImport)
                for name in node.names
            }
            pending |= {name for name in meta.find_referenced_templates(tree) if name}
        assert used <= names
        assert names <= used


@pytest.mark.parametrize("state", [*BoardState, *ExperimentState, *MembershipState])
def test_every_state_has_a_shape_and_a_word(
    parse: Parse, state: BoardState | ExperimentState | MembershipState
) -> None:
    marks: Any = ENVIRONMENT.get_template("marks.html").module
    document = parse(str(marks.mark(state)))
    elements = dict(document.elements)

    assert document.text.strip() == state.value.capitalize()
    assert elements["span"]["class"] == f"state {state.value}"
    assert elements["path"]["d"]
    assert elements["svg"]["aria-hidden"] == "true"


@pytest.mark.parametrize("kind", [BoardState, ExperimentState, MembershipState])
def test_states_of_one_kind_differ_in_their_shapes(kind: Iterable[Any]) -> None:
    marks: Any = ENVIRONMENT.get_template("marks.html").module
    shapes = [str(marks.shape(state.value)) for state in kind]

    assert len(set(shapes)) == len(shapes)


def test_the_list_of_boards_links_to_them_and_tells_about_them(
    examples: Examples, parse: Parse
) -> None:
    html = render(examples(Urls(""), "x")["home"])
    document = parse(html)

    for state in BoardState:
        assert f"boards/board-{state.value}/" in document.attributes("href")
        assert f"ui/boards/board-{state.value}" in document.attributes("href")
    assert "1 adding" in document.text
    assert "2 with a problem" in document.text
    assert "1 minute ago" in document.text
    assert "2026-11-23 07:59:00 UTC" in document.attributes("title")
    assert "Never" in document.text
    assert "1,204" in document.text
    assert "57 of 1,057" in document.text


def test_only_boards_that_the_reader_may_change_can_be_chosen(
    examples: Examples, parse: Parse
) -> None:
    pages = examples(Urls(""), "x")
    chosen = [
        attributes["value"]
        for tag, attributes in parse(render(pages["home"])).elements
        if tag == "input" and attributes.get("name") == "board"
    ]

    assert len(chosen) == len(BoardState) - 1
    assert "Selected boards" not in render(pages["home for a viewer"])
    assert 'name="board"' not in render(pages["home for a viewer"])


def test_without_boards_the_page_tells_how_to_begin(examples: Examples, parse: Parse) -> None:
    page = examples(Urls(""), "x")["home without boards"]
    assert isinstance(page, HomePage)
    begun = Beginning(command="the command", script="three\nlines\nof Python", experiments=1204)
    text = parse(render(replace(page, beginning=begun))).text

    assert "No experiment is known so far." in parse(render(page)).text
    assert "1,204 experiments are known so far" in text
    assert "the command" in text
    assert "three\nlines\nof Python" in text


def test_a_search_without_result_says_so_and_how_to_leave_it(
    examples: Examples, parse: Parse
) -> None:
    document = parse(render(examples(Urls(""), "x")["home without matches"]))

    assert "No board matches." in document.text
    assert "Show all 1,057 boards" in document.text


@pytest.mark.parametrize("name", ["home", "delete boards"])
def test_every_input_has_a_label(examples: Examples, parse: Parse, name: str) -> None:
    document = parse(render(examples(Urls(""), "x")[name]))
    labels = set(document.attributes("for"))
    inputs = [one for one in document.elements if one[0] in {"input", "select", "textarea"}]

    assert inputs
    for _, attributes in inputs:
        assert (
            attributes.get("type") == "hidden"
            or "aria-label" in attributes
            or attributes.get("id") in labels
            or attributes.get("name") == "mine"  # its label stands around it
        )


def test_the_waiting_page_asks_again_by_itself(examples: Examples, parse: Parse) -> None:
    document = parse(render(examples(Urls(""), "vision")["waiting"]))

    assert ("meta", {"http-equiv": "refresh", "content": "2"}) in document.elements
    assert "vision is starting" in document.text


def test_a_page_is_sent_as_compressed_html(examples: Examples) -> None:
    response = page_response(examples(Urls(""), "x")["home"])

    assert response.status == 200
    assert response.content_type == "text/html"
    assert response.charset == "utf-8"
    assert response.compression
