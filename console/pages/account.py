"""Signing in and out, the language of the pages, the own password and sessions."""

from aiohttp import web

from console import security
from console.answers import go_on, safe_next
from console.fields import Form, read_form
from console.rendering import render
from console.visit import Visit
from console.words import LANGS
from core.errors import NotThere, Refused
from models.org import Account, ConsoleSession
from people import accounts, sessions
from people.access import actor_of
from records.members import arrive

SESSIONS_SHOWN = 20


async def sign_in_page(visit: Visit) -> web.Response:
    """Show the form to sign in; who is signed in goes on."""
    if visit.visitor is not None:
        return go_on(visit, safe_next(visit.query("next")))
    return _sign_in_form(visit, Form(), safe_next(visit.query("next")))


async def sign_in(visit: Visit) -> web.Response:
    """Start a new session; one that the browser brought along ends, so that none can be planted."""
    form = read_form(visit.posted, ("login", "next"), 200)
    password = next((each for each in visit.posted.get("password", []) if isinstance(each, str)), "")
    onward = safe_next(form["next"])
    try:
        entered = await accounts.sign_in(visit.office, form["login"], password)
    except Refused as refused:
        form.wrong("", visit.refusal(refused))
        return _sign_in_form(visit, form, onward)
    await sessions.revoke(visit.office, _token(visit))
    return await _with_session(visit, entered, onward)


def _sign_in_form(visit: Visit, form: Form, onward: str) -> web.Response:
    status = 422 if form.errors else 200
    return render(visit, "sign_in.html", {"form": form, "next": onward}, status)


async def _with_session(visit: Visit, entered: accounts.Entered, onward: str, done: str = "") -> web.Response:
    me = await actor_of(visit.office, entered.account.person_id, entered.key)
    await arrive(visit.office, visit.kinds, me)
    token = await sessions.open_session(visit.office, entered.account.id, entered.key)
    response = go_on(visit, onward, done)
    security.set_cookie(response, visit.office, security.session_cookie_name(visit.office), token)
    response.del_cookie(security.FORM_COOKIE, path="/")
    return response


def _token(visit: Visit) -> str:
    return visit.request.cookies.get(security.session_cookie_name(visit.office), "")


async def sign_out(visit: Visit) -> web.Response:
    """End the session of this browser."""
    await sessions.revoke(visit.office, _token(visit))
    response = go_on(visit, "/sign-in", "signed_out")
    response.del_cookie(security.session_cookie_name(visit.office), path="/")
    return response


async def choose_language(visit: Visit) -> web.Response:
    """Keep the language in a cookie and go back to the page."""
    form = read_form(visit.posted, ("lang", "next"), 500)
    response = go_on(visit, safe_next(form["next"]))
    if form["lang"] in LANGS:
        security.set_cookie(response, visit.office, security.LANG_COOKIE, form["lang"], security.YEAR_SECONDS)
    return response


async def account_page(visit: Visit) -> web.Response:
    """Show the own account: password and open sessions."""
    return await _account_page(visit, Form())


async def _account_page(visit: Visit, form: Form) -> web.Response:
    signed_in = _signed_in(visit)
    now = visit.office.clock.now()
    found = ConsoleSession.filter(account_id=signed_in.account_id, revoked_at__isnull=True, expires_at__gt=now)
    account = await Account.get(id=signed_in.account_id)
    context = {
        "form": form,
        "login": account.login,
        "sessions": await found.order_by("-seen_at", "-id").limit(SESSIONS_SHOWN),
        "own_session": signed_in.session_id,
    }
    return render(visit, "account.html", context, 422 if form.errors else 200)


def _signed_in(visit: Visit) -> sessions.SignedIn:
    if visit.visitor is None:
        raise NotThere
    return visit.visitor.signed_in


async def change_password(visit: Visit) -> web.Response:
    """Change the own password, by the present one; every session ends but a new one for this browser."""
    given = {name: str(next(iter(visit.posted.get(name, [])), "")) for name in ("current", "fresh", "again")}
    form, account = Form(), await Account.get(id=_signed_in(visit).account_id)
    if given["fresh"] != given["again"]:
        form.wrong("again", visit.t("account.differ"))
        return await _account_page(visit, form)
    try:
        entered = await accounts.sign_in(visit.office, account.login, given["current"])
    except Refused:
        form.wrong("current", visit.t("account.current_wrong"))
        return await _account_page(visit, form)
    try:
        await accounts.change_password(visit.office, entered, given["fresh"])
    except Refused as refused:
        form.wrong("fresh", visit.refusal(refused))
        return await _account_page(visit, form)
    return await _with_session(visit, entered, "/account", "password")


async def end_session(visit: Visit) -> web.Response:
    """End another session of the own account."""
    own = ConsoleSession.filter(account_id=_signed_in(visit).account_id, revoked_at__isnull=True)
    number = visit.path("session")
    if not number.isdecimal() or len(number) > 18:
        raise NotThere
    if not await own.filter(id=int(number)).update(revoked_at=visit.office.clock.now(), private_key=None):
        raise NotThere
    return go_on(visit, "/account", "session_ended")
