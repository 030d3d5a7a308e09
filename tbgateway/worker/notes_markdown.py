"""Markdown that TensorBoard renders in bounded time, whoever wrote it.

Measured with the Markdown package: at each `[` it looks for the other end in the whole paragraph,
at each `<` and each fence in the whole text. So 64 kB can be written that take it minutes. What
would take more than some two seconds is shown as it stands.
"""

import re

_MOST_IN_PARAGRAPHS = 4_000_000  # brackets times characters, a paragraph at a time: 0.4 us each
_MOST_IN_TEXT = 200_000_000  # marks times characters, in the whole text: 0.01 us each
_BLANK = re.compile(r"\n\s*\n")
_MARK = re.compile(r"<|`{3}|~{3}")
_TICKS = re.compile(r"`+")
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+\-.!|]")


def bearable(text: str) -> str:
    """Return the Markdown `text`, as a block of code if it would take long to render."""
    in_paragraphs = sum(block.count("[") * len(block) for block in _BLANK.split(text))
    in_text = len(_MARK.findall(text)) * len(text)
    if in_paragraphs <= _MOST_IN_PARAGRAPHS and in_text <= _MOST_IN_TEXT:
        return text
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def literally(text: str) -> str:
    """Return Markdown that shows one line of `text` as it stands."""
    unmarked = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\g<0>", unmarked)
