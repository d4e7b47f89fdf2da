"""The page and its files."""

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """Return the routes of the page."""
    return []
