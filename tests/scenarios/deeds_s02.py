"""S02: the intercession of the quay: what the integrity office does with it, what others look for and do not find."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from core.clock import HandClock
from models import sql
from models.org import Person
from models.reading import RecordReader
from models.record import Record
from records.filing import file
from records.source import Source
from tests.console.browser import Answer
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

OWNER, SECTION_HEAD, SYSADMIN = "9021022", "9021021", "9021014"
PAGES = (
    "/",
    "/records",
    "/records/intercession",
    "/records/complaint",
    "/people",
    "/reminders",
    "/inbox",
    "/sending/messages",
)
SECRETS = ("周某", "素舸", "让先放两个柜明天补单")


BASE = (  # what two officers registered in August about the same asker of the same company, and a letter of September
    ("9021022", "2026-08-20", {"occurred_at": "2026-08-19", "request": "要求先放行再补单", "effect": "2"}),
    ("9021024", "2026-08-28", {"occurred_at": "2026-08-27", "request": "打听布控原因", "effect": "1"}),
    (
        "9021033",
        "2026-09-11",
        {
            **{
                "occurred_at": "2026-09-08",
                "request": "以单位名义来函请求从轻",
                "effect": "1",
                "manner": "5",
                "matter": "5",
            },
            **{"asker_name": "unknown", "asker_unit_post": "某单位来函", "asker_identity": "4", "relation": "7"},
            **{"on_behalf_of": "SLC011", "response": "5"},
        },
    ),
)
ASKED = {
    **{
        "manner": "2",
        "asker_name": "周某",
        "asker_unit_post": "星澜素舸货运代理有限公司（虚构）",
        "asker_identity": "5",
    },
    **{"relation": "6", "on_behalf_of": "SLC007", "matter": "1", "response": "1", "benefit": "1"},
}


async def _file_base(play: Play) -> None:
    play.kept["given"] = []
    for staff_no, day, values in BASE:
        office = replace(play.stage.office, clock=HandClock(moment(f"{day}T10:00")))
        source = Source(None, (await Person.get(staff_no=staff_no)).id, "web", "zh-Hans", "console")
        async with sql.transaction():
            filed = await file(office, play.stage.kinds, "intercession", {**ASKED, **values}, source)
        play.kept["given"].append(filed.record_id)
    await play.stage.settle()


async def given(play: Play) -> None:
    """What the base holds of the asker, and how the section head's pages look before anything else is registered."""
    await _file_base(play)
    play.kept["owner"] = OWNER
    play.kept["pages_before"] = await _pages(play, SECTION_HEAD)


async def _page(play: Play, staff_no: str, path: str) -> Answer:
    return await (await play.browser(staff_no)).get(path)


async def _pages(play: Play, staff_no: str, *more: str) -> dict[str, tuple[int, str]]:
    found = {}
    for path in (*PAGES, *more):
        answer = await _page(play, staff_no, path)
        found[path] = (answer.status, answer.words)
    return found


async def head_looks(play: Play) -> None:
    """Every page that he can open, the register searched by number, the address of the record itself.

    There is no unit page and no export yet; when there is one, its address belongs into PAGES.
    """
    record = await play.record()
    play.kept["pages"] = await _pages(play, SECTION_HEAD)
    for path in (f"/records/intercession?number={record.number}", f"/records/intercession/{record.public_id}"):
        assert (await _page(play, SECTION_HEAD, path)).status == 404
    assert (await _page(play, "9021005", f"/records/intercession/{record.public_id}")).status == 200


async def sysadmin_searches(play: Play) -> None:
    """The pages of the system administrator, then everything that he could read in the database by itself."""
    record = await play.record()
    paths = ("/people?q=周某", "/sending/messages?q=周某", f"/records/intercession/{record.public_id}")
    pages = await _pages(play, SYSADMIN, *paths)
    page = " ".join(words for _, words in pages.values()).replace("/people?q=周某", "")
    dump = await _database()
    play.kept["readable"] = [word for word in SECRETS if word in dump]
    play.kept["readable"] += [word for word in (*SECRETS[1:], str(record.number)) if word in page]
    assert pages[paths[2]][0] in (403, 404)


async def _database() -> str:
    """Everything that stands in the database, bytes included; what companies there are is no secret."""
    if sql.is_postgres():
        tables = await sql.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    else:
        tables = await sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = {str(table["name"]) for table in tables} - {"organisation", "organisation_key"}
    found = [await sql.rows(f'SELECT * FROM "{name}"') for name in sorted(names)]
    values = (value for rows in found for row in rows for value in row.values())
    return "\n".join(_readable(value) for value in values)


