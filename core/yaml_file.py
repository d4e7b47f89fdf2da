"""Data files in YAML, read strictly, each mapping and list knowing its lines, so that an error can name the place.

Read as YAML 1.2 would: `yes`, `no`, `on`, `off` and dates are strings; only `true` and `false` are flags. A key that
stands twice is refused. Errors are `InvalidData` with file, line and reason.
"""

import re
from pathlib import Path
from typing import Any, NoReturn

import yaml

from core.errors import InvalidData


class Mapping(dict[str, Any]):
    """A mapping of the file; `line` is where it begins, `lines` where each of its keys stands."""

    line: int = 0
    lines: dict[str, int]


class Sequence(list[Any]):
    """A list of the file; `line` is where it begins, `lines` where each of its entries stands."""

    line: int = 0
    lines: list[int]


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where the library brings it: it reads the same, several times as fast."""


class _Loader(_SafeLoader):  # type: ignore[misc]
    """The safe loader without the surprises of YAML 1.1."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag.rpartition(":")[2] not in {"bool", "timestamp"}]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    made = Mapping()
    made.line, made.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key, line = str(loader.construct_object(key_node)), key_node.start_mark.line + 1
        if key in made:
            raise InvalidData(Path(node.start_mark.name).name, f"line {line}", f"the key {key} stands twice")
        made[key], made.lines[key] = loader.construct_object(value_node, deep=True), line
    return made


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> Sequence:
    made = Sequence(loader.construct_object(child, deep=True) for child in node.value)
    made.line, made.lines = node.start_mark.line + 1, [child.start_mark.line + 1 for child in node.value]
    return made


def _flag(loader: _Loader, node: yaml.ScalarNode) -> bool:
    return str(node.value).lower() == "true"


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
_Loader.add_constructor("tag:yaml.org,2002:bool", _flag)
for _first in "tTfF":
    _Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), [_first])


def read(path: Path) -> Mapping:
    """The mapping that a file holds. Raises InvalidData where it is missing, no YAML, or no mapping."""
    try:
        with path.open(encoding="utf-8") as file:
            data = yaml.load(file, _Loader)
    except OSError as error:
        raise InvalidData(path.name, "line 1", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidData(path.name, "line 1", "is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidData(path.name, f"line {line}", f"is no YAML: {error.problem}") from None
    if not isinstance(data, Mapping):
        raise InvalidData(path.name, "line 1", "holds no mapping")
    return data


def line_of(node: Any, key: str | int | None = None) -> int:
    """The line of a node, or of one key or entry in it; 0 where it is not known."""
    lines = getattr(node, "lines", None)
    if isinstance(key, int) and isinstance(lines, list) and key < len(lines):
        return int(lines[key])
    if isinstance(key, str) and isinstance(lines, dict) and key in lines:
        return int(lines[key])
    return int(getattr(node, "line", 0))


def refuse(path: Path, node: Any, reason: str, key: str | int | None = None) -> NoReturn:
    """Raise InvalidData for a node of a file that `read` gave."""
    raise InvalidData(path.name, f"line {line_of(node, key)}", reason)
