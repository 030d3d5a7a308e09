"""Names that are kept many times over, kept once."""

from functools import lru_cache

_MOST_TEXTS = 8192
LONGEST_SHARED = 100  # characters; nobody is to fill the memory with the longest there may be


def shared(text: str) -> str:
    """Return `text`, or an equal one that is there already: tags are alike everywhere.

    Nothing is kept forever, as interned strings are by some versions of Python.
    """
    return _known(text) if len(text) <= LONGEST_SHARED else text


@lru_cache(maxsize=_MOST_TEXTS)
def _known(text: str) -> str:
    return text
