"""The demo's two SMS providers: each set of settings is one that the service takes, and switches on one of them."""

from pathlib import Path

import pytest

from service.demo.sms_provider import GATEWAY, TWILIO, SmsProvider
from service.settings import load_settings


@pytest.mark.parametrize(("provider", "on"), [(TWILIO, (True, False)), (GATEWAY, (False, True))])
def test_the_service_takes_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, provider: SmsProvider, on: tuple[bool, bool]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in provider.settings("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.twilio.on, settings.gateway.on) == on
    hooks = [str(value) for value in provider.account_settings("http://127.0.0.1:8").values()]
    assert any(value.startswith("http://127.0.0.1:8/hooks/") for value in hooks)
