"""Settings: every one is described, the environment wins over the file, wrong ones are named but never quoted."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.errors import InvalidSettings
from service.settings import Settings, load_settings

DOC = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()


def names(model: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += names(inner, f"{prefix}{name.upper()}__")
        else:
            found.append(prefix + name.upper())
    return found


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in names(Settings):
        monkeypatch.delenv(f"LIANXIN_{name}", raising=False)


def test_every_setting_is_described_and_nothing_else() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", DOC, re.MULTILINE)) == set(names(Settings))


def test_without_any_setting_it_runs_on_sqlite_with_both_channels_off(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.database_url == f"sqlite://{tmp_path}/lianxin-data/lianxin.db"
    assert settings.key_file == tmp_path / "lianxin-data.key"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert not settings.twilio.on
    assert not settings.telegram.on


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lianxin.toml").write_text(
        'locale = "en"\n[twilio]\naccount_sid = "AC1"\nauth_token = "t"\nsender = "+1"\n'
    )
    monkeypatch.setenv("LIANXIN_TWILIO__SENDER", "+2")
    settings = load_settings()
    assert (settings.locale, settings.twilio.account_sid, settings.twilio.sender) == ("en", "AC1", "+2")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TIMEZONE", "Asia/Nowhere", "TIMEZONE"),
        ("LOCALE", "fr", "LOCALE"),
        ("TWILIO__RATE", "0", "TWILIO__RATE"),
        ("TWILIO__RATE", "fast", "TWILIO__RATE"),
        ("TWILIO__SECRET", "hidden-value", "TWILIO__SECRET"),
        ("TWILIO__ACCOUNT_SID", "AC-hidden-value", "TWILIO__AUTH_TOKEN"),
        ("GATEWAY__URL", "hidden-value", "GATEWAY"),
        ("GATEWAY__URL", "http://127.0.0.1/hidden-value", "GATEWAY"),
        ("GATEWAY__BODY_TYPE", "hidden-value", "GATEWAY__BODY_TYPE"),
        ("GATEWAY__CODES", '{"7": "hidden-value"}', "GATEWAY__CODES"),
        ("TELEGRAM__MODE", "push", "TELEGRAM__MODE"),
        ("TELEGRAM__API_URL", "hidden-value", "TELEGRAM__API_URL"),
        ("PUBLIC_URL", "ftp://hidden-value", "PUBLIC_URL"),
    ],
)
def test_a_wrong_setting_is_named_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"LIANXIN_{name}", value)
    with pytest.raises(InvalidSettings) as refused:
        load_settings()
    assert said in str(refused.value)
    assert "hidden-value" not in str(refused.value)


def test_a_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_TELEGRAM__TOKEN", "1:a")
    monkeypatch.setenv("LIANXIN_TELEGRAM__MODE", "webhook")
    with pytest.raises(InvalidSettings, match="WEBHOOK_SECRET"):
        load_settings()


GATEWAY = {
    "URL": "http://127.0.0.1:9/send",
    "HEADERS": '{"X-Api-Key": "hidden-value"}',
    "BODY": '{"mobile": "{to}", "content": "{text}", "ref": "{token}", "key": "hidden-value"}',
    "SECRET": "hidden-value",
    "CODES": '{"0": "accepted"}',
    "NUMBER_PREFIX": "+86",
}


def set_gateway(monkeypatch: pytest.MonkeyPatch, **change: str) -> None:
    for name, value in (GATEWAY | change).items():
        monkeypatch.setenv(f"LIANXIN_GATEWAY__{name}", value)


def test_a_gateway_is_set_up_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().gateway.channel_settings() is None
    set_gateway(monkeypatch)
    settings = load_settings()
    channel = settings.gateway.channel_settings()
    assert channel is not None
    assert (channel.headers, channel.codes) == ({"X-Api-Key": "hidden-value"}, {"0": "accepted"})
    assert b"hidden-value" in channel.template.render({"to": "1", "text": "2", "token": "3", "sender": ""})
    assert "hidden-value" not in repr(settings) + repr(channel)


@pytest.mark.parametrize(
    "change",
    [
        {"BODY": '{"mobile": "{to}", "hidden-value": "x{text}"}'},
        {"BODY": "hidden-value"},
        {"SECRET": ""},
        {"NUMBER_PREFIX": "hidden-value"},
    ],
    ids=str,
)
def test_half_a_gateway_is_refused(monkeypatch: pytest.MonkeyPatch, change: dict[str, str]) -> None:
    set_gateway(monkeypatch, **change)
    with pytest.raises(InvalidSettings, match="GATEWAY") as refused:
        load_settings()
    assert "hidden-value" not in str(refused.value)


def test_sms_leave_by_one_provider_only(monkeypatch: pytest.MonkeyPatch) -> None:
    set_gateway(monkeypatch)
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "SENDER"):
        monkeypatch.setenv(f"LIANXIN_TWILIO__{name}", "AC1")
    with pytest.raises(InvalidSettings, match="TWILIO or GATEWAY"):
        load_settings()


@pytest.mark.parametrize("listen", ["8080", "host:", "host:http", ":80", "host:99999"])
def test_listen_needs_host_and_port(monkeypatch: pytest.MonkeyPatch, listen: str) -> None:
    monkeypatch.setenv("LIANXIN_LISTEN", listen)
    with pytest.raises(InvalidSettings):
        _ = load_settings().host_and_port
