"""The named predicates of conditions, each one function of what is known about a record.

`Known` is put together by who asks; what is not known there is empty. `HEAVY` ones are decided only when an act is
done, because they need the sealed text of the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Known:
    """What predicates may look at: the acts done and states entered so far, whether it was filed late, the answer.

    `facts` are the clear fields, `tracks` the states of its tracks; `told` says of a sealed field that may be unknown
    whether it is known.
    """

    acts: Mapping[str, int] = field(default_factory=dict)
    entered: Mapping[str, Any] = field(default_factory=dict)
    filed_late: bool = False
    answer_is_clean: bool | None = None
    tracks: Mapping[str, str] = field(default_factory=dict)
    tracks_ended: bool = True
    told: Mapping[str, bool] = field(default_factory=dict)
    publish_reasons: bool = False
    entries: bool = False
    reaches_head: bool = False
    all_read: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


def filed_late(known: Known) -> bool:
    """Return whether the record was filed after the soft limit for filing it."""
    return known.filed_late


def answer_names_no_staff(known: Known) -> bool:
    """Return whether the answer was looked through and holds no name, staff number or phone of a staff member."""
    return known.answer_is_clean is True


def reviewed_before(known: Known) -> bool:
    """Return whether the record has already been in state review."""
    return "review" in known.entered


def redone_before(known: Known) -> bool:
    """Return whether the record has already been in state redo."""
    return "redo" in known.entered


def handed_back_before(known: Known) -> bool:
    """Return whether the record has already been handed back by an assignee."""
    return known.acts.get("退回转办", 0) > 0


def extended_before(known: Known) -> bool:
    """Return whether the record has already been extended."""
    return "extended" in known.entered


def all_tracks_ended(known: Known) -> bool:
    """Return whether every track of the record stands in a terminal state."""
    return known.tracks_ended


def no_item_in_custody(known: Known) -> bool:
    """Return whether the custody track is not, or no longer, in held or returning."""
    return known.tracks.get("custody") not in ("held", "returning")


def item_to_hand_in(known: Known) -> bool:
    """Return whether something is with the officer: neither refused nor given back, and no meal or journey."""
    return known.facts.get("handling") not in ("1", "2") and known.facts.get("kind") != "7"


def account_slip_settles(known: Known) -> bool:
    """Return whether a slip of the integrity account bears the name and was paid in before an inquiry began.

    An unnamed one can be had from somebody else afterwards, for which reason some cities closed these accounts.
    """
    paid, inquiry = known.facts.get("account_slip_date"), known.facts.get("inquiry_from")
    named = bool(known.facts.get("account_slip_no")) and known.facts.get("account_slip_named") == "1"
    return named and bool(paid) and (not inquiry or str(paid) < str(inquiry))


def giver_known(known: Known) -> bool:
    """Return whether name or organisation of the giver is given and is not unknown."""
    return any(known.told.get(name, False) for name in ("giver_name", "giver_org"))


def publish_rule_met(known: Known) -> bool:
    """Return whether the record met a threshold of the rule for publication when it was looked at."""
    return known.publish_reasons


def entries_in_period(known: Known) -> bool:
    """Return whether the owner has at least one entry that happened in the month of the return."""
    return known.entries


def rule_may_reach_head(known: Known) -> bool:
    """Return whether the warning counts no intercession, open gift, tip or retaliation record."""
    return known.reaches_head


def all_have_read(known: Known) -> bool:
    """Return whether everybody who is to read the record and is still here has acknowledged it."""
    return known.all_read


PREDICATES: Final[Mapping[str, Callable[[Known], bool]]] = {
    each.__name__: each
    for each in (
        filed_late,
        answer_names_no_staff,
        reviewed_before,
        redone_before,
        handed_back_before,
        extended_before,
        all_tracks_ended,
        no_item_in_custody,
        item_to_hand_in,
        account_slip_settles,
        giver_known,
        publish_rule_met,
        entries_in_period,
        rule_may_reach_head,
        all_have_read,
    )
}
HEAVY: Final = frozenset({"answer_names_no_staff"})


def decide(known: Known) -> dict[str, bool]:
    """Return every predicate decided."""
    return {name: function(known) for name, function in PREDICATES.items()}
