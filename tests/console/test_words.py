"""The words of the pages: whole in both languages, every key that is used is there, none is there for nothing."""

import re
from pathlib import Path

import pytest

import console
from campaigns import audience
from campaigns.drafting import CATEGORIES, WHEN_MISSED
from campaigns.templates import templates
from console import codes, report_view
from console.navigation import _PLACES
from console.pages import exports, messages, people, records, reminders, sending, sending_incidents, sending_lanes
from console.words import LANGS, Words, preferred, sentence_of, words
from core.errors import Conflict, InvalidData, Refused
from core.festivals import Festivals
from core.media.sniff import ENDINGS
from core.text import LANGUAGES
from core.workdays import Calendar
from models.states import Outcome, Reason
from oversight.printing.paper import LANGS as LANGS_OF_PAPER
from oversight.printing.press import FORMATS
from oversight.returns_roll import STANDINGS
from records import retention
from records.kind import Kinds

HERE = Path(console.__file__).parent
SOURCES = [*HERE.rglob("*.py"), *HERE.rglob("*.html")]
KEY = re.compile(r"""\b(?:t|t_raw)\(\s*f?["']([^"'{}]+)["']\s*[,)]""")
PREFIX = re.compile(r"""\bt\(\s*f?["']([\w.-]+[._])(?:["']\s*~|\{)""")
DONE = re.compile(r"""go_on\([^)]*?,\s*"(\w+)"\)|_with_session\([^)]*?,\s*"(\w+)"\)""")


def used() -> set[str]:
    return {key for path in SOURCES for key in KEY.findall(path.read_text())}


def _act_word(kind: str, act: str) -> str:
    """The word of an act: its kind's own, else the one that kinds share."""
    return f"{kind}.{act}" if f"act.{kind}.{act}" in words() else act


def families(kinds: Kinds) -> dict[str, set[str]]:
    """What follows each prefix that pages put together."""
    return {
        "nav.": {place[0] for place in _PLACES},
        "category.": {*CATEGORIES, *messages.CATEGORIES, "survey", "family"},
        "channel.": {"sms", "telegram"},
        "lang.": set(LANGUAGES),
        "post.": {"leader", "key", "ordinary"},
        "missed.": set(WHEN_MISSED),
        "reason.": {*map(str, Reason), "on_leave"},
        "outcome.": {*map(str, Outcome), "open"},
        "status.": set(people.STATUSES),
        "group.": set(audience.GROUPS),
        "results.": set(reminders.ONLY),
        "records.view.": set(records.VIEWS),
        "reminders.view.": set(reminders.VIEWS),
        "counts.state.": {"proposed", "done", "dropped"},
        "exports.": set(exports.FIELDS),
        "exports.state.": {"asked", "approved", "refused", "taken", "expired"},
        "inbox.view.": {"unread", "all"},
        "reports.format_": set(FORMATS),
        "reports.lang_": set(LANGS_OF_PAPER),
        "reports.every_": {kind for kind, _ in report_view.KEPT},
        "reminder.do.": {*reminders.ACTS, "change"},
        "reminder.next.": {*reminders.ALL_STATES, "test", "own", "approve"},
        "reminder.text_": set(LANGUAGES),
        "record.source.": {"filing", "amendment", "correction", "note", "act"},
        "record.file.": {"wanted", "refused", "gone"},
        "media.": set(ENDINGS),
        "event.": {"filed", "amended", "corrected", "evidence", "moved", "proposed", "taken_back", "other"}
        | {"held", "released", "erased"},
        "retention.reason.": set(retention.REASONS),
        "act.": {_act_word(kind.id, step.act) for kind in kinds.by_id.values() for step in kind.moves},
        "returns.": set(STANDINGS.values()),
        "record.hint.": {"person", "persons", "refs"},
        "accounts.": {"open", "locked", "disabled"},
        "import.": {"units", "staff", "companies"},
        "sending.": {"lanes", "unknown", "incidents", "messages"},
        "lanes.": {*sending.STATES, *(f"{state}_text" for state in sending.STATES if state != "held")},
        "lane.": {*sending_lanes.RULES, *sending_lanes.SECRETS},
        "lane.replace_": set(sending_lanes.CHANNELS),
        "code.": set(codes.KEYS),
        "unknown.ask_": {"never", "over", "next", "soon"},
        "incidents.view.": set(sending_incidents.VIEWS),
        "incidents.empty_": set(sending_incidents.VIEWS),
        "start.": {
            "to_approve",
            "drafts",
            "submitted",
            "inbox",
            "queued",
            "unknown",
            "incidents",
            "open_kind",
            "late_kind",
            "at_kind",
            "keys_waiting",
        },
        "rules.shape.": {
            "single",
            "count",
            "count_day",
            "count_distinct",
            "count_distinct_day",
            "pair",
            "in_a_row",
            "all_quiet",
        },
        "keygroup.": set(kinds.groups()),
        "run.missed_": {*reminders.MISSED_CHOICES, "text"},
        "done.missed_": set(reminders.MISSED_CHOICES),
        "done.reminder_": {*reminders.ACTS, "chase"},
    }


