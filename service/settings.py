"""Settings from the environment and a TOML file (docs/settings.md describes each).

The environment wins: `LIANXIN_` before the name, `__` between levels, e.g. `LIANXIN_TWILIO__SENDER`. The file is
`lianxin.toml` in the current folder, or the one that `LIANXIN_CONFIG` names.
"""

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from core.errors import InvalidSettings
from service.gateway_settings import GatewaySettings

Lang = Literal["zh-Hans", "zh-Hant", "en"]


class TwilioSettings(BaseModel):
    """The SMS channel. It is off while ACCOUNT_SID is empty."""

    model_config = ConfigDict(extra="forbid")
    account_sid: str = Field("", description="Account SID of the provider; empty: the SMS channel is off")
    auth_token: SecretStr = Field(SecretStr(""), description="Auth token; also checks the signature of webhooks")
    sender: str = Field("", description="Number in E.164 or the SID of a Messaging Service (MG…)")
    api_url: str = Field("https://api.twilio.com", description="Scheme, host and port that stand in for the provider's")
    rate: float = Field(1.0, gt=0, le=10_000, description="Segments a second that the sender may send")

    @property
    def on(self) -> bool:
        """Whether the channel is set up."""
        return bool(self.account_sid)


class TelegramSettings(BaseModel):
    """The chat channel. It is off while TOKEN is empty."""

    model_config = ConfigDict(extra="forbid")
    token: SecretStr = Field(SecretStr(""), description="Token of the bot; empty: the chat channel is off")
    api_url: str = Field(
        "https://api.telegram.org", description="Scheme, host and port that stand in for the provider's"
    )
    webhook_secret: SecretStr = Field(SecretStr(""), description="Secret that the provider repeats with each webhook")
    mode: Literal["webhook", "polling"] = Field("polling", description="polling needs no public address")
    rate: float = Field(25.0, gt=0, le=10_000, description="Messages a second that the bot may send")

    @property
    def on(self) -> bool:
        """Whether the channel is set up."""
        return bool(self.token.get_secret_value())


class SignatureSettings(BaseModel):
    """What stands before every SMS, by language; it counts into the segments."""

    model_config = ConfigDict(extra="forbid")
    hans: str = Field("", max_length=20, description="Simplified Chinese, e.g. 【星澜海关】")
    hant: str = Field("", max_length=20, description="Traditional Chinese")
    en: str = Field("", max_length=40, description="English, e.g. 'Xinglan Customs: '")


class Settings(BaseSettings):
    """Everything that may be set. Without one provider's settings that channel is off and the service says so."""

    model_config = SettingsConfigDict(env_prefix="LIANXIN_", env_nested_delimiter="__", extra="forbid")
    data_dir: Path = Field(Path("lianxin-data"), description="Folder of the database, locks and copies")
    database_url: str = Field("", description="sqlite:///file or postgres://…; empty: lianxin.db in DATA_DIR")
    key_file: Path | None = Field(None, description="Service key; default: beside DATA_DIR, named DATA_DIR.key")
    checkpoint_dir: Path | None = Field(None, description="Folder for checkpoints of the ledger; default: in DATA_DIR")
    listen: str = Field("127.0.0.1:8080", description="Address and port of console, webhooks and health")
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token that opens /metrics from elsewhere")
    public_url: str = Field("", description="How providers and browsers reach LISTEN; default: http://LISTEN")
    timezone: str = Field("Asia/Shanghai", description="IANA name of the agency's time zone")
    locale: Lang = Field("zh-Hans", description="Language where nothing else tells: zh-Hans, zh-Hant or en")
    twilio: TwilioSettings = TwilioSettings()
    gateway: GatewaySettings = GatewaySettings()
    telegram: TelegramSettings = TelegramSettings()
    signature: SignatureSettings = SignatureSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the TOML file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {name!r}; write an IANA name such as Asia/Shanghai") from error
        return name

    @model_validator(mode="after")
    def _fill_defaults(self) -> Self:
        self.database_url = self.database_url or f"sqlite://{self.data_dir.absolute() / 'lianxin.db'}"
        self.checkpoint_dir = self.checkpoint_dir or self.data_dir / "checkpoints"
        self.key_file = self.key_file or self.data_dir.absolute().with_name(self.data_dir.absolute().name + ".key")
        self.public_url = (self.public_url or f"http://{self.listen}").rstrip("/")
        self.twilio.api_url = self.twilio.api_url.rstrip("/")
        self.telegram.api_url = self.telegram.api_url.rstrip("/")
        return self

    @model_validator(mode="after")
    def _complete_channels(self) -> Self:
        if self.twilio.on and not (self.twilio.auth_token.get_secret_value() and self.twilio.sender):
            raise ValueError("TWILIO__AUTH_TOKEN and TWILIO__SENDER are needed beside TWILIO__ACCOUNT_SID")
        if self.twilio.on and self.gateway.on:
            raise ValueError("set up TWILIO or GATEWAY, not both: SMS leave by one of them")
        if self.telegram.on and self.telegram.mode == "webhook" and not self.telegram.webhook_secret.get_secret_value():
            raise ValueError("TELEGRAM__WEBHOOK_SECRET is needed while TELEGRAM__MODE is webhook")
        for name, url in (("TWILIO", self.twilio.api_url), ("TELEGRAM", self.telegram.api_url), ("", self.public_url)):
            if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
                raise ValueError(
                    f"{name + '__API_URL' if name else 'PUBLIC_URL'} must be http:// or https:// with a host"
                )
        return self

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Return LISTEN as host and port; raise InvalidSettings when it is neither."""
        host, _, port = self.listen.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise InvalidSettings("LIANXIN_LISTEN must be host:port, e.g. 127.0.0.1:8080.")
        return host.strip("[]"), int(port)

    @property
    def zone(self) -> ZoneInfo:
        """Return the agency's time zone."""
        return ZoneInfo(self.timezone)


def config_file() -> Path:
    """Return the TOML file that is read when it exists."""
    return Path(os.environ.get("LIANXIN_CONFIG", "lianxin.toml"))


def load_settings() -> Settings:
    """Read the settings; raise InvalidSettings with one line for each that is wrong, never with its value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"LIANXIN_{'__'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        raise InvalidSettings("\n".join(lines)) from None
