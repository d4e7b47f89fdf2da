"""The roles of an agency from people/data/roles.yaml, checked when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

from core.yaml_file import read, refuse

TABLE: Final = Path(__file__).parent / "data" / "roles.yaml"
Reach = Literal["own", "units", "house"]
_REACHES: Final = ("own", "units", "house")
_TITLES: Final = {"zh": "zh-Hans", "hant": "zh-Hant", "en": "en"}


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its titles by language, how far it reaches, and the acts that it may do."""

    id: str
    titles: Mapping[str, str]
    reach: Reach
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role and every act that exists, by id; acts map to their titles by language."""

    by_id: Mapping[str, Role]
    acts: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, path: Path = TABLE) -> "Roles":
        """Read and check a roles file. Raises InvalidData with its line."""
        data = read(path)
        for name in ("acts", "roles"):
            if not isinstance(data.get(name), list) or not data[name]:
                refuse(path, data, f"needs a list of {name}")
        acts: dict[str, Mapping[str, str]] = {}
        for node in data["acts"]:
            acts[_new_id(path, node, acts)] = _titles(path, node)
        roles: dict[str, Role] = {}
        for node in data["roles"]:
            role = _role(path, node, acts)
            roles[_new_id(path, node, roles)] = role
        return cls(roles, acts)


@cache
def roles() -> Roles:
    """Return the roles that the program was started with; read once."""
    return Roles.load()


def _new_id(path: Path, node: Any, known: Mapping[str, object]) -> str:
    given = node.get("id") if isinstance(node, dict) else None
    if not isinstance(given, str) or not given:
        refuse(path, node, "has no id")
    if given in known:
        refuse(path, node, f"{given} stands twice")
    return given


def _titles(path: Path, node: Any) -> Mapping[str, str]:
    if not isinstance(node, dict) or any(not isinstance(node.get(key), str) for key in _TITLES):
        refuse(path, node, "needs a title in zh, hant and en")
    return {lang: node[key] for key, lang in _TITLES.items()}


def _role(path: Path, node: Any, acts: Mapping[str, object]) -> Role:
    titles = _titles(path, node)
    if strange := set(node) - {"id", "reach", "may", *_TITLES}:
        refuse(path, node, f"unknown key {min(strange)}")
    if node.get("reach") not in _REACHES:
        refuse(path, node, "reach is own, units or house")
    may = node.get("may")
    if not isinstance(may, list):
        refuse(path, node, "may is a list of acts")
    if unknown := [act for act in may if act not in acts]:
        refuse(path, node, f"no such act: {unknown[0]}")
    return Role(str(node.get("id")), titles, cast(Reach, node["reach"]), frozenset(may))
