"""What happens to an accepted SMS: its states, and the receipts posted to its StatusCallback."""

import asyncio
from collections.abc import Sequence

from sandbox.faults import Fault
from sandbox.sms.model import SmsMessage, TwilioAccount
from sandbox.sms.webhook import post_signed
from sandbox.world import World

LATE_MS = 5_000
"""How late `late_receipt` is when the fault names no time."""

_FAILED_BY_TWILIO = frozenset({30001, 30002})


def sms_key(account_sid: str, number: str) -> str:
    """Return the key under which a phone's changes are told."""
    return f"sms:{account_sid}:{number}"


def steps_of(error_code: int | None) -> tuple[str, ...]:
    """Return the states a message goes through; an error ends it as `undelivered`, or `failed` before the carrier."""
    if error_code is None:
        return ("queued", "sent", "delivered")
    if error_code in _FAILED_BY_TWILIO:
        return ("queued", "failed")
    return ("queued", "sent", "undelivered")


def receipt_form(message: SmsMessage) -> dict[str, str]:
    """Return the parameters of a status callback as they are now."""
    form = {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "To": message.to,
    }
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if message.error_code:
        form["ErrorCode"] = str(message.error_code)
    if message.status in ("delivered", "undelivered") and message.updated:
        form["RawDlrDoneDate"] = message.updated.strftime("%y%m%d%H%M")
    return form


class Reporter:
    """Posts the receipts of one message, as the faults that struck it will have it."""

    def __init__(self, world: World, account: TwilioAccount, message: SmsMessage, struck: Sequence[Fault]) -> None:
        self._world = world
        self._account = account
        self._url = message.callback_url
        self._effects = {fault.effect: fault for fault in struck}
        self._held: list[dict[str, str]] = []

    async def report(self, message: SmsMessage) -> None:
        """Post one receipt, hold it back, or lose it."""
        if not self._url or "lose_receipt" in self._effects:
            return
        form = receipt_form(message)
        if "shuffle_receipts" in self._effects or "late_receipt" in self._effects:
            self._held.append(form)
        else:
            await self._post(form)

    async def finish(self) -> None:
        """Post what was held back: late when so told, the last state first when shuffled."""
        late = self._effects.get("late_receipt")
        if late is not None and self._held:
            await asyncio.sleep((LATE_MS if late.ms is None else late.ms) / 1000)
        forms = reversed(self._held) if "shuffle_receipts" in self._effects else iter(self._held)
        for form in forms:
            await self._post(form)

    async def _post(self, form: dict[str, str]) -> None:
        for _ in range(2 if "duplicate_receipt" in self._effects else 1):
            await post_signed(self._world, self._account, self._url, form, "status")


async def carry(
    world: World, account: TwilioAccount, message: SmsMessage, struck: Sequence[Fault], error_code: int | None
) -> None:
    """Take one message through its states with the account's pause before each, and report them in order."""
    reporter = Reporter(world, account, message, struck)
    for status in steps_of(error_code):
        await asyncio.sleep(account.status_delay_ms / 1000)
        if world.accounts.get(account.sid) is not account:
            return
        _move(world, account, message, status, error_code)
        await reporter.report(message)
    await reporter.finish()


def _move(world: World, account: TwilioAccount, message: SmsMessage, status: str, error_code: int | None) -> None:
    now = world.clock.now()
    message.status = status
    message.updated = now
    if status in ("sent", "failed"):
        message.sent = now
    if status in ("failed", "undelivered"):
        message.error_code = error_code
    world.changes.mark(sms_key(account.sid, message.phone))
