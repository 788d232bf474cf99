"""No request has more bytes than are taken, whatever it says of itself."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facsimile.studio.problems import problem_response
from facsimile.studio.settings import Limits

_FILES = "multipart/form-data"


class Bounds:
    """Refuses a request as soon as it is too long: before it is read, where it says its length."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its bytes counted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with_files = headers.get("content-type", "").lower().startswith(_FILES)
        limit = self._limits.upload if with_files else self._limits.request
        claimed = headers.get("content-length", "")
        if claimed.isdecimal() and int(claimed) > limit:
            await problem_response(413, f"more than {limit} bytes")(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"more than {limit} bytes")
        return message

    return counted
