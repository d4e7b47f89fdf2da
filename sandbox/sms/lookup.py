"""The list of messages: filters and pages as Twilio has them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.sms.model import SmsMessage, TwilioAccount, resource_of
from sandbox.sms.refusals import DELIVERY_ERRORS, TwilioRefusal

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000

Filter = Callable[[SmsMessage], bool]


def _read_moment(name: str, text: str) -> tuple[datetime, bool]:
    """Return the moment and whether only a day was named."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(), UTC), True
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TwilioRefusal(400, 20001, f"Invalid {name}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), False


def _on(text: str) -> Filter:
    start, whole_day = _read_moment("DateSent", text)
    end = start + (timedelta(days=1) if whole_day else timedelta(seconds=1))
    return lambda m: start <= m.when < end


def _until(text: str) -> Filter:
    limit, _ = _read_moment("DateSent<", text)
    return lambda m: m.when.replace(microsecond=0) <= limit


def _since(text: str) -> Filter:
    limit, _ = _read_moment("DateSent>", text)
    return lambda m: m.when >= limit


_FILTERS: dict[str, Callable[[str], Filter]] = {
    "To": lambda text: lambda m: m.to == text,
    "From": lambda text: lambda m: m.sender == text,
    "DateSent": _on,
    "DateSent<": _until,
    "DateSent>": _since,
}


def find_messages(account: TwilioAccount, query: Mapping[str, str]) -> list[SmsMessage]:
    """Return the messages that pass every filter, newest first.

    `DateSent<` and `DateSent>` include their bound; a bare date means its midnight in UTC, `DateSent` its whole day.
    """
    filters = [make(query[name]) for name, make in _FILTERS.items() if query.get(name)]
    end = query.get("To") or query.get("From")
    pool: Iterable[SmsMessage] = account.by_end.get(end, ()) if end else account.messages
    return [m for m in reversed(list(pool)) if all(passes(m) for passes in filters)]


def _number(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < low:
        raise TwilioRefusal(400, 20001, f"Invalid {name}")
    return min(int(text), high)


def page_of(account: TwilioAccount, query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page. `PageToken` names the last message of the page before, so that new ones shift nothing."""
    size = _number(query, "PageSize", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE)
    page = _number(query, "Page", 0, 0, 1_000_000)
    found = find_messages(account, query)
    start = _start_of(found, query.get("PageToken", ""), page * size)
    shown = found[start : start + size]
    return {
        "end": page * size + len(shown) - 1 if shown else 0,
        "first_page_uri": _page_uri(account, query, size, 0, ""),
        "messages": [full_resource(m) for m in shown],
        "next_page_uri": _next_uri(account, query, size, page, shown) if start + size < len(found) else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": _page_uri(account, query, size, page - 1, "") if page else None,
        "start": page * size,
        "uri": _page_uri(account, query, size, page, query.get("PageToken", "")),
    }


def _start_of(found: list[SmsMessage], token: str, otherwise: int) -> int:
    if not token:
        return otherwise
    for index, message in enumerate(found):
        if f"PA{message.sid}" == token:
            return index + 1
    raise TwilioRefusal(400, 20001, "Invalid PageToken")


def _next_uri(account: TwilioAccount, query: Mapping[str, str], size: int, page: int, shown: list[SmsMessage]) -> str:
    return _page_uri(account, query, size, page + 1, f"PA{shown[-1].sid}")


def _page_uri(account: TwilioAccount, query: Mapping[str, str], size: int, page: int, token: str) -> str:
    said = {name: query[name] for name in _FILTERS if query.get(name)}
    said |= {"PageSize": str(size), "Page": str(page)}
    if token:
        said["PageToken"] = token
    return f"/2010-04-01/Accounts/{account.sid}/Messages.json?{urlencode(said)}"


def full_resource(message: SmsMessage) -> dict[str, Any]:
    """Return a message as the API shows it, with the wording of its error."""
    words = DELIVERY_ERRORS.get(message.error_code, "Unknown error") if message.error_code else None
    return resource_of(message, words)
