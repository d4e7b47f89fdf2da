"""SMS by Twilio: sending, the signature of its webhooks, and what they mean. Only this module imports `twilio`.

The library runs on our own HTTP client: its own ignores time limits and may post an SMS twice.
Sources: Twilio Messages resource, status callbacks, webhook security, error dictionary.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
import structlog
from twilio.base.exceptions import TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from messaging import http_call
from messaging.channel import SMS, Arrival, Attached, Heard, HeardPage, Listing, Outgoing, Report, Result, Sent
from messaging.http_call import NotWritten, Throttled, Unclear
from models.states import MessageState, Outcome

log = structlog.get_logger()

RATE: Final = 1.0
CALLBACK_RULES: Final = "#rp=all&rc=5"  # repeat a callback after any failure, five times
STATES: Final = {
    "accepted": MessageState.ACCEPTED,
    "scheduled": MessageState.ACCEPTED,
    "queued": MessageState.ACCEPTED,
    "sending": MessageState.ACCEPTED,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.FAILED,
}
LIST_PAGE: Final = 50
MOST_PAGES: Final = 20
INBOUND_PAGE: Final = 500
LIST_BYTES: Final = 8 * 1024 * 1024
LANE_FAULTS: Final = frozenset(
    {
        *("20003", "20005", "20008", "20404"),  # credentials, an account that is not active, test ones, no such account
        *("21212", "21603", "21701", "21703", "21705"),  # the sender: not valid, missing; its Messaging Service
        "21611",  # its queue is full
    }
)
OPTED_OUT: Final = frozenset({"21610"})
BAD_NUMBER: Final = frozenset({"21211", "21214", "21217", "21614", "30005", "30006"})
_ACCEPT: Final = {"Accept": "application/json"}
MMS: Final = Attached("mms", "mms", "mms")
"""Stands for pictures of an MMS: they are not fetched, the sender is told so."""
_OPTS: Final[Mapping[str, Any]] = {"STOP": "out", "START": "in"}


@dataclass(frozen=True)
class TwilioSettings:
    """How to reach Twilio. `sender` is a number or a Messaging Service (MG…), `rate` in segments a second.

    `time_limit`: seconds for one call.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    api_url: str | None = None
    rate: float = RATE
    time_limit: float = http_call.TOTAL_SECONDS


class _Client(AsyncHttpClient):  # type: ignore[misc]
    """The library's HTTP client: our session, our time limits, no retries, no logging of numbers."""

    def __init__(self, session: aiohttp.ClientSession, settings: TwilioSettings) -> None:
        self.is_async = True
        self.session, self.settings = session, settings
        self._authorization = aiohttp.encode_basic_auth(settings.account_sid, settings.auth_token)

    async def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,  # noqa: ASYNC109 - the library's signature
        allow_redirects: bool = False,
    ) -> Response:
        """Do one request; raises what `http_call.call` raises."""
        answer = await http_call.call(
            self.session,
            method,
            http_call.redirect(url, self.settings.api_url),
            seconds=self.settings.time_limit,
            most_bytes=LIST_BYTES if method == "GET" else http_call.MOST_BYTES,
            params=params,
            form=data,
            headers={**headers, "Authorization": self._authorization},
        )
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


