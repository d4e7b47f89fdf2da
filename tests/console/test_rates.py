"""The page of rates: a table goes in by its form; what is wrong is said line by line."""

import aiohttp

from models.register import ExchangeRate
from tests.console.conftest import sqlite_only
from tests.console.house import House


async def upload(house: House, role: str, table: bytes) -> tuple[int, str]:
    async with await house.as_role(role) as browser:
        form = aiohttp.FormData()
        form.add_field("form_token", await house.token_of(browser))
        form.add_field("table", table, filename="rates.csv", content_type="text/csv")
        own = {"Origin": house.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        async with browser.client.post("/rates", data=form, headers=own) as got:
            return got.status, await got.text()


@sqlite_only
async def test_a_table_goes_in_and_is_shown(house: House) -> None:
    status, page = await upload(
        house, "integrity_head", "day,currency,rate,source\n2026-09-11,USD,7.1036,央行\n".encode()
    )
    assert (status, "新增 1" in page, "7.1036" in page) == (200, True, True)
    status, page = await upload(house, "integrity_head", b"day,currency,rate,source\n2026-09-11,USD,-1,x\n")
    assert (status, "不是汇率" in page) == (422, True)
    status, _ = await upload(house, "integrity_head", b"")
    assert status == 422
    assert await ExchangeRate.all().count() == 1
    status, _ = await upload(house, "clerk", b"day,currency,rate,source\n")
    assert status == 403
