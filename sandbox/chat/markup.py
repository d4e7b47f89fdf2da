"""Formatted text: what stays of it as plain text, and where which format lies."""

from html.parser import HTMLParser
from typing import Any

from sandbox.chat.refusals import bad_request

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}


def units(text: str) -> int:
    """Return the length as Telegram counts offsets: UTF-16 code units."""
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[dict[str, Any]] = []
        self._open: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an entity."""
        if tag not in _TAGS:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self._at()}')
        entity: dict[str, Any] = {"type": _TAGS[tag], "offset": units(self.text), "length": 0}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost entity, which must be this one."""
        if not self._open or self._open[-1][0] != tag:
            raise bad_request(f'can\'t parse entities: Unmatched end tag at byte offset {self._at()}, found "</{tag}>"')
        _, entity = self._open.pop()
        entity["length"] = units(self.text) - entity["offset"]
        if entity["length"]:
            self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        """Take plain text."""
        self.text += data

    def finish(self) -> None:
        """Take what is left; raises 400 when a tag was never closed."""
        self.close()
        if self._open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1][0]}\""
            )

    def _at(self) -> int:
        return len(self.rawdata[: self.getpos()[1]].encode())


def parse_text(text: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    """Return plain text and entities. HTML is read; Markdown is taken as it stands; other modes raise 400."""
    mode = parse_mode.lower()
    if mode not in ("", "html", "markdown", "markdownv2"):
        raise bad_request("unsupported parse_mode")
    if mode != "html":
        return text, command_entities(text)
    reader = _Reader()
    reader.feed(text)
    reader.finish()
    return reader.text, sorted(reader.entities, key=lambda e: (e["offset"], -e["length"]))


def command_entities(text: str) -> list[dict[str, Any]]:
    """Return the entity of a command at the beginning, as Telegram marks `/start …`."""
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    name = word[1:].partition("@")[0]
    if not name or not name.replace("_", "").isalnum() or not name.isascii():
        return []
    return [{"type": "bot_command", "offset": 0, "length": units(word)}]
