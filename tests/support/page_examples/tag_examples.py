"""Tags in a row, as they may look."""

from tbgateway.rendering.contexts.tags import TagLink, TagLinks
from tbgateway.rendering.urls import Urls


def tag_examples(urls: Urls, text: str) -> TagLinks:
    """Return a tag that leads to a search, one that does not, and that there are more."""
    links = (TagLink(tag=text, url=urls.page("experiments", text=text)), TagLink(tag=text, url=""))
    return TagLinks(links=links, more=3)
