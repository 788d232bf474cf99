"""Why no configuration can be composed of what was given, and what was probably meant."""

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from facsimile.errors import UserError
from facsimile.pipelines.explain import with_cause
from facsimile.pipelines.overrides import choices, groups

#: What Hydra raises where it cannot compose.
REFUSALS = (HydraException, OmegaConfBaseException, ValueError, YAMLError)


def main_conf() -> Path:
    """The folder of the configuration that this command was composed from."""
    sources = HydraConfig.get().runtime.config_sources
    return Path(next(one.path for one in sources if one.provider == "main"))


def refusal(error: Exception, arguments: Sequence[str], conf: Path) -> UserError:
    """Return the error that tells people what was wrong and what to write.

    Args:
        error: One of `REFUSALS`.
        arguments: Those that were given.
        conf: The folder of the configuration.
    """
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return UserError(_no_choice(error.missing_cfg_file, conf))
    if isinstance(error, OverrideParseException):
        return UserError(
            f"cannot read {error.override}: {error.message.splitlines()[0]}; a text with commas, "
            "brackets or spaces goes into quotes of its own: 'KEY=\"a text\"'"
        )
    if several := re.match(r"Ambiguous value for argument '(.+)'", str(error)):
        return UserError(
            f"{several[1]}: for a sweep over these values add -m; a list is KEY=[a,b], and a text "
            "with commas goes into quotes of its own: 'KEY=\"a, b\"'"
        )
    if search := re.match(r"Sweep parameters '(.+)' requires --multirun", str(error)):
        return UserError(
            f"{search[1]}: values to search need sweep=optuna, and values to try one by one -m"
        )
    if unknown := re.match(r"Could not override '([^']+)'", str(error)):
        return UserError(_no_setting(unknown[1], arguments, conf))
    if isinstance(error, HydraException | OmegaConfBaseException):
        return UserError(with_cause(error))
    return UserError(f"the configuration cannot be composed: {error}")


def _no_choice(file: str, conf: Path) -> str:
    group, _, name = file.rpartition("/")
    known = choices(group, conf)
    meant = "".join(f"did you mean {group}={one}? " for one in _near(name, known))
    return f"there is no {group}={name}: {meant}choose one of {', '.join(known)}"


def _no_setting(key: str, arguments: Sequence[str], conf: Path) -> str:
    group = key.partition(".")[0]
    known = list(_known(arguments, conf))
    if group in groups(conf) and group not in known:
        return f"there is no {key} yet: choose experiment=NAME, or {group}=NAME, as well"
    value = next((one.partition("=")[2] for one in arguments if one.startswith(f"{key}=")), "VALUE")
    meant = "".join(f"did you mean {one}={value}?" for one in _near(key, known))
    return f"there is no setting {key}: {meant or '`--cfg job` behind the command shows them all'}"


def _near(name: str, known: Sequence[str]) -> list[str]:
    """The one of the names that was probably meant, if any; the sections above may be left out."""
    deep = sorted(known, key=lambda one: -one.count("."))  # the last, and least deep, counts
    below = {one.rpartition(".")[2]: one for one in deep} if "." not in name else {}
    every = below | {one: one for one in known}
    return [every[one] for one in difflib.get_close_matches(name, every, n=1, cutoff=0.75)]


def _known(arguments: Sequence[str], conf: Path) -> Iterator[str]:
    """Every setting that there is with these choices of groups."""
    chosen = [one for one in arguments if (conf / one.partition("=")[0].partition("@")[0]).is_dir()]
    single = [one for one in chosen if "," not in one]  # of a sweep, any job would do
    with initialize_config_dir(str(conf), version_base="1.3"):
        yield from _settings(OmegaConf.to_container(compose("config", single)))


def _settings(node: Any, above: str = "") -> Iterator[str]:
    for key, value in node.items() if isinstance(node, dict) else ():
        yield f"{above}{key}"
        yield from _settings(value, f"{above}{key}.")
