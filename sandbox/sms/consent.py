"""The carrier's own opt-out words, which Twilio handles before the application sees them."""

_WORDS = {
    "STOP": ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
    "START": ("START", "YES", "UNSTOP"),
    "HELP": ("HELP", "INFO"),
}
_TYPE_OF = {word: kind for kind, words in _WORDS.items() for word in words}


def opt_out_type(body: str) -> str | None:
    """Return `STOP`, `START` or `HELP` when the whole message is such a word in any case, else None."""
    return _TYPE_OF.get(body.strip().upper())
