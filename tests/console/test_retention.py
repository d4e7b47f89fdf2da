"""The page of retention: what ends soon, what is on hold, for the head of the integrity office alone."""

from datetime import timedelta

from models import retention_queries
from models.record import Record
from records.retention_file import schedule
from tests.console.house import House


async def ends_soon(house: House) -> Record:
    """Close a complaint so long ago that it is erased within some weeks."""
    record = await Record.get(id=house.complaint.id)
    record.closed_at = house.office.clock.now() - timedelta(days=365 * schedule().years("complaint") - 30)
    await record.save()
    return record


async def test_a_record_is_held_and_released_from_the_page(house: House) -> None:
    record = await ends_soon(house)
    async with await house.as_role("integrity_head", "en") as head:
        page = await head.get("/retention")
        assert str(record.number) in page.words
        held = await head.post(f"/retention/{record.public_id}/hold", {"reason": "court"}, page="/retention")
        assert "On hold" in held.words
        assert "Court or review" in held.words
        assert await retention_queries.is_held(record.id)
        wrong = await head.post(f"/retention/{record.public_id}/hold", {"reason": "x"}, page="/retention")
        assert wrong.status == 409
        assert "Choose from the list" in wrong.words
        released = await head.post(f"/retention/{record.public_id}/release", {}, page="/retention")
        assert released.path == "/retention"
        assert not await retention_queries.is_held(record.id)


async def test_nothing_ends_soon_and_nobody_else_sees_the_page(house: House) -> None:
    async with await house.as_role("integrity_head", "en") as head:
        assert "Nothing ends soon" in (await head.get("/retention")).words
        assert (await head.post("/retention/unknown/hold", {"reason": "court"}, page="/retention")).status == 404
    async with await house.as_role("sysadmin", "en") as admin:
        assert (await admin.get("/retention")).status == 403
