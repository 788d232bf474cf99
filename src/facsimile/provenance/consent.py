"""Consent: faces of people are used only with a statement of why that is right."""

from pathlib import Path

from facsimile.errors import UserError


def require_consent(consent: str | None, described: bool, path: Path | str) -> None:
    """Let described data pass, and other input only with a statement in words.

    Args:
        consent: the user's statement, if any.
        described: whether a data config with source, licence and consent describes the input.
        path: the input, for the message.

    Raises:
        UserError: there is neither; it says what to write.

    >>> require_consent("my own face, recorded for this test", described=False, path="me.mp4")
    """
    if described or (consent and consent.strip()):
        return
    raise UserError(
        f"{path} is described by no data config, so say on what ground the people in it are shown: "
        'consent="who agreed to what, or why none is needed". It is written into the results. '
        "For a data set, describe source, licence and consent in conf/local/data/NAME.yaml and "
        "give data=NAME."
    )
