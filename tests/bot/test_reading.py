"""收到 or 1 says that a report was read: of the notice that asked last, by whom it is for."""

from models import issue_queries, sql
from models.issue import IssuedReport, ReportReader
from models.org import Person
from oversight.printing.frozen import freeze
from oversight.telling import NOTICE, ask_to_read
from tests.bot.conftest import Cast, Phone, keys
from tests.bot.test_acknowledging import reminded
from tests.oversight.printing.sample import gifts_2005


async def issued(cast: Cast, phone: Phone, person: Person) -> int:
    """A report was issued to somebody, and he was asked to read it."""
    office = cast.world.office
    now = office.clock.now()
    async with sql.transaction():
        frozen = office.key.encrypt(freeze(gifts_2005()))
        made = await issue_queries.prepare("R01", "2005", frozen, '{"roles":[],"staff":[]}', None, None, now)
        assert made is not None
        await issue_queries.decide(made[0], "issued", person.id, now, by_another=True)
        await issue_queries.add_reader(made[0], person.id, now, has_read=False)
        await ask_to_read(office, made[0], person.id, NOTICE)
    assert keys(await phone.reads()) == [NOTICE]
    return made[0]


async def read_by(issued_id: int) -> str | None:
    return (await ReportReader.get(issued_id=issued_id)).read_by


async def test_it_is_read_by_word_or_digit(cast: Cast) -> None:
    for word in ("收到", "1", "已閱"):
        issued_id = await issued(cast, cast.lin_chat, cast.lin)
        assert keys(await cast.lin_chat.sends(word)) == ["T-REPORT-READ"]
        assert await read_by(issued_id) == "telegram"
    assert keys(await cast.lin_chat.sends("收到")) == ["T-ACK-NONE"]
    assert await IssuedReport.all().count() == 3


async def test_anything_else_is_no_answer(cast: Cast) -> None:
    issued_id = await issued(cast, cast.lin_chat, cast.lin)
    for word in ("没收到", "0", "2"):
        await cast.lin_chat.sends(word)
        assert await read_by(issued_id) is None


async def test_the_answer_is_of_what_was_asked_last(cast: Cast) -> None:
    first = await issued(cast, cast.lin_chat, cast.lin)
    await reminded(cast, cast.lin_chat)
    assert keys(await cast.lin_chat.sends("1")) == ["T-ACK-OK"]
    assert await read_by(first) is None
    assert keys(await cast.lin_chat.sends("1")) == ["T-REPORT-READ"]
    assert await read_by(first) == "telegram"
