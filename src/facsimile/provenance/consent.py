"""Consent: faces of people are used only with a statement of why that is right."""

from collections.abc import Mapping
from pathlib import Path

from facsimile.errors import UserError

NAMED = 6  # of those who lack a statement; a data set may have thousands


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


def require_stated(consent: str | None, path: Path | str) -> None:
    """Let a model pass whose file, or user, states why the people in it may be shown.

    Raises:
        UserError: Nobody does; it says what to write.
    """
    if not (consent and consent.strip()):
        raise UserError(
            f"{path} does not state on what ground the face that it brings is used, so say it: "
            'consent="who agreed to what, or why none is needed". It is written into the results.'
        )


def require_described(data: str, subjects: Mapping[str, Mapping[str, str | None]]) -> None:
    """Let a data set be learnt from whose config states licence and consent for each subject.

    Args:
        data: The data set's name, for the message.
        subjects: For each, its `licence` and `consent` as the config states them; where people are
            not told apart, those of the data set under its own name.

    Raises:
        UserError: One lacks; it says what to write.

    >>> require_described("mine", {"me": {"licence": "my own", "consent": "I am shown"}})
    """
    lacking = [
        f"{key} of {subject}"
        for subject, stated in subjects.items()
        for key in ("licence", "consent")
        if not (stated.get(key) or "").strip()
    ]
    if lacking:
        more = f" and of {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
        raise UserError(
            f"data={data} does not state the {', the '.join(lacking[:NAMED])}{more}: nobody's face "
            "is learned without. Write it below licence: and consent: (or sources.SUBJECT.licence "
            f"and .consent) of conf/local/data/{data}.yaml, or of data=folder give "
            'consent="who agreed to what"'
        )
