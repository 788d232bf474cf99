"""A message that the next page shows once: its code travels in a cookie, its words stay here."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from facsimile.data.description import NAME

COOKIE = "studio_message"
_WORDS = {
    "created": ("good", "{name} is saved: use it as data={name}.", False),
    "saved": ("good", "{name} is saved.", False),
    "deleted": ("calm", "{name} is deleted.", True),
    "undone": ("good", "{name} is back.", False),
    "started": ("calm", "The work on {name} has begun.", False),
    "busy": (
        "warn",
        "Nothing was begun: something is being done with {name} already, or it cannot be used.",
        False,
    ),
    "cancelled": ("calm", "The work on {name} is cancelled.", False),
    "gone": ("bad", "{name} cannot be brought back: another one has its name by now.", False),
}


@dataclass(frozen=True)
class Message:
    """What was done; `undo` names the data set whose deletion may be taken back."""

    tone: str
    text: str
    undo: str = ""


def then(place: str, code: str, name: str) -> RedirectResponse:
    """Go to another page, which says what was done."""
    answer = RedirectResponse(place, status_code=303)
    answer.set_cookie(COOKIE, f"{code}.{name}", max_age=60, httponly=True, samesite="strict")
    return answer


def message(request: Request) -> Message | None:
    """The message that is due; a cookie that nobody here wrote has none."""
    code, _, name = request.cookies.get(COOKIE, "").partition(".")
    if code not in _WORDS or not re.match(NAME, name):
        return None
    tone, words, undo = _WORDS[code]
    return Message(tone, words.format(name=name), name if undo else "")


def shown(answer: Response) -> None:
    """Take the message away once it was shown."""
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
