"""Puts the names of the sample organisation on the sandbox's phones and chats."""

import csv
from typing import Final

from service.demo import cast
from service.demo.organisation import SAMPLE
from service.demo.phones import Phones

KINDS: Final = {"driver": "货车司机 lorry driver", "passenger": "旅客 traveller"}


async def name_everybody(phones: Phones) -> None:
    """Name each phone and start each chat of staff and outsiders."""
    for row in _rows("staff.csv"):
        label = f"{row['name_zh']} {row['post']}"
        if row["phone"] == cast.QUAY_PHONE:
            label = f"{row['name_zh']} · 签名码 code {cast.QUAY_SIGNING_CODE}"
        await _name(phones, row["phone"], row["chat_id"], label, row["lang"])
    for row in _rows("external_people.csv"):
        label = KINDS["driver"] if row["phone"] == cast.DRIVER_PHONE else row["name_zh"] or row["note"]
        await _name(phones, row["phone"], row["chat_id"], label, row["lang"])


async def _name(phones: Phones, number: str, chat_id: str, label: str, lang: str) -> None:
    if number:
        await phones.name_phone(number, label, lang)
    if chat_id:
        await phones.name_chat(chat_id, label, lang)


def _rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
