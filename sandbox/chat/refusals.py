"""Telegram's refusals: HTTP status and description as the Bot API words them."""

from typing import Any

from aiohttp import web

from sandbox.faults import Fault


class TelegramRefusal(Exception):
    """The call is refused; nothing was accepted."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.description = description
        self.parameters = parameters

    def response(self, headers: dict[str, str] | None = None) -> web.Response:
        """Return the answer in Telegram's form."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return web.json_response(body, status=self.status, headers=headers)


def bad_request(what: str) -> TelegramRefusal:
    """400 with Telegram's prefix."""
    return TelegramRefusal(400, f"Bad Request: {what}")


CHAT_NOT_FOUND = "chat not found"
BLOCKED = "Forbidden: bot was blocked by the user"

_PERMANENT = {
    400: f"Bad Request: {CHAT_NOT_FOUND}",
    401: "Unauthorized",
    403: BLOCKED,
    404: "Not Found",
}


class TelegramDialect:
    """How Telegram words a bad day."""

    def rate_limited(self, retry_after: float | str | None) -> web.Response:
        """Answer 429, with `retry_after` in whole seconds unless it is left out; a text is said as it is."""
        if retry_after is None:
            return TelegramRefusal(429, "Too Many Requests").response()
        seconds = retry_after if isinstance(retry_after, str) else max(1, int(retry_after))
        refusal = TelegramRefusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
        return refusal.response({"Retry-After": str(seconds)})

    def unavailable(self, status: int) -> web.Response:
        """Answer with a 5xx."""
        words = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}
        return TelegramRefusal(status, words.get(status, "Service Unavailable")).response()

    def rejected(self, fault: Fault) -> web.Response | None:
        """Refuse with the fault's code: 400 chat not found, 403 blocked (default)."""
        code = fault.error_code or 403
        return TelegramRefusal(code, _PERMANENT.get(code, "Bad Request: refused")).response()

    def without_id(self) -> dict[str, Any]:
        """Return a good answer that holds no message."""
        return {"ok": True}
