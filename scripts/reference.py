"""Writes docs/reference.md from the data files and the command line; a test holds the two together.

.venv/bin/python scripts/reference.py
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.recognition_data import load_keywords  # noqa: E402
from core.limits import Limits  # noqa: E402
from core.texts import Texts  # noqa: E402
from people.roles import roles  # noqa: E402
from records.kind import Kind, State, Transition  # noqa: E402
from records.loading import load_kinds  # noqa: E402
from service.cli import app  # noqa: E402
from service.opening import CATALOGUES  # noqa: E402

TARGET = ROOT / "docs" / "reference.md"


def commands() -> Iterator[str]:
    """Yield a row for each command of `lianxin`."""
    yield from ("| command | what |", "|---|---|")
    group = typer.main.get_command(app)
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        for inner, leaf in sorted(getattr(command, "commands", {"": command}).items()):
            options = " ".join(f"`{one.opts[-1]}`" for one in leaf.params if one.opts[-1].startswith("--"))
            yield f"| `lianxin {name} {inner}".rstrip() + f"` | {leaf.help or command.help} {options} |"


def words(given: Iterable[str]) -> str:
    """Return words in one cell."""
    return ", ".join(sorted(f"`{word}`" for word in given)).replace("|", "\\|")


def keywords() -> Iterator[str]:
    """Yield a row for each intent, then each command inside a dialog."""
    known = load_keywords()
    yield from ("| intent | effect | whole message | at the beginning | in one line with # |", "|---|---|---|---|---|")
    for name, intent in sorted(known.intents.items()):
        cells = (words(intent.exact), words(intent.head), words(intent.form))
        yield f"| `{name}` | {known.effects[name]} | {' | '.join(cells)} |"
    for name in sorted(set(known.effects) - set(known.intents)):
        yield f"| `{name}` | {known.effects[name]} | | | |"
    yield from ("", "Inside a dialog, as the whole message:", "", "| command | words |", "|---|---|")
    for name, said in sorted(known.commands.items()):
        yield f"| `{name}` | {words(said)} |"


def kind_section(kind: Kind) -> Iterator[str]:
    """Yield the drawing and the states of a kind."""
    yield from (f"### {kind.titles['en']} {kind.titles['zh-Hans']} (`{kind.id}`)", "", kind.purpose, "", "```mermaid")
    yield from machine(kind.transitions, kind.states)
    for track in kind.tracks.values():
        yield from (f"Beside it, from `{track.begins_at}` on, `{track.id}`:", "", "```mermaid")
        yield from machine(track.transitions, track.states)


def machine(moves: Iterable[Transition], states: Mapping[str, State]) -> Iterator[str]:
    """Yield the rest of the drawing and the states of one machine."""
    yield "stateDiagram-v2"
    for move in moves:
        for source in move.sources:
            yield f"    {source} --> {move.to}: {move.act}"
    yield from ("```", "", "| state | 中文 | English |", "|---|---|---|")
    for state in states.values():
        yield f"| `{state.id}` | {state.titles['zh-Hans']} | {state.titles['en']} |"
    yield ""


def said(texts: Texts) -> Iterator[str]:
    """Yield a row for each sentence that says an error or a refusal."""
    yield from ("| key | 中文 | English |", "|---|---|---|")
    for key in sorted(texts.by_key):
        if key.startswith(
            ("error.", "import.", "campaign.", "account.", "people.", "signing.", "message.", "records.", "report.")
        ):
            text = texts.get(key)
            yield f"| `{key}` | {text.says['zh-Hans']} | {text.says['en']} |".replace("\n", " ")


def reference() -> str:
    """Return the whole page."""
    texts = Texts.load(*CATALOGUES)
    kinds = load_kinds(texts, Limits.load())
    lines = [
        "# Reference",
        "",
        "Written from the data files by `scripts/reference.py`; a test holds them together.",
        "",
        "## Commands",
        "",
        *commands(),
        "",
        "## Keywords",
        "",
        "What begins what (`bot/data/keywords.yaml`); width, case, traditional characters and marks do not matter.",
        "",
        *keywords(),
        "",
        "## Kinds of records and their states",
        "",
        *(line for kind in kinds.by_id.values() for line in kind_section(kind)),
        "## Roles",
        "",
        "| role | 中文 | English |",
        "|---|---|---|",
        *(f"| `{role.id}` | {role.titles['zh-Hans']} | {role.titles['en']} |" for role in roles().by_id.values()),
        "",
        "## What is said when something cannot be done",
        "",
        *said(texts),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
