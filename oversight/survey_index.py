"""How sets of answers become an index, by data/survey.yaml. Exact: fractions, rounded half up at the very end. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from core.yaml_file import read, refuse

TABLE: Final = Path(__file__).parent / "data" / "survey.yaml"
_KEYS: Final = (
    "version", "questions", "points", "satisfied", "at_least_answered", "respondents", "composite", "complaints",
    "registering",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """What data/survey.yaml says. `questions` are in the order of the digits of a set."""

    questions: Mapping[str, int]
    points: Mapping[str, int]
    satisfied: frozenset[str]
    least_answered: int
    respondents: Mapping[str, int]
    composite: Mapping[str, int]
    off_for_complaints: int
    least_entries: int

    @classmethod
    def load(cls, path: Path = TABLE) -> "Weights":
        """Read and check a file. Raises InvalidData with file, line and reason."""
        data = read(path)
        for name in _KEYS:
            if name not in data:
                refuse(path, data, f"{name} is missing")
        for name in ("questions", "points", "respondents", "composite"):
            node = data[name]
            if not isinstance(node, dict) or not all(isinstance(each, int) and each >= 0 for each in node.values()):
                refuse(path, data, f"{name} maps names to whole numbers from 0 on", name)
        if len(data["questions"]) != 6 or not any(data["respondents"].values()):
            refuse(path, data, "there are six questions, and somebody whose answers count", "questions")
        if strange := set(data["satisfied"]) - set(data["points"]):
            refuse(path, data, f"satisfied names {min(strange)}, which has no points", "satisfied")
        return cls._of(path, data)

    @classmethod
    def _of(cls, path: Path, data: Mapping[str, Any]) -> "Weights":
        try:
            off = int(data["complaints"]["off_for_one_in_1000_matters"])
            least_entries = int(data["registering"]["least_entries"])
            least = int(data["at_least_answered"])
        except (KeyError, TypeError, ValueError):
            refuse(path, data, "complaints, registering and at_least_answered hold whole numbers", "complaints")
        return cls(
            data["questions"], data["points"], frozenset(data["satisfied"]), least, data["respondents"],
            data["composite"], off, least_entries,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """How often the same six answers came from the same sort of respondent."""

    respondent: str
    answers: str
    many: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the answers say: sets that count, those of staff apart, index and points by question, share satisfied."""

    sets: int
    apart: int
    index: Fraction | None
    questions: Mapping[str, Fraction | None]
    satisfied: Fraction | None


def standing(weights: Weights, patterns: Iterable[Pattern]) -> Standing:
    """Return the standing of a unit, or of several together, from all its patterns."""
    counted = [each for each in patterns if _answered(each) >= weights.least_answered]
    outside = [each for each in counted if weights.respondents.get(each.respondent, 0)]
    apart = sum(each.many for each in counted) - sum(each.many for each in outside)
    by_question = {
        name: _mean([(weights.points[each.answers[at]], each.many) for each in outside if each.answers[at] != "0"])
        for at, name in enumerate(weights.questions)
    }
    answers = [(digit in weights.satisfied, each.many) for each in outside for digit in each.answers if digit != "0"]
    sets = sum(each.many for each in outside)
    return Standing(sets, apart, _index(weights, outside), by_question, _mean([(int(yes), n) for yes, n in answers]))


def _answered(pattern: Pattern) -> int:
    return sum(1 for digit in pattern.answers if digit != "0")


def _index(weights: Weights, outside: Sequence[Pattern]) -> Fraction | None:
    """The mean over the sorts of respondents that answered, each by its weight."""
    means = {}
    for sort in weights.respondents:
        means[sort] = _mean([(_score(weights, each), each.many) for each in outside if each.respondent == sort])
    return _mean([(mean, weights.respondents[sort]) for sort, mean in means.items() if mean is not None])


def _score(weights: Weights, pattern: Pattern) -> Fraction:
    pairs = zip(pattern.answers, weights.questions.values(), strict=True)
    score = _mean([(weights.points[digit], weight) for digit, weight in pairs if digit != "0"])
    assert score is not None
    return score


def _mean(weighted: Sequence[tuple[int | Fraction, int]]) -> Fraction | None:
    whole = sum(weight for _, weight in weighted)
    return Fraction(sum(Fraction(value) * weight for value, weight in weighted)) / whole if whole else None


def composite(weights: Weights, parts: Mapping[str, Fraction | None]) -> Fraction | None:
    """Return the composite index from parts of 0 to 100; what a unit lacks is left out, the others weigh more."""
    known = [(part, weights.composite[name]) for name, part in parts.items() if part is not None]
    return _mean(known)


def rounded(value: Fraction | None, digits: int = 2) -> float | None:
    """Return a figure as it is shown, rounded half up."""
    if value is None:
        return None
    scaled = value * 10**digits + Fraction(1, 2)
    whole: int = scaled.numerator // scaled.denominator
    return float(whole) / float(10**digits)
