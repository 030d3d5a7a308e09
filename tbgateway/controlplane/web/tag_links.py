"""The tags of an experiment, as small marks in its row."""

from collections.abc import Callable, Sequence

from tbgateway.controlplane.web.search_words import tag_search
from tbgateway.rendering.contexts.tags import TagLink, TagLinks

_MOST = 4  # in a row


def tag_links(
    tags: Sequence[str], url: Callable[[str], str] | None = None, most: int = _MOST
) -> TagLinks:
    """Return the first tags; `url` tells where the search for a text leads, if it is to."""
    links = (TagLink(tag=tag, url=url(tag_search(tag)) if url else "") for tag in tags[:most])
    return TagLinks(links=tuple(links), more=max(len(tags) - most, 0))
