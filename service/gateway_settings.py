"""Settings of a carrier's SMS gateway (docs/settings.md describes each, docs/how-to-add-a-channel.md shows a set)."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from messaging import gateway
from messaging.gateway_answer import Meaning
from messaging.gateway_template import BodyType, Template, parse_template

State = Literal["accepted", "sent", "delivered", "read", "undelivered", "failed"]


class GatewaySettings(BaseModel):
    """SMS by a carrier's HTTP interface, in Twilio's place. It is off while URL is empty."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field("", description="Where messages are posted; empty: the gateway is off")
    headers: dict[str, SecretStr] = Field({}, description="Headers of each request, e.g. the key")
    body_type: BodyType = Field("json", description="json or form")
    body: SecretStr = Field(SecretStr(""), description="Template with {to}, {text}, {token}, {sender} as whole values")
    sender: str = Field("", description="Number or name that the carrier sends from")
    number_prefix: str = Field("", pattern=r"^(\+\d{1,4})?$", description="Taken off outgoing numbers, e.g. +86")
    rate: float = Field(1.0, gt=0, le=10_000, description="Segments a second that the sender may send")
    id_path: str = Field("id", min_length=1, description="Where the answer names the message")
    code_path: str = Field("code", description="Where the answer has its code")
    codes: dict[str, Meaning] = Field({}, description="What codes of answers and receipts stand for")
    secret: SecretStr = Field(SecretStr(""), description="Key of the signature of webhooks")
    signature_header: str = Field("X-Signature", min_length=1, description="Header of HMAC-SHA256 over the body, hex")
    status_token_path: str = Field("token", min_length=1, description="Where a receipt has our token")
    status_id_path: str = Field("id", description="Where a receipt names the message")
    status_path: str = Field("status", min_length=1, description="Where a receipt has its word")
    status_code_path: str = Field("code", description="Where a receipt has its code")
    statuses: dict[str, State] = Field({}, description="What the words of receipts stand for")
    message_id_path: str = Field("id", min_length=1, description="Where an incoming message has its id")
    message_from_path: str = Field("from", min_length=1, description="Where it has the number that wrote")
    message_text_path: str = Field("text", min_length=1, description="Where it has its text")
    hook_answer: str = Field("OK", description="What the carrier wants to read when a webhook was taken")

    @property
    def on(self) -> bool:
        """Whether the gateway is set up."""
        return bool(self.url)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.on:
            return self
        if urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).netloc:
            raise ValueError("URL must be http:// or https:// with a host")
        if not self.secret.get_secret_value():
            raise ValueError("SECRET is needed beside URL: without it nobody could trust a webhook")
        self._template()
        return self

    def _template(self) -> Template:
        return parse_template(self.body_type, self.body.get_secret_value())

    def channel_settings(self) -> gateway.GatewaySettings | None:
        """Return what the channel is made of; None while it is off."""
        if not self.on:
            return None
        same = self.model_dump(exclude={"headers", "body_type", "body", "secret"})
        return gateway.GatewaySettings(
            **same,
            template=self._template(),
            headers={name: value.get_secret_value() for name, value in self.headers.items()},
            secret=self.secret.get_secret_value(),
        )
