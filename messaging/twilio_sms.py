"""SMS by Twilio: sending, the signature of its webhooks, and what they mean. Only this module imports `twilio`.

The library runs on our own HTTP client: its own ignores time limits and may post an SMS twice.
Sources: Twilio Messages resource, status callbacks, webhook security, error dictionary.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from messaging.channel import SMS, Arrival, Listing, Outgoing, Report, Result, Sent
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
LIST_BYTES: Final = 1024 * 1024
OPTED_OUT: Final = frozenset({"21610"})
BAD_NUMBER: Final = frozenset({"21211", "21214", "21217", "21614", "30005", "30006"})
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
            headers={**headers, "Authorization": aiohttp.encode_basic_auth(*auth)} if auth else headers,
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
        kind = "messaging_service_sid" if settings.sender.startswith("MG") else "from_"
        self._from = {kind: settings.sender}

    async def send(self, outgoing: Outgoing) -> Result:
        """Create the message once; buttons have no place in an SMS."""
        try:
            created = await self._client.messages.create_async(
                to=outgoing.to,
                body=outgoing.text,
                status_callback=f"{self.public_url}/hooks/twilio/status/{outgoing.token}{CALLBACK_RULES}",
                **self._from,
            )
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
        if not isinstance(created.sid, str) or not created.sid:
            return Result(Outcome.UNKNOWN, code="no_id")
        return Result(Outcome.ACCEPTED, provider_id=created.sid[:64])

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
        """Get one page of the list. Raises ValueError for another status, and for a page elsewhere."""
        if uri.partition("?")[0] != self._list_uri:
            raise ValueError("a page that is not ours")
        response = await self._client.request_async("GET", f"https://api.twilio.com{uri}", params=params)
        if response.status_code != 200:
            raise ValueError("not a list")
        return json.loads(response.text)

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
    """Return what a 4xx means. 401 is a fault of the lane, not of the message: it was not processed."""
    said = str(code) if code else f"http_{status}"
    if status == 401:
        return Result(Outcome.NOT_SENT, code=said)
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
    )


def parse_status(form: Mapping[str, str]) -> Report:
    """Return what a status callback says. Raises ValueError where it lacks an id or a status."""
    sid, status = form.get("MessageSid") or form.get("SmsSid", ""), form.get("MessageStatus") or ""
    if not 1 <= len(sid) <= 64 or not 1 <= len(status) <= 16 or "\0" in sid + status:
        raise ValueError("no id or no status")
    given = form.get("ErrorCode", "").replace("\0", "")[:32]
    code = given if given not in ("", "0") else None
    return Report(status, STATES.get(status), code, sid, code in OPTED_OUT, code in BAD_NUMBER)