class TwilioSms:
    """The SMS channel of one account and sender."""

    name = SMS

    def __init__(self, settings: TwilioSettings, session: aiohttp.ClientSession, public_url: str) -> None:
        self.settings, self.public_url = settings, public_url
        client = _Client(session, settings)
        self._client = Client(settings.account_sid, settings.auth_token, http_client=client)
        self._validator = RequestValidator(settings.auth_token)
        kind = "MessagingServiceSid" if settings.sender.startswith("MG") else "From"
        self._from = {kind: settings.sender}
        self._version = self._client.api.v2010
        self._create_uri = f"/Accounts/{settings.account_sid}/Messages.json"
        self._callback = f"{public_url}/hooks/twilio/status/"

    async def send(self, outgoing: Outgoing) -> Result:
        """Create the message once; buttons have no place in an SMS.

        By the library's resource-independent call: its message object parses three dates that nobody reads.
        """
        callback = f"{self._callback}{outgoing.token}{CALLBACK_RULES}"
        form = {"To": outgoing.to, "Body": outgoing.text, "StatusCallback": callback, **self._from}
        try:
            created = await self._version.create_async("POST", self._create_uri, data=form, headers=_ACCEPT)
            sid = created.get("sid")
        except NotWritten as error:
            return Result(Outcome.NOT_SENT, code=str(error))
        except Throttled as error:
            return Result(Outcome.THROTTLED, code=str(error), retry_after=error.retry_after)
        except Unclear as error:
            return Result(Outcome.UNKNOWN, code=str(error))
        except TwilioRestException as error:
            return refusal(error.status, error.code)
        except Exception as error:  # an answer that the library cannot read: the message may be out
            log.warning("twilio.strange_answer", kind=type(error).__name__)
            return Result(Outcome.UNKNOWN, code="strange_answer")
        if not isinstance(sid, str) or not sid:
            return Result(Outcome.UNKNOWN, code="no_id")
        return Result(Outcome.ACCEPTED, provider_id=sid[:64])

    async def sent_to(self, to: str) -> Listing:
        """List what the account sent to a number, newest first, 1,000 messages at most.

        Not narrowed by DateSent: a message that Twilio still holds in its queue has none yet.
        """
        uri: str | None = self._list_uri
        params: dict[str, object] | None = {"To": to, "PageSize": LIST_PAGE}
        sent: list[Sent] = []
        try:
            for _ in range(MOST_PAGES):
                page = await self._page(str(uri), params)
                sent += [self._sent(each) for each in page["messages"] if each["direction"] != "inbound"]
                uri, params = page["next_page_uri"], None
                if uri is None:
                    return Listing(sent, is_complete=True)
        except Throttled as error:
            return Listing(trouble=str(error), retry_after=error.retry_after)
        except (NotWritten, Unclear) as error:
            return Listing(trouble=str(error))
        except Exception as error:  # an answer that is no list
            return Listing(trouble=f"strange_answer_{type(error).__name__}")
        return Listing(sent)

    @property
    def _list_uri(self) -> str:
        return f"/2010-04-01/Accounts/{self.settings.account_sid}/Messages.json"

    async def _page(self, uri: str, params: dict[str, object] | None) -> Any:
        """Get one page of the list. Raises Unclear for another status, ValueError for a page elsewhere or no JSON."""
        if uri.partition("?")[0] != self._list_uri:
            raise ValueError("a page that is not ours")
        response = await self._client.request_async("GET", f"https://api.twilio.com{uri}", params=params)
        if response.status_code != 200:
            raise Unclear(f"http_{response.status_code}")
        return json.loads(response.text)

    async def came_in(self, day: date, page: str | None = None) -> HeardPage:
        """List what the account has of a day; a Messaging Service's numbers are not known, so all of it is read.

        What is still coming in is left out, and what nobody could answer: a sender redacted or without a name.
        Raises NotWritten, Unclear or Throttled.
        """
        sender = self.settings.sender
        if not sender.startswith(("MG", "+")) and not sender.isdecimal():
            return HeardPage()  # a name: nobody can write to it
        params: dict[str, object] = {"DateSent": day.isoformat(), "PageSize": INBOUND_PAGE}
        if not sender.startswith("MG"):
            params["To"] = sender
        try:
            found = await self._page(page or self._list_uri, None if page else params)
            return self._heard_page(found)
        except (NotWritten, Unclear, Throttled):
            raise
        except Exception as error:  # an answer that is no list
            raise Unclear(f"strange_answer_{type(error).__name__}") from None

    def _heard_page(self, found: Mapping[str, Any]) -> HeardPage:
        dated = [(given, _when(given)) for given in found["messages"]]
        ours = [(given, at) for given, at in dated if self._is_for_us(given)]
        heard = [Heard(arrival, at) for given, at in ours if (arrival := _listed(given)) is not None]
        following = found["next_page_uri"]
        return HeardPage(heard, dated[0][1] if dated else None, str(following) if following is not None else None)

    def _is_for_us(self, given: Mapping[str, Any]) -> bool:
        is_here = given["direction"] == "inbound" and given["status"] == "received"
        return is_here and self.settings.sender in (given["to"], given["messaging_service_sid"])

    def _sent(self, given: Mapping[str, Any]) -> Sent:
        status, error = str(given["status"])[:16], given["error_code"]
        sid, code = str(given["sid"])[:64], str(error)[:32] if error else None
        state = STATES.get(status, MessageState.ACCEPTED)  # being in the list proves that it was taken
        return Sent(
            provider_id=sid,
            text=str(given["body"]),
            created_at=parsedate_to_datetime(given["date_created"]),
            is_ours=self.settings.sender in (given["from"], given["messaging_service_sid"]),
            report=Report(status, state, code, sid, code in OPTED_OUT, code in BAD_NUMBER),
        )

    def is_signed(self, raw_path: str, form: Mapping[str, str], signature: str) -> bool:
        """Say whether Twilio signed this form for our public URL and this path, whatever the request's headers say."""
        return bool(self._validator.validate(self.public_url + raw_path, dict(form), signature))

    def is_ours(self, form: Mapping[str, str]) -> bool:
        """Say whether the form is about our account."""
        return hmac.compare_digest(form.get("AccountSid", "").encode(), self.settings.account_sid.encode())


