"""Files at the console: given with an act, shown, handed out as a download that nothing can run."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.limits import Limits
from core.office import Office
from core.texts import Texts
from messaging import addresses
from models import sql
from models.evidence import Evidence
from models.ledger import LedgerEntry
from models.org import Person
from models.record import Record
from records.amending import amend
from records.kind import Field, Kinds
from records.loading import load_kinds
from records.source import Source
from tests import media_files as made
from tests.console.browser import Answer, Browser
from tests.console.house import House, served


@pytest.fixture(scope="session")
def kinds_with_files(texts: Texts) -> Kinds:
    """The register of pleas, of which accepting one takes a paper that is needed and one that is not."""
    loaded = load_kinds(texts, Limits.load())
    kind = loaded.get("intercession")
    titles = {"zh-Hans": "附件", "zh-Hant": "附件", "en": "paper"}
    paper = Field("paper", titles, "files", "act", "P3_restricted", fact=False)
    steps = tuple(
        replace(step, needs=(*step.needs, "paper"), takes=(*step.takes, "evidence")) if step.act == "受理" else step
        for step in kind.transitions
    )
    changed = replace(kind, fields={**kind.fields, "paper": paper}, transitions=steps)
    return replace(loaded, by_id={**loaded.by_id, "intercession": changed})


@pytest.fixture
async def house(db: str, office: Office, kinds_with_files: Kinds) -> AsyncIterator[House]:
    async with served(office, kinds_with_files) as one:
        yield one


async def act(browser: Browser, house: House, *files: tuple[str, bytes], **fields: str) -> Answer:
    path = f"/records/intercession/{house.plea.public_id}"
    token = await house.token_of(browser)
    return await browser.post(f"{path}/act", {"act": "受理", **fields}, token=token, files=files)


async def test_a_paper_comes_with_an_act_and_is_downloaded(house: House) -> None:
    path = f"/records/intercession/{house.plea.public_id}"
    async with await house.as_role("integrity_head", "en-GB") as head:
        page = await head.get(path)
        assert 'enctype="multipart/form-data"' in page.text
        assert 'name="paper" type="file" multiple' in page.text
        done = await act(head, house, ("paper", made.pdf()), ("paper", made.jpeg()))
        assert "Done" in done.words
        shown = await head.get(path)
        assert "Paper 1" in shown.words
        assert "2 file(s)" in shown.words
        first, second = await Evidence.all().order_by("id")
        assert first.kept_hash is not None
        assert first.kept_hash in shown.text
        reads = await LedgerEntry.filter(event="read").count()
        got = await head.client.get(f"{path}/files/{second.public_id}")
        body = await got.read()
        assert await LedgerEntry.filter(event="read").count() == reads + 1
    assert (await Record.get(id=house.plea.id)).state == "accepted"
    assert made.SECRET not in body
    assert body.startswith(b"\xff\xd8\xff")
    wanted = {
        "Content-Type": "image/jpeg",
        "Content-Disposition": f'attachment; filename="{house.plea.number}-2.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
    assert {name: got.headers[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"MZ\x90\x00\x03", "One file is of a kind that is not taken"),
        (made.pdf(act="script"), "holds scripts"),
        (made.heic(), "HEIC"),
        (made.bomb(), "too large"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "too large"),
        (made.jpeg()[:500], "cannot be read"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_not_taken_is_said_beside_the_field(house: House, content: bytes, says: str) -> None:
    async with await house.as_role("integrity_head", "en-GB") as head:
        answer = await act(head, house, ("paper", content))
    assert answer.status == 422
    assert says in answer.words
    assert not await Evidence.exists()
    assert (await Record.get(id=house.plea.id)).state == "submitted"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_act_that_needs_a_file_is_not_done_without(house: House) -> None:
    async with await house.as_role("integrity_head", "en-GB") as head:
        assert (await act(head, house)).status == 422
        typed = await act(head, house, paper="abcdefgh")
        assert typed.status == 422
        many = await act(head, house, *[("paper", b"x")] * 7)
        assert "At most 6 files" in many.words
        assert (await act(head, house, ("nothing_asked", b"x"), ("paper", b""))).status == 422
    assert not await Evidence.exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sysadmin", "editor", "clerk", "unit_head", "leader"])
async def test_nobody_else_downloads(house: House, role: str) -> None:
    async with await house.as_role("integrity_head", "en-GB") as head:
        await act(head, house, ("paper", b"for the integrity office"))
    file = await Evidence.get()
    async with await house.as_role(role) as other:
        got = await other.get(f"/records/intercession/{house.plea.public_id}/files/{file.public_id}")
    assert got.status in (403, 404)
    assert "integrity office" not in got.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_stranger_cannot_post_much(house: House) -> None:
    async with house.browser() as stranger:
        answer = await stranger.post("/sign-in", {"login": "x"}, page="/sign-in", files=[("a", bytes(5 * 1024 * 1024))])
    assert answer.status == 413


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_urgent_stands_above_the_list(house: House) -> None:
    async with await house.as_role("integrity_head", "en-GB") as head:
        assert "Urgent" not in (await head.get("/records/intercession")).words
        officer = await Person.get(staff_no="9021022")
        chat = await addresses.find_or_create(house.office, "telegram", "900000022")
        source = Source(chat.id, officer.id, "telegram", "zh-Hans", "bound_account")
        async with sql.transaction():
            await amend(house.office, house.kinds, house.plea.id, {"effect": "3"}, source)
        shown = (await head.get("/records/intercession")).words
        assert shown.index("Urgent") < shown.index(str(house.plea.number)) < shown.index("Overdue")
    async with await house.as_role("unit_head") as other:
        assert "紧急" not in (await other.get("/records/intercession")).words
