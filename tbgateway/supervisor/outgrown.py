"""Whether a process is to be replaced although it is well."""

from tbgateway.supervisor.board_links import BoardLinks
from tbgateway.supervisor.instance import Instance


def why_outgrown(instance: Instance, links: BoardLinks) -> str | None:
    """Return why this process will not take up a change that a new one will."""
    if links.stuck:
        return "it did not drop what was taken out"
    lost = instance.lost_roots  # hardly ever any
    for name in lost and lost & links.roots:
        return f"the logdir root {name!r} is another directory now"
    return None
