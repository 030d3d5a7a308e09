"""What somebody writes into the search box of a list of experiments."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from tbgateway.domain.description import Condition, parse_condition
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Description

_LONGEST = 1000  # characters; so short, no text takes long to be taken apart
_MOST = 32  # words; each is asked of ten thousand experiments
_QUOTED = r'"(?:[^"]|"")*(?:"|$)'  # as far as it goes: somebody may still be typing
_OPERATOR = r"[=!<>]=|[<>]"
_WORD = re.compile(rf'(?:\s*(?:{_OPERATOR})\s*|{_QUOTED}|[^\s"])+')
_TAG, _PARAM = "tag:", "param:"


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a name or of a tag, in lower case; or, as in `lr=0.1`, what a parameter is."""

    text: str
    condition: Condition | None = None

    def fits(self, text: str, description: Description) -> bool:
        """Whether it is in this text, which is in lower case, or is so."""
        if self.text in text:
            return True
        return self.condition is not None and self.condition.holds(description.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWords:
    """All that an experiment has to fit; `flaw` says what could not be understood, or is empty.

    Tags are in lower case. What has a flaw is left out, so that more is found.
    """

    words: tuple[Word, ...] = ()
    tags: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    flaw: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """Take a text apart at its spaces, but for those in quotes and around operators.

        `tag:T` asks for a whole tag, `lr<1e-3` and `param:lr` for a parameter, anything else for a
        part of a name or of a tag. In quotes, everything stands for itself; `""` is a quote there.
        """
        if len(text) > _LONGEST:
            return cls(flaw=f"A search of more than {_LONGEST:,} characters is not understood.")
        parts = _WORD.findall(text)
        words = _Words(parts[:_MOST])
        many = f"Only the first {_MOST} words are looked for." if len(parts) > _MOST else ""
        return cls(
            words=tuple(words.plain),
            tags=frozenset(words.tags),
            conditions=tuple(words.conditions),
            flaw=" ".join(filter(None, (words.flaw, many))),
        )

    def __bool__(self) -> bool:
        return bool(self.words or self.tags or self.conditions)

    def fits(self, name: Callable[[], str], description: Description) -> bool:
        """Whether an experiment, so named and described, is one that is looked for.

        Ten thousand are asked: the name is only made if it matters.
        """
        for condition in self.conditions:
            if not condition.holds(description.params):
                return False
        if self.tags and not self.tags.issubset(map(str.casefold, description.tags)):
            return False
        if not self.words:
            return True
        lines = "\n".join((name(), *description.tags)).casefold()  # names and tags are lines
        return all(word.fits(lines, description) for word in self.words)


def tag_search(tag: str) -> str:
    """Return the text that looks for experiments with this tag."""
    plain = re.fullmatch(r'[^\s"=!<>]+', tag) is not None
    return _TAG + (tag if plain else '"' + tag.replace('"', '""') + '"')


class _Words:
    """Sorts words by what they ask for; keeps the first flaw."""

    def __init__(self, parts: Iterable[str]) -> None:
        self.plain: list[Word] = []
        self.tags: list[str] = []
        self.conditions: list[Condition] = []
        self.flaw = ""
        for part in parts:
            self._take(part)

    def _take(self, part: str) -> None:
        text = _unquoted(part)
        bare = re.sub(_QUOTED, "", part)
        if part.startswith(_TAG):
            self._take_tag(text.removeprefix(_TAG))
        elif re.search(rf"(?:{_OPERATOR})\s*$", part):
            self._note(f"After “{part.strip()}” comes a value.")
        elif part.startswith(_PARAM) or re.search(_OPERATOR, bare):
            self._take_condition(text.removeprefix(_PARAM))
        elif text:
            self.plain.append(Word(text.casefold(), _meant(text) if "=" in bare else None))

    def _take_tag(self, tag: str) -> None:
        if tag:
            self.tags.append(tag.casefold())
        else:
            self._note("After “tag:” comes a tag.")

    def _take_condition(self, text: str) -> None:
        try:
            self.conditions.append(parse_condition(text))
        except InvalidInputError as error:
            self._note(f"{error.detail} {error.hint}")

    def _note(self, flaw: str) -> None:
        self.flaw = self.flaw or flaw


def _unquoted(part: str) -> str:
    return re.sub(_QUOTED, lambda found: _inner(found[0]), part)


def _inner(quoted: str) -> str:
    """Return what stands between quotes, of which the last may be missing."""
    inside = quoted[1:]
    quotes = len(inside) - len(inside.rstrip('"'))
    return (inside[:-1] if quotes % 2 else inside).replace('""', '"')


def _meant(text: str) -> Condition | None:
    """Return the condition that `lr=0.1` means to most people, though names look like that too."""
    try:
        return parse_condition(text)
    except InvalidInputError:
        return None
