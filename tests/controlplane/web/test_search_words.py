"""One box for words, tags and conditions."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.controlplane.web.search_words import SearchWords, tag_search
from tbgateway.domain.description import Condition, check_tags
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Description, ParamValue
from tbgateway.domain.names import ExperimentId


def described(*tags: str, **params: ParamValue) -> Description:
    return Description(experiment_id=ExperimentId("ex0000000001"), tags=tags, params=params)


def fits(text: str, name: str, description: Description | None = None) -> bool:
    return SearchWords.of(text).fits(lambda: name, description or described())


@pytest.mark.parametrize(
    "text", ["", "  ", "resnet", "RESNET", "50 resnet", "net-5", '"resnet 50"', '"resnet', '""']
)
def test_words_are_parts_of_the_name_in_any_order(text: str) -> None:
    assert fits(text, "ResNet 50 resnet-50")
    assert SearchWords.of(text).flaw == ""


@pytest.mark.parametrize("text", ["resnet 51", '"50 resnet"', "vit", "resnet tag:resnet"])
def test_every_word_has_to_fit(text: str) -> None:
    assert not fits(text, "resnet 50")


def test_a_word_may_be_a_part_of_a_tag_as_well() -> None:
    known = described("Best So Far", "paper")
    assert fits("so", "resnet", known)
    assert fits("resnet PAP", "resnet", known)
    assert not fits("resnet best far paper more", "resnet", known)


@pytest.mark.parametrize("text", ["tag:paper", "tag:PAPER", 'tag:"best so far"', '"best so" far'])
def test_tags_are_asked_for_as_a_whole(text: str) -> None:
    assert fits(text, "x", described("Best so far", "Paper"))
    assert not fits(text, "x", described("papers", "best so farther")) or "tag:" not in text


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("lr<1e-3", True),
        ("lr < 1e-3", True),
        ("lr\t<=  0.0001", True),
        ("lr>1e-3", False),
        ("lr!=0.1 model==vit", True),
        ("lr=0.0001", True),
        ("lr=0.1", False),
        ("param:lr", True),
        ("param:lr<1", True),
        ("param:batch", False),
        ('"learning rate">0.01', True),
        ('"learning rate" > 1', False),
        ('model=="vit"', True),
        ('model==""', False),
        ("lr<1e-3 name", True),
        ("lr<1e-3 other", False),
    ],
)
def test_conditions_are_asked_of_the_parameters(text: str, *, holds: bool) -> None:
    params: dict[str, ParamValue] = {"lr": 1e-4, "model": "vit", "learning rate": 0.1}
    assert fits(text, "a name", described(**params)) is holds
    assert SearchWords.of(text).flaw == ""


def test_a_name_that_looks_like_a_condition_is_still_found_by_it() -> None:
    assert fits("lr=0.1", "sweep/lr=0.1,bs=32")
    assert fits('"a<b"', "a<b")
    assert not fits("lr=0.1", "sweep/lr=0.2")


@pytest.mark.parametrize(
    "text", ["lr<", "lr ==  ", "param:lr<", "<1", "<b>", "a=>b", "tag:", 'tag:""', "param:", "=<1"]
)
def test_what_is_not_understood_is_told_and_hides_nothing(text: str) -> None:
    words = SearchWords.of(text)
    assert words.flaw
    assert not words
    assert words.fits(lambda: "anything", described())


def test_the_rest_of_a_search_with_a_flaw_counts() -> None:
    assert fits("resnet lr<", "resnet")
    assert not fits("resnet lr<", "vit")
    assert "lr<" in SearchWords.of("resnet lr< lr>").flaw


def test_a_search_has_an_end() -> None:
    many = SearchWords.of(" ".join(["a"] * 33))
    assert len(many.words) == 32
    assert "first 32" in many.flaw
    assert "more than 1,000" in SearchWords.of("a" * 1001).flaw
    assert fits("a" * 1001, "anything")


@pytest.mark.parametrize("text", [" " * 999, '"' * 999, '""' * 500, "=" * 999, "< " * 500])
@pytest.mark.timeout(20)
def test_no_text_is_taken_apart_for_ever(text: str) -> None:
    assert SearchWords.of(text).fits(lambda: "x", described()) in {True, False}


def tags() -> st.SearchStrategy[str]:
    letters = st.text(string.printable + "äЖ長", min_size=1, max_size=12).map(str.strip)

    def is_tag(text: str) -> bool:
        try:
            return bool(check_tags((text,)))
        except InvalidInputError:
            return False

    return letters.filter(is_tag)


@given(tags())
def test_a_tag_is_found_by_the_search_that_its_mark_leads_to(tag: str) -> None:
    words = SearchWords.of(tag_search(tag))
    assert words == SearchWords(tags=frozenset({tag.casefold()}))
    assert re.fullmatch(r'tag:([^\s"]+|".+")', tag_search(tag))


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    words = SearchWords.of(text)
    assert words.fits(lambda: "x", described()) in {True, False}
    assert all(isinstance(one, Condition) for one in words.conditions)
