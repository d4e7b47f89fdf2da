"""Bad input from the provider's side: credentials refused, nobody there, nonsense, callbacks that were guessed."""

import base64
import hmac
from datetime import timedelta
from hashlib import sha1

from core.clock import HandClock
from models.lane import Lane
from models.outgoing import Attempt, Message, Receipt
from tests.faults.oracle import accepted, check, drain
from tests.faults.test_provider import CHANNELS, MANY, fault, told
from tests.messaging.conftest import Stage

NOWHERE = "http://127.0.0.1:9"
OWN_FAULT = {"sms": (20003, 20005, 21212, 21611, 21705), "telegram": (401, 404)}


@CHANNELS
async def test_bad_credentials_fail_no_message_however_long(stage: Stage, clock: HandClock, channel: str) -> None:
    """Three days of refusals: everything is still queued, no try is lost, and the pauses have grown."""
    code = OWN_FAULT[channel][0]
    made = await fault(stage, channel, "fail_permanently", error_code=code)
    await told(stage, channel)
    for _ in range(20):
        await stage.send(channel)
        clock.advance(timedelta(seconds=5))
    often = (await stage.sandbox.call("GET", f"faults/{made}"))["fired"]
    clock.advance(timedelta(days=3))
    await stage.send(channel)
    assert {(m.state, m.tries) for m in await Message.all()} == {("queued", 0)}
    assert often <= 8 * MANY, "100 seconds: after 1, 2, 4, 8, 16, 32 and 60"
    lane = await Lane.get(channel=channel)
    assert lane.last_error in (str(code), "token_refused", "not_tried")
    await stage.sandbox.call("DELETE", f"faults/{made}")
    await drain(stage, clock, channel)
    await check(stage)
    assert len(await accepted(stage)) == MANY


@CHANNELS
async def test_bad_senders_and_tokens_of_every_sort_hold_the_lane(stage: Stage, clock: HandClock, channel: str) -> None:
    for number, code in enumerate(OWN_FAULT[channel], 1):
        await fault(stage, channel, "fail_permanently", error_code=code, match={"nth": number})
    await told(stage, channel, 1)
    for tries in range(len(OWN_FAULT[channel])):
        assert await stage.send(channel) == 1
        assert (await Message.get()).state == "queued"
        assert await Attempt.filter(outcome="throttled").count() == tries + 1
        assert await stage.send(channel) == 0, "the lane waits"
        clock.advance(timedelta(minutes=1))
    await drain(stage, clock, channel)
    assert len(await accepted(stage)) == 1


async def test_bad_address_of_the_provider_itself(stage: Stage, clock: HandClock) -> None:
    """Nobody listens there for an hour; then the provider is back, and everybody gets it once."""
    assert stage.messaging.twilio is not None
    settings = stage.messaging.twilio.settings
    reachable = settings.api_url
    object.__setattr__(settings, "api_url", NOWHERE)
    await told(stage, "sms")
    for _ in range(30):
        await stage.send()
        clock.advance(timedelta(minutes=2))
    assert await accepted(stage) == {}
    assert {m.state for m in await Message.all()} == {"queued"}
    object.__setattr__(settings, "api_url", reachable)
    await drain(stage, clock)
    await check(stage)
    assert len(await accepted(stage)) == MANY


def signed(stage: Stage, path: str, form: dict[str, str]) -> dict[str, str]:
    text = stage.url + path + "".join(key + form[key] for key in sorted(form))
    made = base64.b64encode(hmac.new(stage.sandbox.token.encode(), text.encode(), sha1).digest())
    return {"X-Twilio-Signature": made.decode()}


async def test_bad_tokens_of_callbacks_change_nothing(stage: Stage, clock: HandClock) -> None:
    """Guessed, shortened, another message's, of another account: even with a right signature."""
    await stage.sandbox.fault("lose_receipt")
    await told(stage, "sms", 2)
    await drain(stage, clock)
    first, second = await Attempt.all().order_by("id")
    own = {"AccountSid": stage.sandbox.account, "MessageSid": str(first.provider_id), "MessageStatus": "delivered"}
    tried = [
        (f"{'A' * 22}", own, 404),
        (first.token[:-1], own, 404),
        (first.token.swapcase(), own, 404),
        (second.token, own, 404),
        ("..%2F" + first.token, own, 404),
        (first.token, own | {"AccountSid": "AC" + "0" * 32}, 403),
    ]
    for token, form, status in tried:
        path = f"/hooks/twilio/status/{token}"
        async with stage.sandbox.session.post(stage.url + path, data=form, headers=signed(stage, path, form)) as answer:
            assert answer.status == status, token
    assert await Receipt.all().count() == 0
    assert {m.state for m in await Message.all()} == {"accepted"}
