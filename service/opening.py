"""Opening an installation: folder, key, database, the office and the kinds. Used by `serve` and by every command.

Refuses to start with one clear sentence: a missing or wrong key, a database that is not migrated, a second service on
the same SQLite file.
"""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import bot
import campaigns
import oversight
import people
import records
from core.clock import Clock, SystemClock
from core.crypto import ServiceKey, create_key_file, load_key_file
from core.errors import InvalidSettings, KeyFileError
from core.limits import Limits
from core.office import Office
from core.texts import Text, Texts
from core.workdays import Calendar
from models.database import close_database, open_database, sqlite_path
from models.migrate import migrate_database, pending_migrations
from models.org import ServiceStamp
from service.settings import Settings

if TYPE_CHECKING:
    from oversight.definition import Reports
    from oversight.rule import Rules
    from records.kind import Kinds

KEY_CHECK = "key_check"
CATALOGUES = (bot.TEXTS, campaigns.TEXTS, oversight.TEXTS, people.TEXTS, records.TEXTS)


@dataclass(frozen=True)
class Installation:
    """An opened installation: its settings, its office and the kinds of its records."""

    settings: Settings
    office: Office

    @cached_property
    def kinds(self) -> "Kinds":
        """The kinds of records, read and checked when they are first wanted."""
        from records.loading import load_kinds  # heavy, and a process that only sends needs none

        return load_kinds(self.office.texts, self.office.limits, signature=self.office.signature)

    @cached_property
    def rules(self) -> "Rules":
        """The risk rules, read and checked when they are first wanted."""
        from oversight.rule_file import load_rules  # heavy, see `kinds`

        return load_rules(self.kinds, self.office.limits)

    @cached_property
    def reports(self) -> "Reports":
        """The reports, read and checked when they are first wanted."""
        from oversight.reports import load_reports  # heavy, see `kinds`

        return load_reports(self.kinds)


@asynccontextmanager
async def open_installation(
    settings: Settings, clock: Clock | None = None, *, sends_only: bool = False
) -> AsyncIterator[Installation]:
    """Open everything that a command or the service needs, and close it again; what only sends needs no kinds.

    On SQLite missing migrations are applied; on PostgreSQL InvalidSettings says to run `lianxin migrate`.
    """
    _make_data_dir(settings)
    await _migrated(settings)
    await open_database(settings.database_url)
    try:
        key = _load_or_create_key(settings, empty=not await ServiceStamp.exists(name=KEY_CHECK))
        await _check_key(key, settings)
        texts = Texts.load(*CATALOGUES)
        if not sends_only:
            texts = texts.adding(_sentences_of_registers())
        installation = Installation(settings, _office(settings, key, texts, clock or SystemClock()))
        if not sends_only:
            await _ensure_groups(installation)
        yield installation
    finally:
        await close_database()


def _sentences_of_registers() -> dict[str, Text]:
    from records.kind_texts import texts_of  # heavy, see `kinds`

    return texts_of()


async def _ensure_groups(installation: Installation) -> None:
    from records.groups import ensure_groups  # heavy, see `kinds`
    from records.two_persons import seal_what_waits

    await ensure_groups(installation.office, installation.kinds)
    await seal_what_waits(installation.office)


def _office(settings: Settings, key: ServiceKey, texts: Texts, clock: Clock) -> Office:
    sign = settings.signature
    return Office(
        clock=clock,
        key=key,
        texts=texts,
        calendar=Calendar(),
        limits=Limits.load(),
        zone=settings.zone,
        locale=settings.locale,
        signature={"zh-Hans": sign.hans, "zh-Hant": sign.hant, "en": sign.en},
        public_url=settings.public_url,
    )


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidSettings(f"DATA_DIR {settings.data_dir} cannot be made ({error.strerror}).") from None
    if not os.access(settings.data_dir, os.W_OK):
        raise InvalidSettings(f"DATA_DIR {settings.data_dir} cannot be written by this user.")


async def _migrated(settings: Settings) -> None:
    if sqlite_path(settings.database_url):
        await migrate_database(settings.database_url)
        return
    await open_database(settings.database_url, pool=2)
    try:
        pending = await pending_migrations(settings.database_url)
    except Exception as error:  # no server, no such database, wrong password: the error's name tells which
        raise InvalidSettings(f"The database of DATABASE_URL cannot be reached ({type(error).__name__}).") from None
    finally:
        await close_database()
    if pending:
        raise InvalidSettings(f"The database lacks {len(pending)} migration(s). Run: lianxin migrate")


def _load_or_create_key(settings: Settings, *, empty: bool) -> ServiceKey:
    """Read the key file; make it for a database that was never used with one."""
    path = settings.key_file
    assert path is not None, "settings fill it"
    if empty and not path.exists():
        create_key_file(path)
    return load_key_file(path)


async def _check_key(key: ServiceKey, settings: Settings) -> None:
    """Compare the key with the check value of the database; write it when there is none yet."""
    value = key.keyed_hash(KEY_CHECK, "lianxin")
    stamp, _ = await ServiceStamp.get_or_create({"value": value}, name=KEY_CHECK)
    if stamp.value != value:
        raise KeyFileError(
            f"The key file {settings.key_file} is not the one that this database was written with. "
            "Restore the right one."
        )


@contextmanager
def only_service_on_file(settings: Settings) -> Iterator[None]:
    """Hold the lock that lets one service alone use a SQLite file; other databases need none."""
    path = sqlite_path(settings.database_url)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.serving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidSettings(
                f"Another lianxin serve uses {path}. Stop it, or use PostgreSQL for several processes."
            ) from None
        yield