def _readable(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "ignore")
    return str(value)


def act(name: str, **fields: str) -> Callable[[Play], Awaitable[None]]:
    """Return the deed of an act at the record's page."""

    async def deed(play: Play) -> None:
        answer = await play.act(name, **fields)
        assert answer.status == 200, answer.words

    return deed


BULLETIN = {
    "kind": "intercession",
    "scope": "district",
    "naming": "none",
    "title": "关于一起不当说情的通报",
    "text": "九月，某货代企业人员电话要求现场先放行两个柜、明天补单，被当场拒绝并如实登记。",
    "rule": "说情打招呼登记办法第三条。",
    "decision": "对有关企业负责人予以提醒谈话。",
    "reminder": "遇有说情，当日登记。",
}


async def begin_bulletin(play: Play) -> None:
    """Begin it on its page, try a text that names the officer, then one that names nobody."""
    browser = await play.browser(play.step.who)
    begun = await browser.post("/records/bulletin/new", {}, page="/records/bulletin/new")
    assert begun.status == 200, begun.words
    named = await play.act("脱密检查", **{**BULLETIN, "text": "沐远航当场拒绝。"})
    assert named.status == 422
    assert play.stage.office.texts.say("records.text_names_staff", "zh-Hans") in named.words
    assert (await play.record()).state == "draft"
    await act("脱密检查", **BULLETIN)(play)


async def approve_by_two(play: Play) -> None:
    """The leader reads it in his view and proposes; his own second word is refused, the head's is taken."""
    record, browser = await play.record(), await play.browser(play.step.who)
    page = f"/records/{record.kind}/{record.public_id}"
    assert str(record.number) in (await browser.get("/waiting")).words
    shown = (await browser.get(page)).words
    assert BULLETIN["text"] in shown
    await act("批准")(play)
    again = await browser.post(f"{page}/act", {"act": "批准"}, page=page)
    assert play.stage.office.texts.say("records.second_person", "zh-Hans") in again.words
    other = await play.browser("9021004")
    assert "待第二人确认" in (await other.get("/waiting")).words
    done = await other.post(f"{page}/act", {"act": "批准"}, page=page)
    assert done.status == 200, done.words


async def approve_for_the_record(play: Play) -> None:
    """The leader's view of the record, its act with the number of the bulletin; then it is gone for him."""
    record, browser = await play.record(), await play.browser(play.step.who)
    page = f"/records/{record.kind}/{record.public_id}"
    assert str(record.number) in (await browser.get("/waiting")).words
    play.kept["looked"] = (await browser.get(page)).words
    assert not [word for word in SECRETS if word in play.kept["looked"]]
    bulletin = await Record.get(kind="bulletin")
    await act("批准通报", bulletin=str(bulletin.number))(play)
    assert (await browser.get(page)).status == 404


async def issue(play: Play) -> None:
    """Issue it; somebody reads it in his chat and presses the button, another asks for it by SMS and answers 1."""
    await act("发布")(play)
    play.kept["sent"] = list(play.heard)
    bulletin = await play.record()
    in_chat = next(each for each in play.heard if BULLETIN["text"] in each.text)
    assert BULLETIN["reminder"] in in_chat.text
    assert not [each for each in play.heard if each.to.startswith("+") and "说情" in each.text]
    await play.say(OWNER, "sms", str(bulletin.number))
    assert BULLETIN["text"] in "".join(play.texts_to(OWNER))
    await play.say(OWNER, "sms", "1")
    readers = RecordReader.filter(record_id=bulletin.id, read_at__isnull=False)
    assert await readers.values_list("person__staff_no", flat=True) == [OWNER]
    looks = await (await play.browser(play.step.who)).get(f"/records/bulletin/{bulletin.public_id}/readers")
    assert f"应阅 {await RecordReader.filter(record_id=bulletin.id).count()} 人，已阅 1 人" in looks.words
    play.heard = play.kept["sent"]


async def rules_look(play: Play) -> None:
    """The rules look at whatever they have not looked at yet."""
    await play.stage.settle()


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "10": head_looks,
    "11": sysadmin_searches,
    "12": act("受理"),
    "13": act("核实"),
    "14": rules_look,
    "18": act("认定", assessment="improper", assessment_text="要求先放行后补单，属不当说情。"),
    "19": act("拟通报"),
    "20": begin_bulletin,
    "21": approve_by_two,
    "22": approve_for_the_record,
    "23": issue,
    "24": act("办结"),
    "end": rules_look,
}