def refusal(status: int, code: Any) -> Result:
    """Return what a 4xx means. A fault of the lane fails no message: it waits with its lane, and costs no try."""
    said = str(code) if code else f"http_{status}"
    if status == 401 or said in LANE_FAULTS:
        return Result(Outcome.THROTTLED, code=said)
    if not 400 <= status < 500:
        return Result(Outcome.UNKNOWN, code=said)
    return Result(Outcome.REJECTED, code=said, opted_out=said in OPTED_OUT, bad_address=said in BAD_NUMBER)


def parse_message(form: Mapping[str, str]) -> Arrival:
    """Return what an incoming message webhook says. Raises ValueError where it lacks an id or a sender."""
    sid, sender = form.get("MessageSid") or form.get("SmsSid", ""), form.get("From", "")
    if not 1 <= len(sid) <= 64 or not 1 <= len(sender) <= 64 or "\0" in sid + sender:
        raise ValueError("no id or no sender")
    return Arrival(
        channel=SMS,
        provider_id=sid,
        identity=sender,
        kind="text" if form.get("Body") else "other",
        text=form.get("Body") or None,
        opt=_OPTS.get(form.get("OptOutType", "")),
        files=(MMS,) if form.get("NumMedia", "0") not in ("0", "") else (),
    )


def _when(given: Mapping[str, Any]) -> datetime:
    return parsedate_to_datetime(given["date_sent"] or given["date_created"])


def _listed(given: Mapping[str, Any]) -> Arrival | None:
    """Return what a listed message says; None where its sender was redacted or has no place in a row."""
    sender = str(given["from"] or "")
    if sender.startswith("+") and not sender[1:].isdecimal():
        return None
    try:
        return parse_message({"MessageSid": str(given["sid"]), "From": sender, "Body": given["body"] or ""})
    except ValueError:
        return None


def parse_status(form: Mapping[str, str]) -> Report:
    """Return what a status callback says. Raises ValueError where it lacks an id or a status."""
    sid, status = form.get("MessageSid") or form.get("SmsSid", ""), form.get("MessageStatus") or ""
    if not 1 <= len(sid) <= 64 or not 1 <= len(status) <= 16 or "\0" in sid + status:
        raise ValueError("no id or no status")
    given = form.get("ErrorCode", "").replace("\0", "")[:32]
    code = given if given not in ("", "0") else None
    return Report(status, STATES.get(status), code, sid, code in OPTED_OUT, code in BAD_NUMBER)
