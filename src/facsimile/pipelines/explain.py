"""An error in words for the one who gave the command; what is a bug keeps its traceback."""

import os
import re

from facsimile.errors import UserError


def explain(error: Exception) -> str:
    """Return the message of a mistake in the input; anything else is a bug, and raised again."""
    from hydra.errors import HydraException, InstantiationException
    from omegaconf.errors import OmegaConfBaseException

    if os.environ.get("FACSIMILE_DEBUG"):
        raise error
    if isinstance(error, UserError):
        return str(error).strip()
    if isinstance(error, InstantiationException):
        return _instantiation(error)
    if isinstance(error, HydraException | OmegaConfBaseException):
        return with_cause(error)
    if isinstance(error, OSError) and error.filename is not None:
        return _file(error)
    if _is_misconfigured(error):
        return str(error)
    raise error


def with_cause(error: Exception) -> str:
    """Return what Hydra or OmegaConf say, without where they looked and what they call nodes."""
    cause = error.__cause__
    text = str(error).strip()
    # Hydra's composition errors keep the reason (which key is wrong) in their cause
    if cause is not None and str(cause) not in text:
        text = f"{text}; {str(cause).strip()}"
    return re.split(r"\s+(?:Config search path:|See https:|object_type=)", text)[0]


def _instantiation(error: Exception) -> str:
    """A constructor's refusal of a configured value; what is not about a value stays a bug."""
    from omegaconf.errors import OmegaConfBaseException

    cause = error.__cause__
    if isinstance(cause, UserError):
        return str(cause)
    if isinstance(cause, OSError) and cause.filename is not None:
        return _file(cause)
    refusals = (ValueError, TypeError, RuntimeError, OmegaConfBaseException)
    if cause is None or isinstance(cause, refusals) or _is_misconfigured(cause):
        key = str(error).rpartition("full_key: ")[2] if "full_key" in str(error) else "a component"
        return f"{key} cannot be built: {cause or error}"
    raise error


def _is_misconfigured(error: BaseException) -> bool:
    # by its name: to import Lightning takes longer than most commands
    return type(error).__name__ == "MisconfigurationException"


def _file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}; give another path, or look at what is there"
