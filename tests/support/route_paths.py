"""Addresses that lead to the routes of a gateway."""

from tbgateway.routes import Route


def path_of(route: Route) -> str:
    """Fill a pattern in; nothing that exists is named but the board `vision`."""
    path = route.pattern.replace("{board}", "vision").replace("{rest*}", "data/runs")
    while "{" in path:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + "nothing-of-this-name" + path[end + 1 :]
    return path
