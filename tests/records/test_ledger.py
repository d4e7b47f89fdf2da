"""The ledger in its database: checkpoints, what carries them out, and attacks by somebody who has the file."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.checkpoint import Checkpoint
from core.ledger_proof import Broken, Sound
from core.signed_note import Verifier
from messaging import causes
from messaging.causes import Cause, Sort
from models import ledger_append, ledger_read, sql
from models.outgoing import Message
from records import checkpoints
from records.ledger_check import export_lines, verify_database, verify_file
from tests.records.conftest import House


async def filled(house: House, many: int = 6) -> None:
    for _ in range(many):
        await house.complain()


async def key_of(house: House) -> Verifier:
    head = await ledger_read.head()
    assert head is not None
    return (await checkpoints.signer(house.office, head.log_id)).verifier


async def attack(*statements: str) -> None:
    """Take the guards away as somebody with the file can, then alter."""
    guards = (
        ["ALTER TABLE ledger_entry DISABLE TRIGGER USER", "ALTER TABLE ledger_checkpoint DISABLE TRIGGER USER"]
        if sql.is_postgres()
        else [
            f"DROP TRIGGER IF EXISTS ledger_{table}_no_{what}"
            for table in ("entry", "checkpoint")
            for what in ("update", "delete")
        ]
    )
    for statement in [*guards, *statements]:
        await sql.execute(statement)


async def test_an_honest_book_is_sound_and_its_key_stays(house: House) -> None:
    await filled(house)
    made = await checkpoints.make(house.office)
    assert made is not None
    verifier = await key_of(house)
    assert await key_of(house) == verifier
    outside = [Checkpoint.open(made.note, verifier)]
    await house.complain()
    assert await verify_database(verifier, outside) == Sound(7, 6, 0)
    assert await checkpoints.make(house.office) != made
    assert await verify_database(verifier, outside) == Sound(7, 7, 0)


async def test_an_empty_book_has_nothing_to_sign(house: House) -> None:
    assert await checkpoints.make(house.office) is None
    assert await verify_database(Verifier("lianxin/none", b"k" * 32), []) == Sound(0, 0, 0)
    with pytest.raises(Broken, match="empty"):
        await verify_database(Verifier("x", b"k" * 32), [Checkpoint("lianxin/none", 3, b"r" * 32)])


ATTACKS = {
    "edit": ("UPDATE ledger_entry SET event = 'read' WHERE seq = 3", 3),
    "actor": ("UPDATE ledger_entry SET actor = 'x' WHERE seq = 3", 3),
    "record": ("UPDATE ledger_entry SET record_id = NULL WHERE seq = 3", 3),
    "detail": ("UPDATE ledger_detail SET detail = '{}' WHERE seq = 3", 3),
    "delete": ("DELETE FROM ledger_entry WHERE seq = 3", 3),
    "delete the last": ("DELETE FROM ledger_entry WHERE seq = 5", 5),
    "insert": (
        "INSERT INTO ledger_entry (seq, at, event, actor, commitment, leaf)"
        " SELECT 6, at, event, actor, commitment, leaf FROM ledger_entry WHERE seq = 5",
        6,
    ),
    "cut the head": ("UPDATE ledger_head SET size = 5", 5),
}


@pytest.mark.parametrize("how", ATTACKS)
async def test_an_attack_is_found_where_it_is(house: House, how: str) -> None:
    await filled(house)
    verifier = await key_of(house)
    statement, place = ATTACKS[how]
    await attack(statement)
    with pytest.raises(Broken) as caught:
        await verify_database(verifier, [])
    assert caught.value.seq == place


async def test_a_reordered_book_is_broken(house: House) -> None:
    await filled(house)
    verifier = await key_of(house)
    swap = [(3, 99), (4, 3), (99, 4)]
    await attack(*(f"UPDATE ledger_entry SET seq = {new} WHERE seq = {old}" for old, new in swap))
    with pytest.raises(Broken) as caught:
        await verify_database(verifier, [])
    assert caught.value.seq == 3


async def test_a_book_rolled_back_is_found_by_a_checkpoint_from_outside(house: House, tmp_path: Path) -> None:
    await filled(house, 3)
    before = await sql.row("SELECT size, frontier, root FROM ledger_head")
    assert before is not None
    await filled(house, 3)
    made = await checkpoints.make(house.office)
    assert made is not None
    verifier = await key_of(house)
    await attack(
        "DELETE FROM ledger_checkpoint",
        "DELETE FROM ledger_entry WHERE seq > 2",
        "DELETE FROM ledger_detail WHERE seq > 2",
    )
    await sql.execute(
        "UPDATE ledger_head SET size = $1, frontier = $2, root = $3", before["size"], before["frontier"], before["root"]
    )
    assert (await verify_database(verifier, [])).entries == 3, "from within, nothing can be seen"
    with pytest.raises(Broken, match="ends here") as caught:
        await verify_database(verifier, [Checkpoint.open(checkpoints.write(made, tmp_path).read_text(), verifier)])
    assert caught.value.seq == 3


async def test_a_checkpoint_signed_by_another_key_is_found(house: House) -> None:
    await filled(house)
    verifier = await key_of(house)
    await attack("DELETE FROM service_stamp WHERE name = 'ledger_signing_key'")
    assert await checkpoints.make(house.office) is not None
    with pytest.raises(Broken, match="did not sign"):
        await verify_database(verifier, [])


async def test_what_was_altered_is_not_signed(house: House) -> None:
    await filled(house, 3)
    assert await checkpoints.make(house.office) is not None
    await filled(house, 3)
    await attack("UPDATE ledger_entry SET actor = 'x' WHERE seq = 4")
    with pytest.raises(Broken, match="do not make the tree"):
        await checkpoints.make(house.office)


async def test_an_altered_book_is_an_incident_once_and_not_signed(house: House, tmp_path: Path) -> None:
    await filled(house, 3)
    await attack("UPDATE ledger_entry SET actor = 'x' WHERE seq = 1")
    for _ in range(2):
        assert await checkpoints.step(house.office, tmp_path / "kept") == 0
        assert await ledger_read.is_broken()
    assert Cause(Sort.LEDGER_BROKEN) in await causes.find(house.office)
    assert (await ledger_read.notes(), (tmp_path / "kept").exists()) == ([], False)
    actor = (await sql.rows("SELECT actor FROM ledger_entry WHERE seq = 0"))[0]["actor"]
    await attack(f"UPDATE ledger_entry SET actor = '{actor}' WHERE seq = 1")
    assert await checkpoints.step(house.office, tmp_path / "kept") == 1
    assert not await ledger_read.is_broken()


@pytest.mark.parametrize("what", ["UPDATE ledger_checkpoint SET note = 'x'", "DELETE FROM ledger_checkpoint"])
async def test_checkpoints_are_append_only(house: House, what: str) -> None:
    await filled(house, 1)
    await checkpoints.make(house.office)
    with pytest.raises(Exception, match="append-only"):
        await sql.execute(what)


async def test_a_checkpoint_is_made_each_day_and_after_a_hundred_entries(house: House, tmp_path: Path) -> None:
    step, folder = checkpoints.step, tmp_path / "kept"
    assert await step(house.office, folder) == 0
    await filled(house, 2)
    assert await step(house.office, folder) == 1
    await filled(house, 1)
    assert await step(house.office, folder) == 0
    house.clock.move_to(house.clock.now() + timedelta(days=1))
    assert await step(house.office, folder) == 1
    for _ in range(100):
        async with sql.transaction():
            await ledger_append.append(None, "test", "system", {}, house.clock.now())
    assert await step(house.office, folder) == 1
    assert await step(house.office, folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"checkpoint-{size:010d}.txt" for size in (2, 3, 103)]
    assert [path.read_text() for path in sorted(folder.iterdir())] == await ledger_read.notes()


async def test_auditors_at_the_chat_get_one_a_day(house: House, tmp_path: Path) -> None:
    person = house.persons["auditor"].id
    await filled(house, 1)
    assert await checkpoints.step(house.office, tmp_path) == 1
    house.clock.move_to(house.clock.now() + timedelta(hours=1))
    for _ in range(100):
        async with sql.transaction():
            await ledger_append.append(None, "test", "system", {}, house.clock.now())
    assert await checkpoints.step(house.office, tmp_path) == 1
    sent = await Message.filter(text_key="ledger.checkpoint")
    assert [(message.person_id, message.channel) for message in sent] == [(person, "telegram")]
    assert sent[0].body is not None
    assert (await ledger_read.notes())[0] in house.office.key.decrypt(sent[0].body)


@pytest.mark.parametrize("details", [True, False])
async def test_an_export_proves_the_same_elsewhere(house: House, tmp_path: Path, *, details: bool) -> None:
    await filled(house)
    await checkpoints.make(house.office)
    lines = [line async for line in export_lines(details=details)]
    path = tmp_path / "book.jsonl"
    path.write_text("".join(lines))
    assert verify_file(path, await key_of(house), []) == Sound(6, 6, 0 if details else 6)
    assert ("received" in path.read_text()) is details
