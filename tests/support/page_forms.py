"""What a browser without scripts would send with a page's form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit


@dataclass
class PageForm:
    """One form: where it leads, its fields as they stand, and its buttons."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def press(
        self, name: str = "", value: str = "", /, **typed: str | list[str]
    ) -> dict[str, list[str]]:
        """Return what is sent once `typed` is in its fields and a button is pressed."""
        assert not name or (name, value) in self.buttons, self.buttons
        assert set(typed) <= set(self.fields), set(self.fields)
        changed = {key: [one] if isinstance(one, str) else one for key, one in typed.items()}
        pressed = {name: [value]} if name else {}
        return {**self.fields, **changed, **pressed}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(known.get("action", ""), known.get("method", "get"))
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, known, self._open)

    def _field(self, tag: str, known: Mapping[str, str], form: PageForm) -> None:
        name = known.get("name", "")
        if tag == "button" and known.get("type") != "button":
            form.buttons.append((name, known.get("value", "")))
        elif tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif tag == "select":
            self._select = name
            form.fields[name] = [""]
        elif tag == "option" and "selected" in known:
            form.fields[self._select] = [known.get("value", "")]
        elif tag == "input" and name:
            values = form.fields.setdefault(name, [])
            if known.get("type") not in {"checkbox", "radio"} or "checked" in known:
                values.append(known.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None:
            (text,) = self._open.fields[self._area]
            self._open.fields[self._area] = [text.removeprefix("\n")]
            self._area = ""
        elif tag == "form":
            self._open = None


def forms_of(html: str) -> list[PageForm]:
    """Return the page's forms."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_to(html: str, action: str) -> PageForm:
    """Return the page's one form that leads to an address which ends like this."""
    found = [one for one in forms_of(html) if one.action.endswith(action)]
    assert len(found) == 1, [one.action for one in forms_of(html)]
    return found[0]


async def followed(ask: Any, path: str, response: Any, identity: Any) -> str:
    """Return the page that the answer to a form at `path` leads to."""
    assert response.status == 303, response.text
    url = urlsplit(urljoin(f"https://host{path}", response.headers["Location"]))
    text: str = (await ask(url.path, identity=identity, query=url.query)).text
    return text