def test_every_word_that_a_page_asks_for_is_there(kinds: Kinds) -> None:
    table = set(words().by_key)
    asked = used() | {f"{prefix}{end}" for prefix, ends in families(kinds).items() for end in ends}
    asked |= {
        f"done.{one or other}" for path in SOURCES for one, other in DONE.findall(path.read_text()) if one or other
    }
    assert not sorted(asked - table)


def test_every_prefix_that_a_page_uses_is_a_known_family(kinds: Kinds) -> None:
    known = families(kinds)
    prefixes = {prefix for path in SOURCES for prefix in PREFIX.findall(path.read_text())}
    loose = {"refused.", "reminder.", "done.", "fault.", "act.", "start.", "occasion.", "topic."}
    assert not {prefix for prefix in prefixes if prefix not in known and prefix not in loose}


def test_no_word_is_there_for_nothing(kinds: Kinds) -> None:
    asked = used() | {f"{prefix}{end}" for prefix, ends in families(kinds).items() for end in ends}
    loose = (
        "occasion.",
        "topic.",
        "done.",
        "refused.",
        "fault.",
        "act.",
        "due.",
        "reminder.",
        "form.",
        "books.",
        "counts.",
    )
    text = "\n".join(path.read_text() for path in SOURCES)
    unused = {
        key for key in words().by_key if key not in asked and not key.startswith(loose) and f'"{key}"' not in text
    }
    assert not sorted(unused)


def test_no_chinese_stands_in_a_template_or_a_script() -> None:
    files = [*HERE.rglob("*.html"), *HERE.rglob("*.js")]
    faults = [path.name for path in files if re.search("[\u4e00-\u9fff]", path.read_text())]
    assert not faults


def test_nothing_is_loaded_from_outside() -> None:
    files = [*HERE.rglob("*.html"), *HERE.rglob("*.js"), *HERE.rglob("*.css"), *HERE.rglob("*.svg")]
    text = "\n".join(path.read_text().replace("http://www.w3.org/2000/svg", "") for path in files)
    assert not re.findall(r"https?://|//[a-z]+\.", text)
    assert " style=" not in text
    assert " onclick=" not in text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,甲,\n", "says nothing in en"),
        ("a,甲,A\na,乙,B\n", "stands twice"),
        ("a,甲{n},A\n", "variables of a differ"),
        ("a,甲,A,B\n", "more columns"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    table = tmp_path / "words.csv"
    table.write_text(f"key,zh_hans,en\n{line}", encoding="utf-8")
    with pytest.raises(InvalidData, match=reason):
        Words.load(table)


@pytest.mark.parametrize(
    ("asked", "lang"),
    [("", "zh-Hans"), ("en-GB,en;q=0.9", "en"), ("fr,en;q=0.5", "en"), ("zh-TW", "zh-Hans"), ("de", "zh-Hans")],
)
def test_the_language_a_browser_asks_for(asked: str, lang: str) -> None:
    assert preferred(asked) == lang


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_is_always_a_sentence(lang: str) -> None:
    refusals = [Refused("campaign.test_first"), Conflict("error.state", old="a", new="b"), Refused("no.such.key")]
    assert all(len(sentence_of(refused, lang)) > 5 for refused in refusals)


def test_every_occasion_and_topic_of_our_templates_has_a_name() -> None:
    festivals = {name for one in Festivals.load(Calendar()).by_key.values() for name in one.names.values()}
    ours = [one for one in templates().values() if one.category in CATEGORIES]
    occasions = {f"occasion.{one.occasion}" for one in ours if one.occasion not in festivals}
    assert not sorted((occasions | {f"topic.{one.topic}" for one in ours}) - set(words().by_key))
