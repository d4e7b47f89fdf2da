"""What is erased is gone from the files: overwritten on SQLite, rewritten by the command on both databases."""

from pathlib import Path

from models import cleaning, sql
from models.org import Unit

SECRET = "erased-and-not-to-be-found"


async def test_cleaning_keeps_every_row(db: str) -> None:
    await Unit.create(code="U1", name_zh="一")
    await cleaning.fold_log()
    await cleaning.drop_old_keys()
    await cleaning.clean_everything()
    assert await Unit.all().count() == 1


async def test_what_is_erased_is_overwritten(db: str) -> None:
    if sql.is_postgres():
        return  # its dead rows stay until VACUUM: docs/operations.md
    unit = await Unit.create(code="U1", name_zh=SECRET)
    await cleaning.fold_log()
    path = Path(db.removeprefix("sqlite://"))
    assert SECRET.encode() in path.read_bytes()
    await Unit.filter(id=unit.id).update(name_zh="-")
    await cleaning.fold_log()
    assert not any(SECRET.encode() in each.read_bytes() for each in path.parent.glob(path.name + "*"))
