"""Twilio's refusals: HTTP status, code and wording, by its error dictionary."""

from typing import Any

from aiohttp import web

from sandbox.faults import Fault


class TwilioRefusal(Exception):
    """The call is refused with one of Twilio's codes; nothing was accepted."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message

    def response(self, headers: dict[str, str] | None = None) -> web.Response:
        """Return the answer in Twilio's form."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status, headers=headers)


DELIVERY_ERRORS = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}
"""Codes of messages that were accepted and not delivered."""


UNAUTHORIZED = frozenset({20003, 20005})
"""Wrong credentials, an account that is not active."""


def retry_header(retry_after: float | str | None) -> dict[str, str]:
    """Return the `Retry-After` header of a time, of a text as it is, or none."""
    if retry_after is None:
        return {}
    return {"Retry-After": retry_after if isinstance(retry_after, str) else f"{retry_after:g}"}


def unauthorized() -> TwilioRefusal:
    """Wrong or missing credentials."""
    return TwilioRefusal(401, 20003, "Authenticate")


def not_found(path: str) -> TwilioRefusal:
    """No such resource."""
    return TwilioRefusal(404, 20404, f"The requested resource {path} was not found")


class TwilioDialect:
    """How Twilio words a bad day."""

    def rate_limited(self, retry_after: float | str | None) -> web.Response:
        """Answer 429 with code 20429; `Retry-After` only when a time is given."""
        return TwilioRefusal(429, 20429, "Too Many Requests").response(retry_header(retry_after))

    def unavailable(self, status: int) -> web.Response:
        """Answer with a 5xx and Twilio's code 20500 or 20503."""
        code = 20503 if status == 503 else 20500
        message = "Service unavailable" if status == 503 else "An internal server error has occurred"
        return TwilioRefusal(status, code, message).response()

    def rejected(self, fault: Fault) -> web.Response | None:
        """Refuse with the fault's code and 400, or 401 for who asks; codes from 30000 on are failures afterwards."""
        code = fault.error_code or 30008
        if code >= 30000:
            return None
        return TwilioRefusal(401 if code in UNAUTHORIZED else 400, code, "The message was refused").response()

    def without_id(self) -> dict[str, Any]:
        """Return a message resource that names no SID."""
        return {"status": "queued", "error_code": None, "error_message": None, "direction": "outbound-api"}
