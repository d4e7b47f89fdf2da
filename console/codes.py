"""What a provider's code, or the name of a failure, means: the key of the words that say it (`code.<key>`)."""

from typing import Final

_KNOWN: Final = {
    "credentials": ("20003", "20005", "20008", "20404", "token_refused", "http_401", "http_403", "http_404"),
    "sender": ("21212", "21603", "21701", "21703", "21705"),
    "full": ("21611",),
    "too_fast": ("http_429",),
    "ended": ("abandoned",),
    "late": ("TimeoutError", "ServerTimeoutError", "SocketTimeoutError", "ConnectionTimeoutError"),
    "strange": ("strange_answer", "no_id", "no_code", "endless_answer", "strange_code"),
}
_MEANING: Final = {code: key for key, codes in _KNOWN.items() for code in codes}
KEYS: Final = (*_KNOWN, "server", "line", "other")


def meaning_of(code: str | None) -> str:
    """Return the key of what a code means; `other` where it is not known."""
    if not code:
        return "other"
    if code in _MEANING:
        return _MEANING[code]
    if code.startswith("http_5"):
        return "server"
    return "line" if code.endswith(("Error", "Exception")) else "other"
