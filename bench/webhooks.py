"""What providers post: status callbacks and incoming messages, over HTTP to the running service."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench import bare_client, load, serving
from bench.agency import SENDER, identity
from bench.figures import Experiment, Line, Sample, at_least
from bench.recording import accepted
from bench.stand import Stand
from bench.store import EMPTY, opened
from messaging.channel import SMS
from models import sql

AT_ONCE = 64
"""As many connections as a provider opens for the receipts of a large run."""
WORDS = "投诉 窗口排队三小时没人理"
_signer = RequestValidator(bare_client.TOKEN)


def _signed(url: str, form: Mapping[str, str]) -> bytes:
    signature = _signer.compute_signature(url, form)
    return load.post(url, urlencode(form).encode(), {"X-Twilio-Signature": signature})


def _delivered(url: str, size: int) -> Sequence[bytes]:
    """A status callback for each of so many attempts."""
    requests = []
    for number in range(1, size + 1):
        form = {
            "AccountSid": bare_client.ACCOUNT,
            "ApiVersion": "2010-04-01",
            "From": SENDER,
            "MessageSid": f"SM{number:032x}",
            "MessageStatus": "delivered",
            "SmsSid": f"SM{number:032x}",
            "SmsStatus": "delivered",
            "To": identity(SMS, number),
        }
        requests.append(_signed(f"{url}/hooks/twilio/status/token-{number}", form))
    return requests


def texts(url: str, size: int) -> Sequence[bytes]:
    """An incoming text from each of so many numbers that nobody knows yet."""
    requests = []
    for number in range(1, size + 1):
        form = {
            "AccountSid": bare_client.ACCOUNT,
            "ApiVersion": "2010-04-01",
            "Body": WORDS,
            "From": f"+8615{number:09}",
            "MessageSid": f"SM{number:032x}",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": f"SM{number:032x}",
            "SmsSid": f"SM{number:032x}",
            "SmsStatus": "received",
            "To": SENDER,
        }
        requests.append(_signed(f"{url}/hooks/twilio/message", form))
    return requests


async def _check(url: str, question: str, expected: int) -> None:
    async with opened(url):
        found = await sql.value(question)
    if found != expected:
        raise RuntimeError(f"{expected} rows were expected, {found} are there: {question}")


async def measure_callbacks(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Post a receipt for every message of a run, to us and to a handler that only checks the signature."""
    async with serving.bare(stand, "signature") as bare:
        base = await load.fire(bare.url, _delivered(bare.url, size), AT_ONCE)
    async with stand.store.copy(accepted(stand, size)) as url:
        async with serving.service(stand, url, "web", settings=serving.SMS_ONLY) as ours:
            taken = await load.fire(ours.url, _delivered(ours.url, size), AT_ONCE)
        await _check(url, "SELECT count(*) FROM message WHERE state = 'delivered'", size)
    return {"callbacks": Sample(taken.rate, base.rate)}


async def measure_inbound(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Post texts from unknown numbers, to us and to a handler that checks the signature and commits one row."""
    async with (
        stand.store.copy(EMPTY) as url,
        serving.bare(stand, "insert", url) as bare,
    ):
        base = await load.fire(bare.url, texts(bare.url, size))
    async with stand.store.copy(EMPTY) as url:
        async with serving.service(stand, url, "web", settings=serving.SMS_ONLY) as ours:
            taken = await load.fire(ours.url, texts(ours.url, size))
        await _check(url, "SELECT count(*) FROM inbound", size)
    milliseconds = Sample(taken.percentile(50) * 1000, base.percentile(50) * 1000)
    return {"inbound": Sample(taken.rate, base.rate), "inbound.p50": milliseconds}


CALLBACKS = Experiment(
    "callbacks",
    measure_callbacks,
    (3200, 1600, 96),
    (Line("callbacks", f"status callbacks a second, {AT_ONCE} at once", "signature check alone", "/s", at_least(0.4)),),
)
INBOUND = Experiment(
    "inbound",
    measure_inbound,
    (1600, 800, 48),
    (
        Line("inbound", "inbound webhooks stored a second", "signature check and one bare commit", "/s"),
        Line("inbound.p50", f"inbound webhooks: half answered within, {load.CONNECTIONS} at once", "the same", "ms"),
    ),
)
