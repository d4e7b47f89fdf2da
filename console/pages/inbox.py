"""What people wrote that a person must read, address by address, and the answers of the clerks.

Only what was set aside for a person is shown: other messages of the same address may belong to a register.
"""

from hashlib import sha256
from typing import Any

from aiohttp import web

from console import paging
from console.answers import go_on
from console.fields import Form, read_form
from console.masked import masked
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere, Refused
from core.segments import count
from core.texts import sign
from messaging import inbox
from messaging.outbox import NewMessage, enqueue
from models import console_queries, sql
from models.address import Address
from models.inbound import Inbound
from models.outgoing import Message

ANSWER_MOST = 500
SEGMENTS_MOST = 4
LATEST = 100


async def inbox_page(visit: Visit) -> web.Response:
    """Show who wrote, unread first."""
    view = "all" if visit.query("view") == "all" else "unread"
    rows = await console_queries.inbox(view == "unread", paging.SIZE, paging.offset(visit))
    shown = [
        row | {"from": masked(visit.office, row["identity"]), "last_at": sql.as_time(row["last_at"])} for row in rows
    ]
    return render(visit, "inbox.html", {"rows": shown, "view": view, "page": paging.sliced(visit, rows, "view")})


async def talk_page(visit: Visit) -> web.Response:
    """Show what an address wrote to a person, and what was answered."""
    return await _talk(visit, await _address(visit), Form())


async def _address(visit: Visit) -> Address:
    address = await Address.get_or_none(public_id=visit.path("address"))
    if address is None or not await Inbound.filter(address_id=address.id, for_person=True).exists():
        raise NotThere
    return address


async def _talk(visit: Visit, address: Address, form: Form) -> web.Response:
    came = await Inbound.filter(address_id=address.id, for_person=True).order_by("-id").limit(LATEST)
    went = await Message.filter(address_id=address.id, dedupe_key__startswith="inbox:").order_by("-id").limit(LATEST)
    lines = [_came(visit, one) for one in came] + [_went(visit, one) for one in went]
    context = {
        "address": address,
        "from_": masked(visit.office, address.identity),
        "lines": sorted(lines, key=lambda one: one["at"]),
        "unread": any(one.read_at is None for one in came),
        "last": max(one.id for one in came),
        "signature": visit.office.signature.get(_lang(visit, address), "") if address.channel == "sms" else "",
        "form": form,
        "most": ANSWER_MOST,
        "segments_most": SEGMENTS_MOST,
    }
    return render(visit, "talk.html", context, 422 if form.errors else 200)


def _lang(visit: Visit, address: Address) -> str:
    return address.lang or visit.office.locale


def _came(visit: Visit, one: Inbound) -> dict[str, Any]:
    text = visit.office.key.decrypt(one.body) if one.body is not None else ""
    return {"at": one.received_at, "text": text, "ours": False, "urgent": one.urgent, "unread": one.read_at is None}


def _went(visit: Visit, one: Message) -> dict[str, Any]:
    text = visit.office.key.decrypt(one.body) if one.body is not None else ""
    return {"at": one.queued_at, "text": text, "ours": True, "state": one.state, "unread": False}


async def answer(visit: Visit) -> web.Response:
    """Send an answer to an address; what it answers counts as read. The same form twice is one answer."""
    address = await _address(visit)
    form = read_form(visit.posted, ("text", "last"), ANSWER_MOST + 1)
    text = (
        sign(form["text"], _lang(visit, address), visit.office.signature) if address.channel == "sms" else form["text"]
    )
    _check_answer(visit, form, text, address.channel)
    if form.errors:
        return await _talk(visit, address, form)
    try:
        await _say(visit, address, text, int(form["last"]))
    except Refused as refused:
        form.wrong("text", visit.refusal(refused))
        return await _talk(visit, address, form)
    return go_on(visit, f"/inbox/{address.public_id}", "answered")


def _check_answer(visit: Visit, form: Form, text: str, channel: str) -> None:
    segments = count(text).segments
    if not form["text"]:
        form.wrong("text", visit.t("form.needed", field=visit.t("inbox.answer")))
    elif len(form["text"]) > ANSWER_MOST or (channel == "sms" and segments > SEGMENTS_MOST):
        form.wrong("text", visit.t("inbox.too_long", n=segments, most=SEGMENTS_MOST, characters=ANSWER_MOST))
    if not form["last"].isdecimal() or len(form["last"]) > 18:
        form.wrong("", visit.t("refused.other"))


async def _say(visit: Visit, address: Address, text: str, last: int) -> None:
    office = visit.office
    async with sql.transaction():
        message = NewMessage(
            dedupe_key=f"inbox:{address.id}:{last}:{sha256(text.encode()).hexdigest()[:16]}",
            channel=address.channel,
            address_id=address.id,
            person_id=address.person_id,
            category="reply",
            lang=_lang(visit, address),
            text=text,
        )
        await enqueue(office, message)
        await inbox.mark_read(office, address.id, last)


async def mark_read(visit: Visit) -> web.Response:
    """Note that nothing has to be answered."""
    address = await _address(visit)
    form = read_form(visit.posted, ("last",), 18)
    if form["last"].isdecimal():
        await inbox.mark_read(visit.office, address.id, int(form["last"]))
    return go_on(visit, "/inbox", "read")
