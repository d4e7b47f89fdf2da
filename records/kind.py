"""What a kind of record is: the frozen picture of one file in records/kinds. `loading` makes it, all else reads it.

Titles map a language (zh-Hans, zh-Hant, en) to what is shown. Limits and texts are names, looked up when needed.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Literal

from core.conditions import Condition
from records.givers import GiverFields
from records.kind_known import Flight, MadeKnown
from records.kind_publishing import LetterForm, PublishRule
from records.offers import Offer
from records.store import Store

Titles = Mapping[str, str]
Required = Literal["filing", "completion", "act", "never"]
Stage = Literal["first", "later"]
Reach = Literal["house", "scope", "assigned", "above"]

UNKNOWN = "unknown"
"""The value of a field that was answered with 不详."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a field may have: its key, its titles, the short ones of menus, words in a text that mean it."""

    key: str
    titles: Titles
    short: Titles
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `fact` is stored clear and counted, else it is sealed; `match` also keeps a keyed hash of it.

    `lookup` names the table in which what was written is looked up, so that the hash is of what it means.
    `of` are the kinds, of those kept here, one of which the number in it must be of.
    """

    id: str
    titles: Titles
    type: str
    required: Required
    visible: str
    fact: bool
    max: int | None = None
    unknown: bool = False
    not_future: bool = False
    choices: Mapping[str, Choice] | None = None
    source: str | None = None
    default: str | None = None
    match: bool = False
    hash_only: bool = False
    sms: bool = False
    pattern: str | None = None
    when: Condition | None = None
    lookup: str | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of a form; one answer may fill several fields, by a parser."""

    fields: tuple[str, ...]
    text: str
    parser: str | None = None
    ask_if: Condition | None = None
    optional: bool = False
    variants: tuple[tuple[Condition, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked before filing (`first`) and after it (`later`, until a limit); the texts of the first reply.

    `console`: the office begins such a record by itself, on a page, and its filer handles it.
    """

    first: tuple[Entry, ...]
    later: tuple[Entry, ...]
    later_until: str | None
    intro: str | None
    receipt: tuple[str, ...]
    console: bool = False

    def stage(self, stage: Stage) -> tuple[Entry, ...]:
        """Return the questions of a stage."""
        return self.first if stage == "first" else self.later


@dataclass(frozen=True, slots=True)
class OneLine:
    """The form in one line of text: the intent that opens it, its fields in order, the text that shows its use.

    `sets` are the answers that the word itself gives.
    """

    keyword: str
    fields: tuple[str, ...]
    usage: str
    examples: tuple[Mapping[str, Any], ...]
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartWords:
    """Words of a register that the bot's own do not know: whole messages, and those before `#` in one line."""

    exact: tuple[str, ...]
    form: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """A state: its titles for staff, the neutral word for the owner, and the limit whose end the owner is told.

    `promise` is the name of a limit, or of a date field with a leading `@`; None is the limit of the state itself.
    """

    id: str
    titles: Titles
    shown: str
    terminal: bool
    promise: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told what by a transition; `asks` names the open question that it leaves.

    `date` says which day the `{date}` of the text is: `today`, the end of the limit named, else what was promised.
    `once` names a field: an address is told once for each value of it, of however many records.
    """

    to: str
    text: str
    when: Condition | None = None
    asks: str | None = None
    date: str | None = None
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is told once, when a limit ends, while a transition is still waited for and the condition holds."""

    limit: str
    notices: tuple[Notice, ...]
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move. `needs` and `takes` are fields that the act must or may give; limits are names.

    `two_persons` are the roles of the second person who confirms the act before it is done (none: one does it alone).
    `track` is the track whose states it leads between, None for those of the record itself. `checks` are named
    functions that look at what is given before the act is done (`records/checks.py`), `makes` maps fields to those that
    make their values from what is given (`records/makers.py`). `does` names what
    happens besides (`records/effects.py`).
    """

    sources: tuple[str, ...]
    to: str
    act: str
    by: tuple[str, ...]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    sets: Mapping[str, str] | None = None
    when: Condition | None = None
    notify: tuple[Notice, ...] = ()
    limit: str | None = None
    until: str | None = None
    not_before: str | None = None
    after: str | None = None
    supplies: bool = False
    two_persons: tuple[str, ...] = ()
    track: str | None = None
    reminders: tuple[Reminder, ...] = ()
    checks: tuple[str, ...] = ()
    makes: Mapping[str, str] | None = None
    does: str | None = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Everything that the transition tells anybody: when it is made, and while it is waited for."""
        return self.notify + tuple(notice for each in self.reminders for notice in each.notices)

    def may_hold(self, facts: Mapping[str, Any], named: Mapping[str, bool], undecided: Set[str] = frozenset()) -> bool:
        """Return whether the condition may hold: what the act gives, and predicates `undecided`, may still decide."""
        if self.when is None:
            return True
        given = {*self.needs, *self.takes}
        results = [
            getattr(item, "field", None) in given
            or getattr(item, "name", None) in undecided
            or item.holds(facts, named.__getitem__)
            for item in self.when.items
        ]
        return all(results) if self.when.every else any(results)


@dataclass(frozen=True, slots=True)
class Track:
    """A machine beside the states of a record: it begins with a state of the record, in the first state that holds."""

    id: str
    begins_at: str
    begin: tuple[tuple[Condition | None, str], ...]
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told at once, once, when its condition comes true at filing or at an amendment.

    `owner` is the sentence that says to who filed it what to do now; None: nothing.
    """

    id: str
    when: Condition
    tell: tuple[str, ...]
    text: str
    limit: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that reads records of a kind, and in which reach.

    `sealed` names the only sealed fields that it sees (None: all of its class); `identity` says whether it sees who
    sent it: always, never, or when the sender left a name. `named` is the role whose being named opens `above`.
    `not_of` shuts out the units of that role and the house itself. `acts_as` are roles whose acts it may do besides.
    `hidden_in` are states in which this rule shows nothing: a head learns of a complaint only once it was taken up.
    """

    role: str
    reach: Reach
    sealed: frozenset[str] | None = None
    identity: Literal["never", "if_named", "always"] = "never"
    named: str | None = None
    not_of: str | None = None
    acts_as: tuple[str, ...] = ()
    hidden_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ActView:
    """What a role sees of a record that it cannot read, while one of its acts or an alert to it is open."""

    role: str
    acts: frozenset[str]
    alert: str | None
    sees: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slip:
    """A paper to be printed and signed once its `fields` are there, in as many copies as it names."""

    copies: tuple[Titles, ...]
    signed_by: tuple[Titles, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Returns:
    """What makes a kind the return that everybody owes for a month.

    `entries` maps each kind whose records are entries to the date that says of which month one is; `opens` maps a value
    of the field `which` to the kinds whose forms it opens.
    """

    entries: Mapping[str, str]
    opens: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A declared sort of report. `version` is a hash of its file; `group` names the key group that handles it.

    `prefix` is empty where its records have no numbers. `owner_left` is the act that the clock makes in place of any
    other once the owner has left.
    """

    id: str
    version: str
    titles: Titles
    purpose: str
    prefix: str
    sequence: Literal["counter", "random"]
    filed_by: tuple[str, ...]
    signing_code: bool
    neutral: bool
    group: str
    fields: Mapping[str, Field]
    form: Form
    one_line: OneLine | None
    start: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    readers: tuple[Reader, ...]
    views: tuple[ActView, ...] = ()
    alerts: tuple[Alert, ...] = ()
    filing_act: str | None = None
    unit_field: str | None = None
    statement: str | None = None
    rating: str | None = None
    rating_why: str | None = None
    pauses_in: str | None = None
    pauses_at_most: str | None = None
    answers_in_text: str | None = None
    limit_to_file: str | None = None
    late_from: str | None = None
    tracks: Mapping[str, Track] = field(default_factory=dict)
    counts_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Titles | None = None
    publishing: PublishRule | None = None
    slip: Slip | None = None
    returns: Returns | None = None
    owner_left: str | None = None
    limits_by: str | None = None
    handler_field: str | None = None
    named_field: str | None = None
    recuses_superiors: bool = False
    flights: tuple[Flight, ...] = ()
    made_known: MadeKnown | None = None
    words: StartWords | None = None
    acts: Mapping[str, Titles] = field(default_factory=dict)
    letter: LetterForm | None = None
    givers: GiverFields | None = None
    store: Store | None = None
    offers: tuple[Offer, ...] = ()

    def field(self, field_id: str) -> Field:
        """Return a field. Raises KeyError for one that the kind does not declare."""
        return self.fields[field_id]

    def with_source(self, source: str) -> Field | None:
        """Return the field that the engine fills from a source, None where the kind has none."""
        return next((field for field in self.fields.values() if field.source == source), None)

    def moves_from(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that lead out of a state, in the order of the file."""
        return tuple(move for move in self.transitions if state in move.sources)

    def moves_of(self, state: str, tracks: Mapping[str, str]) -> tuple[Transition, ...]:
        """Return what leads out of a state and out of the states of the tracks beside it, which end with the record."""
        beside = () if self.states[state].terminal else self.tracks.values()
        return self.moves_from(state) + tuple(
            move for track in beside for move in track.transitions if tracks.get(track.id) in move.sources
        )

    @property
    def moves(self) -> tuple[Transition, ...]:
        """Every transition, of the record itself and of its tracks."""
        return self.transitions + tuple(move for track in self.tracks.values() for move in track.transitions)

    def state(self, state: str, track: str | None = None) -> State:
        """Return a state of the record or of a track. Raises KeyError for one that is not declared."""
        return self.tracks[track].states[state] if track else self.states[state]


@dataclass(frozen=True, slots=True)
class Kinds:
    """Every kind of this installation and what they share: who sees which class, which fields a variable shows."""

    by_id: Mapping[str, Kind]
    classes: Mapping[str, frozenset[str]]
    shown_by: Mapping[str, tuple[str, ...]]

    def get(self, kind_id: str) -> Kind:
        """Return a kind. Raises KeyError for one that is not installed."""
        return self.by_id[kind_id]

    def of_number(self, number: str) -> Kind | None:
        """Return the kind to which a record number belongs by its prefix."""
        numbered = (kind for kind in self.by_id.values() if kind.prefix)
        return next((kind for kind in numbered if number.upper().startswith(kind.prefix)), None)

    def the_return(self) -> Kind | None:
        """Return the kind that everybody owes for a month, None where none is installed."""
        return next((kind for kind in self.by_id.values() if kind.returns), None)

    def groups(self) -> tuple[str, ...]:
        """Return the names of all key groups, each once."""
        return tuple(sorted({kind.group for kind in self.by_id.values()}))
