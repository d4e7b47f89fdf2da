"""Tables for what needs no server."""

import pytest

from sandbox.chat.markup import command_entities, parse_text
from sandbox.chat.refusals import TelegramRefusal
from sandbox.faults import Call, Fault, Match
from sandbox.server import read_listen
from sandbox.sms.consent import opt_out_type
from sandbox.sms.segments import count_segments
from sandbox.sms.webhook import read_policy
from sandbox.wall.words import WORDS, choose_language


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("廉" * 70, 1),
        ("廉" * 71, 2),
        ("廉" * 134, 2),
        ("廉" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("廉" * 66 + "😀" + "廉" * 66, 3),
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("STOP", "STOP"),
        (" stop\n", "STOP"),
        ("Unsubscribe", "STOP"),
        ("start", "START"),
        ("YES", "START"),
        ("help", "HELP"),
    ]
    + [(body, None) for body in ("stop it", "收到", "", "1")],
)
def test_opt_out_words(body: str, kind: str | None) -> None:
    assert opt_out_type(body) == kind


@pytest.mark.parametrize(
    ("fragment", "retries", "cases"),
    [
        ("", 1, {"ct"}),
        ("#rp=all&rc=5", 5, {"all"}),
        ("#rc=3&rp=5xx,rt", 3, {"5xx", "rt"}),
        ("#rc=99", 5, {"ct"}),
        ("#rc=x&zz=1", 1, {"ct"}),
    ],
)
def test_overrides_in_the_fragment(fragment: str, retries: int, cases: set[str]) -> None:
    plain, policy = read_policy("http://127.0.0.1/hook?a=1" + fragment)
    assert (plain, policy.retries, set(policy.cases)) == ("http://127.0.0.1/hook?a=1", retries, cases)


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        (Match(), [1, 2, 3, 4, 5, 6]),
        (Match(nth=2), [2]),
        (Match(every=3), [3, 6]),
        (Match(first=2), [1, 2]),
        (Match(first=4, every=2), [2, 4]),
        (Match(to="+2"), []),
        (Match(owner="AC2"), []),
        (Match(method="fetch"), []),
        (Match(method="*"), [1, 2, 3, 4, 5, 6]),
    ],
)
def test_which_calls_a_fault_strikes(match: Match, struck: list[int]) -> None:
    fault = Fault("F1", "twilio", "delay", match)
    call = Call("twilio", "AC1", "create", "+1")
    assert [n for n in range(1, 7) if fault.fires(call)] == struck


def test_dice_fall_the_same_every_time() -> None:
    call = Call("twilio", "AC1", "create")
    throws = [
        [Fault("F", "twilio", "delay", Match(), probability=0.5, seed=seed).fires(call) for _ in range(1)]
        for seed in (7, 7)
    ]
    assert throws[0] == throws[1]
    fault = Fault("F", "twilio", "delay", Match(), probability=0.5, seed=7)
    assert 0 < sum(fault.fires(call) for _ in range(100)) < 100


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("a < b", "a < b", []),
        ("<b>廉</b> &lt;x&gt;", "廉 <x>", [("bold", 0, 1)]),
        ("😀<i>x</i>", "😀x", [("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
    ],
)
def test_html(text: str, plain: str, entities: list[tuple[str, int, int]]) -> None:
    found, marks = parse_text(text, "HTML")
    assert (found, [(m["type"], m["offset"], m["length"]) for m in marks]) == (plain, entities)


@pytest.mark.parametrize("text", ["<script>x</script>", "<b>x", "x</b>", "<b><i>x</b></i>"])
def test_broken_html_is_refused(text: str) -> None:
    with pytest.raises(TelegramRefusal):
        parse_text(text, "HTML")


@pytest.mark.parametrize(
    ("text", "length"), [("/start", 6), ("/start abc", 6), ("/帮助", 0), ("start", 0), ("/", 0), ("", 0)]
)
def test_commands_are_marked(text: str, length: int) -> None:
    assert [e["length"] for e in command_entities(text)] == ([length] if length else [])


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:8081", "[::1]:9", "127.8.9.1:1"])
def test_loopback_is_listened_on(listen: str) -> None:
    host, port = read_listen(listen)
    assert (host in listen, listen.endswith(f":{port}")) == (True, True)


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:80", "192.0.2.1:80", "example.org:80", "[::]:80", "127.0.0.1", ":80", "127.0.0.1:x"]
)
def test_nothing_else_is_listened_on(listen: str) -> None:
    with pytest.raises(ValueError):
        read_listen(listen)


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"),
    [("zh", "en", "zh"), ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("", "fr, en-GB", "en"), ("xx", "", "en")],
)
def test_language(asked: str, accepted: str, lang: str) -> None:
    assert choose_language(asked, accepted) == lang


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
