"""Who may ask the studio for what: names, origins, tokens, and what an answer allows a browser."""

import hashlib
import hmac
import secrets
import socket
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facsimile.media.files import atomic_path
from facsimile.studio.errors import StudioError
from facsimile.studio.problems import problem_response
from facsimile.studio.settings import StudioSettings

API = "/api/"
SESSION = "facsimile_session"
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf_token"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class ForbiddenError(StudioError):
    """The request comes from a page that is not ours, or without its token."""

    status = 403


class UnauthorizedError(StudioError):
    """The request shows no token, or a wrong one."""

    status = 401


class MisdirectedError(StudioError):
    """The request is for another name than this server's."""

    status = 421


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine only."""
    if host in LOOPBACK:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Keys:
    """The secret of this studio, kept in its folder, and what is derived from it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "secret"
        if not path.is_file():
            with atomic_path(path) as partial:
                partial.touch(mode=0o600)
                partial.write_text(secrets.token_hex(32))
        self._secret = bytes.fromhex(path.read_text())

    def csrf(self, session: str) -> str:
        """The token that a form of this session carries."""
        return self._derived("csrf", session)

    def signed(self, session: str) -> str:
        """The session as its cookie has it, once the token was shown."""
        return f"{session}.{self._derived('login', session)}"

    def is_signed(self, cookie: str) -> bool:
        """Whether a cookie says rightly that the token was shown."""
        return hmac.compare_digest(cookie, self.signed(cookie.partition(".")[0]))

    def _derived(self, purpose: str, session: str) -> str:
        return hmac.new(self._secret, f"{purpose} {session}".encode(), hashlib.sha256).hexdigest()


class Guard:
    """Lets requests through that may be answered, and adds the headers to each answer.

    In order: the name in the address is ours (a page of another name that was led to this machine
    gets nothing); the token, where the studio is reached from elsewhere; a change comes from no
    other origin; and, from a browser, with its session's CSRF token.
    """

    def __init__(self, app: ASGIApp, settings: StudioSettings, keys: Keys) -> None:
        self.app, self._settings, self._keys = app, settings, keys
        own = LOOPBACK if is_loopback(settings.host) else frozenset((socket.gethostname(),))
        self._names = {*settings.hosts, settings.host, *own}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookie = cookie_parser(headers.get("cookie", "")).get(SESSION, "")
        session = cookie or secrets.token_urlsafe(32)
        scope.setdefault("state", {})["csrf"] = self._keys.csrf(session)
        scope["state"]["session"] = session
        scope["state"]["csrf_checked"] = False
        answer = self._adding(send, None if cookie else session, scope["path"])
        try:
            self._check(scope, headers, cookie)
        except UnauthorizedError as error:
            by_person = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
            refusal = RedirectResponse("/login", 303) if by_person else _problem(error)
            await refusal(scope, receive, answer)
            return
        except StudioError as error:
            await _problem(error)(scope, receive, answer)
            return
        await self.app(scope, receive, answer)

    def _check(self, scope: Scope, headers: Headers, cookie: str) -> None:
        if _host(headers.get("host", "")) not in self._names:
            raise MisdirectedError("this server goes by other names: studio.hosts lists them")
        self._authenticate(scope, headers, cookie)
        if scope["method"] in SAFE:
            return
        self._check_origin(headers)
        given, wanted = headers.get(CSRF_HEADER), scope["state"]["csrf"]
        right = given is not None and bool(cookie) and hmac.compare_digest(given, wanted)
        scope["state"]["csrf_checked"] = right
        by_browser = bool(cookie) and not headers.get("authorization")
        if scope["path"].startswith(API) and by_browser and not right:
            raise ForbiddenError(f"a browser's request needs its page's {CSRF_HEADER}")

    def _authenticate(self, scope: Scope, headers: Headers, cookie: str) -> None:
        token = self._settings.token
        if token is None or scope["path"].startswith("/static/") or scope["path"] == "/login":
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        shown = kind.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
        if not (shown or self._keys.is_signed(cookie)):
            raise UnauthorizedError("show the token: `Authorization: Bearer TOKEN`, or at /login")

    def _check_origin(self, headers: Headers) -> None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = headers.get("host", "")
        foreign = origin is not None and urlsplit(origin).netloc != own
        if foreign or site not in (None, "same-origin", "none"):
            raise ForbiddenError("a page of another address may change nothing here")

    def _adding(self, send: Send, session: str | None, path: str) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if not path.startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
                if session is not None and not path.startswith((API, "/static/")):
                    headers.append("set-cookie", cookie_of(session))
            await send(message)

        return answer


def _problem(error: StudioError) -> Response:
    return problem_response(error.status, str(error))


def cookie_of(session: str) -> str:
    """The header that gives a browser its session."""
    return f"{SESSION}={session}; Path=/; HttpOnly; SameSite=Strict"


async def check_csrf(request: Request) -> None:
    """Make sure that a form carries the token of its page; for every route but the API's.

    Raises:
        ForbiddenError: It does not.
    """
    if request.method in SAFE or request.state.csrf_checked:
        return
    given = (await request.form()).get(CSRF_FIELD)
    if not (isinstance(given, str) and hmac.compare_digest(given, request.state.csrf)):
        raise ForbiddenError("this page is too old, or not ours: load it anew and try again")


def _host(header: str) -> str:
    """The name in a Host header, without the port.

    >>> _host("localhost:8080"), _host("[::1]:8080"), _host("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
