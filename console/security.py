"""What keeps a page safe in a browser: headers, the origin of a form, its token, the cookies.

The referrer policy is `same-origin`: under `no-referrer` browsers send `Origin: null` with our own forms, and an
honest form could no longer be told from a foreign one. No page links to anywhere else.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from core.office import Office

FORM_COOKIE: Final = "lianxin_form"
FORM_FIELD: Final = "form_token"
LANG_COOKIE: Final = "lianxin_lang"
NOTICE_COOKIE: Final = "lianxin_notice"
YEAR_SECONDS: Final = 365 * 24 * 3600
ASSETS: Final = "/assets/"
PUBLIC: Final = "/public/"
PUBLIC_SECONDS: Final = 60
"""How long a page for the public may be kept: so long what was taken down may still be seen somewhere."""


def content_policy(frame_ancestor: str | None) -> str:
    """Return the Content-Security-Policy: nothing from outside, in no frame but that of the demo's tour."""
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestor or chr(39) + 'none' + chr(39)}"
    )


def add_headers(response: web.StreamResponse, path: str, policy: str) -> None:
    """Set the headers of every answer; assets are kept (their address names their version), other pages never are.

    What the public reads may be shown again for a minute.

    A page that brought a policy of its own, such as the tour of the demo, keeps it.
    """
    if "Content-Security-Policy" in response.headers:
        return
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = _kept(path) if response.status == 200 else "no-store"


def _kept(path: str) -> str:
    if path.startswith(ASSETS):
        return f"public, max-age={YEAR_SECONDS}, immutable"
    return f"public, max-age={PUBLIC_SECONDS}, must-revalidate" if path.startswith(PUBLIC) else "no-store"


def is_own_origin(request: web.Request, public_url: str) -> bool:
    """Return whether a POST comes from a page of ours, by what the browser says about it.

    A browser that says nothing is let through here: the form token and the SameSite cookie still stand in the way.
    """
    if (site := request.headers.get("Sec-Fetch-Site")) is not None and site != "same-origin":
        return False
    if (origin := request.headers.get("Origin")) is None:
        return True
    return urlsplit(origin).netloc in {request.host, urlsplit(public_url).netloc} and origin != "null"


def is_secure(office: Office) -> bool:
    """Return whether cookies may only travel over https."""
    return office.public_url.startswith("https:")


def session_cookie_name(office: Office) -> str:
    """Return the name of the session's cookie; over https the prefix binds it to this host."""
    return "__Host-lianxin" if is_secure(office) else "lianxin_session"


def set_cookie(response: web.StreamResponse, office: Office, name: str, value: str, max_age: int | None = None) -> None:
    """Set one of our cookies: never readable by a script, never sent with a foreign form."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=is_secure(office) or None
    )


def new_nonce() -> str:
    """Return what ties the forms of a browser together that is not signed in."""
    return secrets.token_urlsafe(24)


def nonce_token(office: Office, nonce: str) -> str:
    """Return the form token of a browser that is not signed in."""
    return hmac.new(office.key.secret_for("console form"), nonce.encode(), sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compare two tokens in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
