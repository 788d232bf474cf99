"""What the studio refuses, with the status of the answer."""

from collections.abc import Sequence

from facsimile.errors import UserError

#: Field, empty for the whole, and what is wrong with it.
Wrong = tuple[str, str]


class StudioError(UserError):
    """Something that was asked for cannot be; `status` is HTTP's, `wrong` names the fields."""

    status = 400

    def __init__(self, message: str, wrong: Sequence[Wrong] = ()) -> None:
        super().__init__(message)
        self.wrong = tuple(wrong)


class NotFoundError(StudioError):
    """There is no such thing."""

    status = 404


class TakenError(StudioError):
    """Something of this name, or another job, is there already."""

    status = 409


class StaleError(StudioError):
    """It was changed by somebody else in between."""

    status = 412


class TooLargeError(StudioError):
    """It has more bytes, pixels or files than are taken."""

    status = 413


class UnsupportedError(StudioError):
    """It is of a kind that is not taken."""

    status = 415


class RefusedError(StudioError):
    """A field, or what was sent, cannot be."""

    status = 422
