"""What the bot says: fits into an SMS, neutral, in three languages; every key that code or data name exists."""

import re
from pathlib import Path

from bot import TEXTS, chat_commands
from bot.intents import MENUS, SUGGESTIONS
from core.limits import Limits
from core.office import Office
from core.segments import count
from core.text import LANGUAGES
from core.texts import Texts
from tests.bot.conftest import LIN_CODE, Cast
from tests.conftest import SIGNATURE

NEUTRAL = ("举报", "说情", "投诉", "红包", "线索", "舉報", "說情", "投訴", "紅包", "線索")
CODE = Path(__file__).parents[2] / "bot"
KEY = re.compile(r'"((?:bot|T|dialog|error|exchange|ask|status|signing|binding)[.-][\w.-]+)"')


def own(texts: Texts) -> list[str]:
    return [key for key in texts.by_key if key.startswith("bot.")]


def test_every_text_fits(texts: Texts) -> None:
    assert texts.lengths(SIGNATURE) == []


def test_what_goes_by_sms_is_neutral(texts: Texts) -> None:
    said = [(key, text) for key in own(texts) if texts.get(key).sms for text in texts.get(key).says.values()]
    assert [(key, word) for key, text in said for word in NEUTRAL if word in text] == []


def test_every_key_in_the_code_exists(texts: Texts) -> None:
    named = {key for path in CODE.glob("*.py") for key in KEY.findall(path.read_text(encoding="utf-8"))}
    named -= set(Limits.load().by_name)
    assert len(named) > 40
    assert sorted(named - set(texts.by_key)) == []
    assert {*MENUS, *(key for key, _ in SUGGESTIONS.values())} <= set(texts.by_key)


def test_every_own_text_is_used(texts: Texts) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CODE.glob("*.py"))
    made = {f"bot.command.{name}" for name in chat_commands.MENU}
    made |= {f"bot.button.{name}" for name in ("skip", "back", "drop", "later", "sent")}
    assert [key for key in own(texts) if f'"{key}"' not in code and key not in made] == []
    assert TEXTS.name == "texts.csv"


def test_the_menu_of_the_chat(office: Office) -> None:
    for lang in LANGUAGES:
        menu = chat_commands.menu(office, lang)
        assert [name for name, _ in menu] == list(chat_commands.MENU)
        assert all(3 <= len(about) <= 256 or lang != "en" for _, about in menu)


WORDS = {"zh-Hans": "说情", "zh-Hant": "關說登錄", "en": "intercession"}


async def test_every_question_fits_with_its_menu_and_place(cast: Cast) -> None:
    too_long = []
    for at, (lang, word) in enumerate(WORDS.items()):
        phone = await cast.world.phone("sms", f"+8613700000{at:03}", cast.lin)
        for text in (word, "0913", "Zhou", "1", "x", "1", LIN_CODE, *["1"] * 3, "Lee", "1", "1", "1", "1", "1"):
            said = await phone.sends(text)
            assert {each.lang for each in said} == {lang}
            too_long += [(lang, each.text) for each in said if count(each.text).segments > 3]
    assert too_long == []
