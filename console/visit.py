"""One request: who asks, in which language, from which browser; and what the pages need besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from aiohttp import web

from console import security
from console.words import LANGS, Lang, Words, preferred, sentence_of
from core.errors import NotAllowed, NotThere, Refused
from core.festivals import Festivals
from core.office import Office
from models.org import Person
from oversight.definition import Reports
from oversight.rule import Rules
from oversight.rule_file import load_rules
from people import access, sessions
from people.access import Actor
from people.persons import name_of
from people.sessions import SignedIn
from records.kind import Kinds

COOKIE_MOST: Final = 200


@dataclass(frozen=True)
class Console:
    """What every page is made from. `frame_ancestor` is the origin whose page may show ours in a frame (demo only)."""

    office: Office
    kinds: Kinds
    reports: Reports
    words: Words
    festivals: Festivals
    frame_ancestor: str | None = None

    @cached_property
    def rules(self) -> Rules:
        """The risk rules, read when a page first shows them."""
        return load_rules(self.kinds, self.office.limits)


CONSOLE: Final = web.AppKey("console", Console)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, with his rights and his name for the top of the page."""

    signed_in: SignedIn
    actor: Actor
    person: Person
    name: str


@dataclass
class Visit:
    """One request to a page."""

    request: web.Request
    console: Console
    lang: Lang
    visitor: Visitor | None = None
    nonce: str = ""
    posted: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """The agency."""
        return self.console.office

    @property
    def kinds(self) -> Kinds:
        """The kinds of records."""
        return self.console.kinds

    @property
    def actor(self) -> Actor:
        """Who acts. Raises NotAllowed when nobody is signed in."""
        if self.visitor is None:
            raise NotAllowed("people.not_allowed")
        return self.visitor.actor

    @property
    def form_token(self) -> str:
        """What every form of this page carries."""
        if self.visitor is not None:
            return self.visitor.signed_in.csrf
        return security.nonce_token(self.office, self.nonce)

    def may(self, act: str) -> bool:
        """Return whether the visitor may do an act of people/data/roles.yaml."""
        return self.visitor is not None and access.may(self.visitor.actor, act)

    def t(self, key: str, **values: object) -> str:
        """Return words of the table in the language of the page."""
        return self.console.words.say(self.lang, key, **values)

    def named(self, family: str, name: str) -> str:
        """Return a name from a data file (an occasion, a topic) in the page's language; as it stands if unknown."""
        festivals = self.console.festivals.by_key.values()
        for festival in festivals if family == "occasion" else ():
            if name in festival.names.values():
                return festival.names[self.lang]
        key = f"{family}.{name}"
        return self.t(key) if key in self.console.words else name

    def word(self, key: str) -> str:
        """Return a word of the catalogue (`word.<key>`: states, reasons, acts); the key's end where it has none."""
        if (text := self.office.texts.by_key.get(f"word.{key}")) is None:
            return key.rpartition(".")[2]
        said = text.says[self.lang]
        return said[:1].upper() + said[1:]

    def refusal(self, refused: Refused) -> str:
        """Return the sentence that says why something was refused."""
        return sentence_of(refused, self.lang, self.office.texts)

    def path(self, name: str) -> str:
        """Return a part of the address."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        """Return a value of the query, cut to what a filter may hold."""
        return self.request.query.get(name, "")[:COOKIE_MOST]


def chosen_language(request: web.Request) -> Lang | None:
    """Return the language that the visitor chose on a page, None when he never did."""
    chosen = request.cookies.get(security.LANG_COOKIE, "")
    return next((lang for lang in LANGS if lang == chosen), None)


async def begin(request: web.Request) -> Visit:
    """Return the visit of a request: its session where the cookie names a valid one, its language, its nonce."""
    console = request.app[CONSOLE]
    visitor = await _visitor(console.office, request)
    lang = chosen_language(request) or preferred(request.headers.get("Accept-Language", ""))
    nonce = request.cookies.get(security.FORM_COOKIE, "")[:COOKIE_MOST] or security.new_nonce()
    visit = Visit(request, console, lang, visitor, nonce)
    if visitor is not None:
        shown = name_of(console.office, visitor.person, lang)
        visit.visitor = Visitor(visitor.signed_in, visitor.actor, visitor.person, shown)
    return visit


async def _visitor(office: Office, request: web.Request) -> Visitor | None:
    token = request.cookies.get(security.session_cookie_name(office), "")
    signed_in = await sessions.find_session(office, token[:COOKIE_MOST]) if token else None
    if signed_in is None:
        return None
    try:
        actor = await access.actor_of(office, signed_in.person_id, signed_in.key)
    except NotThere:
        return None
    person = await Person.get(id=signed_in.person_id)
    return Visitor(signed_in, actor, person, "")
