"""S02: the intercession of the quay: what the integrity office does with it, what others look for and do not find."""

from collections.abc import Awaitable, Callable, Mapping

from models import sql
from tests.console.browser import Answer
from tests.scenarios.play import Play

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


async def given(play: Play) -> None:
    """How the section head's pages look before anything is registered."""
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
    """Everything that stands in the database, bytes included."""
    if sql.is_postgres():
        tables = await sql.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    else:
        tables = await sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    found = [await sql.rows(f'SELECT * FROM "{table["name"]}"') for table in tables]
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


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "10": head_looks,
    "11": sysadmin_searches,
    "12": act("受理"),
    "13": act("核实"),
    "18": act("认定", assessment="improper", assessment_text="要求先放行后补单，属不当说情。"),
    "19": act("拟通报"),
}
