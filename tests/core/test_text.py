"""What messages are cleaned, folded and recognised to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import text

FOLDED = [
    ("ＴＳ＃１２", "ts#12", "full width"),
    ("①②", "12", "circled digits"),
    ("1️⃣", "1", "keycap"),
    ("退订🙏❤️", "退订", "emoji and variation selector"),
    ("sto\u200bp\u2060", "stop", "zero width"),
    ("　退  订\n", "退 订", "runs of blanks"),
    ("關說登錄", "关说登录", "traditional to simplified"),
    ("I’d like", "i'd like", "typographic apostrophe"),
]


@pytest.mark.parametrize(("given_text", "expected", "why"), FOLDED, ids=[row[2] for row in FOLDED])
def test_fold(given_text: str, expected: str, why: str) -> None:
    assert text.fold(given_text) == expected


NORMALISED = [
    ("【星澜海关】收到", "收到"),
    ("【星澜海关】端午安康 收到", "端午安康 收到"),
    ("收到\n--\n某某公司", "收到"),
    ("投訴\n發自我的iPhone", "投诉"),
    ("这是【重要】的", "这是【重要】的"),
    ("a -- b", "a -- b"),
    ("发自内心感谢", "发自内心感谢"),
]


@pytest.mark.parametrize(("given_text", "expected"), NORMALISED)
def test_normalise(given_text: str, expected: str) -> None:
    assert text.normalise(given_text) == expected


BARE = [
    ("没有。", "没有"),
    ("0.", "0"),
    ("收到 谢谢", "收到"),
    ("收到谢谢!", "收到"),
    ("好的吧~~", "好的"),
    ("stop please", "stop"),
    ("stop, thanks.", "stop"),
    ("谢谢", "谢谢"),
    ("please", "please"),
    ("?", "?"),
]


@pytest.mark.parametrize(("given_text", "expected"), BARE)
def test_bare(given_text: str, expected: str) -> None:
    assert text.bare(given_text) == expected


CLEANED = [
    ("a\x00b", "ab"),
    ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b]8;;http://x\x07link", "link"),
    ("safe\u202egpj.exe", "safegpj.exe"),
    ("a\ud800b", "ab"),
    ("tab\tand {braces} %s =1+1 <b>", "tab\tand {braces} %s =1+1 <b>"),
    ("𠮷野家👍🏽", "𠮷野家👍🏽"),
]


@pytest.mark.parametrize(("given_text", "expected"), CLEANED)
def test_clean(given_text: str, expected: str) -> None:
    assert text.clean(given_text) == expected


LANGUAGES = [
    ("我要投诉窗口人员", "zh-Hans"),
    ("我要檢舉", "zh-Hant"),
    ("投訴貴關查驗排期，講好星期三", "zh-Hant"),
    ("complaint: officer was rude", "en"),
    ("complaint 鹭鸣港 officer was very rude", "en"),
    ("TS#鹭鸣港海关#0912#无人受理", "zh-Hans"),
    ("stop", "en"),
    ("SQ", "zh-Hans"),
    ("1", "zh-Hans"),
    ("", "zh-Hans"),
    ("TS26091400130", "zh-Hans"),
    ("台北", "zh-Hans"),
    ("他在后台里说", "zh-Hans"),
    ("裡面", "zh-Hant"),
]


@pytest.mark.parametrize(("given_text", "expected"), LANGUAGES)
def test_detect(given_text: str, expected: str) -> None:
    assert text.detect(given_text) == expected


def test_detect_falls_back_to_what_is_known_of_the_sender() -> None:
    assert text.detect("1", "zh-Hant") == "zh-Hant"
    assert text.detect("ok", "en") == "en"


@given(st.text())
def test_cleaning_and_folding_twice_changes_nothing_more(given_text: str) -> None:
    assert text.clean(text.clean(given_text)) == text.clean(given_text)
    assert "\n" not in text.fold(given_text)
    assert text.bare(text.normalise(given_text)) is not None
