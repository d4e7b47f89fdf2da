"""Whatever people and campaigns refuse or call something is in the catalogue, in three languages."""

import re
from pathlib import Path

import pytest

import campaigns
import people
from core.phones import _SAID
from core.text import LANGUAGES
from core.texts import Texts
from models.states import CampaignState, MessageState, Reason, RunState
from tests.conftest import SIGNATURE

ROOT = Path(people.__file__).parents[1]
KEY = re.compile(r'"((?:people|account|signing|binding|import|campaign|exchange)\.[a-z_.]+|T-[A-Z-]+)"')
ACTS = re.compile(r"^ *- \{id: ([a-z.]+), zh", re.MULTILINE)


def _keys(package: str) -> set[str]:
    rights = set(ACTS.findall((ROOT / "people" / "data" / "roles.yaml").read_text(encoding="utf-8")))
    files = (ROOT / package).glob("*.py")
    found = {key for file in files for key in KEY.findall(file.read_text(encoding="utf-8"))}
    return {
        key for key in found - rights if not key.startswith("campaign.ack_d") and key != "campaign.unconfirmed_after"
    }


@pytest.mark.parametrize("package", ["people", "campaigns"])
def test_keys_in_the_code_are_in_the_catalogue(package: str, texts: Texts) -> None:
    keys = _keys(package)
    assert len(keys) > 10
    assert {key for key in keys if key not in texts.by_key} == set()


def test_every_state_and_reason_has_a_word(texts: Texts) -> None:
    words = [f"word.message.{state}" for state in MessageState]
    words += [f"word.message.because_{reason}" for reason in Reason]
    words += [f"word.run.{state}" for state in RunState] + [f"word.campaign.{state}" for state in CampaignState]
    words += [f"import.phone.{reason}" for reason in _SAID]
    assert [word for word in words if word not in texts.by_key] == []
    assert all(texts.say(word, lang) for word in words for lang in LANGUAGES)


def test_nothing_that_goes_by_sms_is_too_long() -> None:
    assert Texts.load(people.TEXTS, campaigns.TEXTS).lengths(SIGNATURE) == []
