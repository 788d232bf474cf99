"""What the states are called on the pages, and how they look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownState:
    """Words, a tone (good, warn, bad, calm), and a sentence that explains them."""

    words: str
    tone: str
    meaning: str


_STATES = {
    "new": ShownState("not checked", "calm", "Nobody has looked at its files yet."),
    "waiting": ShownState("waiting", "calm", "Its turn comes."),
    "fetching": ShownState("fetching", "calm", "The address is being fetched."),
    "checking": ShownState("checking", "calm", "Its files are being looked at."),
    "ready": ShownState("ready", "good", "Its files were checked, and nothing is wrong."),
    "problems": ShownState("problems", "warn", "The check found something: see below."),
    "changed": ShownState("changed", "warn", "It was changed since it was checked."),
    "invalid": ShownState("cannot be used", "bad", "Its file does not say what it has to."),
}


def shown_state(state: str) -> ShownState:
    """How a state of a data set is shown."""
    return _STATES[state]
