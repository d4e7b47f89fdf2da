"""The parameters of a Bot API call, however they were sent: query, form, multipart or JSON."""

import json
from typing import Any

from aiohttp import web

from sandbox.chat.refusals import bad_request


class Params:
    """Typed reading of one call's parameters; forms carry everything but text as JSON."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        """Say whether the parameter was sent."""
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Return a text; numbers are taken as their digits."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int, problem: str | None = None) -> int:
        """Return a whole number; raises 400 with `problem` for anything else."""
        value = self.values.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(problem or f"parameter {name} must be a number") from None

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes")

    def data(self, name: str, problem: str) -> Any:
        """Return structured data, None when absent; raises 400 with `problem` when it cannot be read."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(problem) from None


async def read_params(request: web.Request) -> Params:
    """Read the parameters of one call; the body wins over the query."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if isinstance(body, dict):
            values |= {name: value for name, value in body.items() if value is not None}
    elif request.can_read_body:
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return Params(values)
