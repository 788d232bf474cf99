"""What people write behind a command: put in order for Hydra, or refused in words."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override

from facsimile.errors import UserError
from facsimile.pipelines.sweep import check_files
from facsimile.pipelines.version import DESCRIPTIONS

TEXT_KEYS = (
    *("name", "input", "output", "checkpoint", "init", "consent", "reference", "distorted"),
    *("render.preview", "render.label"),
    *("data.root", "subject", "data.pattern", "data.table", "data.decisions"),
)
# options that only change how the configuration is found or shown
NO_TASK = ("package", "config_path", "config_name", "config_dir", "resolve", "experimental_rerun")
# what gives a word or a setting that is there; other resolvers can make sections out of words
INTERPOLATION = re.compile(r"\$\{(?:[\w.]+|(?:hydra|now|oc\.env):[^${}]*)\}")


def arranged(arguments: Sequence[str], conf: Path) -> list[str]:
    """Return the arguments as Hydra takes them: options first, paths and sentences in quotes.

    Args:
        arguments: As they were given.
        conf: The folder of the configuration, whose groups they may choose from.

    Raises:
        UserError: an argument is none of Hydra's options and no KEY=VALUE; a group is without a
            choice; it would change which code is built or what a data set says of itself; or the
            jobs of a sweep would write one file.
    """
    ordered = sorted(map(_quoted, arguments), key=_is_override)
    options, settings = _parsed(ordered, conf)
    _check_groups(settings, conf)
    overrides = OverridesParser.create().parse_overrides(settings)
    for override in overrides:
        _check_meaning(override)
    if options.multirun or "hydra.mode=MULTIRUN" in settings:
        check_files(overrides)
    # or Hydra would say of any mistake beside a range that this wants --multirun
    searches = any(one.startswith("sweep=") and one != "sweep=grid" for one in settings)
    return ["--multirun", *ordered] if searches and not _asks_else(options) else ordered


def _asks_else(options: argparse.Namespace) -> bool:
    """Whether Hydra is asked to do something by its options, be it to show the configuration."""
    known = vars(options).items()
    return any(value for name, value in known if name not in ("overrides", *NO_TASK))


def groups(conf: Path) -> list[str]:
    """The names of the configuration's groups, recipes and data sets first."""
    names = sorted(path.name for path in conf.iterdir() if path.is_dir() and path.name != "local")
    return ["experiment", "data", *(name for name in names if name not in ("experiment", "data"))]


def choices(group: str, conf: Path) -> list[str]:
    """What a group can be, what this machine adds included."""
    places = (conf / group, conf / "local" / group)
    return sorted({path.stem for place in places for path in place.glob("*.yaml")})


def _parsed(ordered: Sequence[str], conf: Path) -> tuple[argparse.Namespace, list[str]]:
    """Hydra's options, and the settings among the arguments."""
    parser = get_args_parser()
    parser.allow_abbrev = False  # or --experiment were --experimental-rerun
    parser.exit_on_error = False
    try:
        options, more = parser.parse_known_args(ordered)
    except argparse.ArgumentError as error:
        raise UserError(f"{error}; `facsimile COMMAND --help` lists the options") from error
    for place, argument in enumerate(ordered):
        if argument in more and argument.startswith("-"):
            raise UserError(_no_option(argument, ordered[place + 1 :], parser, conf))
    settings = [*options.overrides, *more]
    for setting in settings:
        if "=" not in setting and not setting.startswith("~"):
            raise UserError(_no_setting(setting, conf))
    return options, settings


def _no_option(
    argument: str, behind: Sequence[str], parser: argparse.ArgumentParser, conf: Path
) -> str:
    name, equals, value = argument.lstrip("-").partition("=")
    known = [one.replace("_", "-") for one in vars(parser.parse_args([])) if one != "overrides"]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if close and name not in groups(conf):
        return f"there is no option {argument}: did you mean --{close[0]}?"
    follows = behind and not _is_override(behind[0]) and behind[0][0] != "-"
    value = value if equals else behind[0] if follows else "VALUE"
    return (
        f"there is no option --{name}: settings are written without dashes; "
        f"did you mean {name}={value}?"
    )


def _no_setting(argument: str, conf: Path) -> str:
    path = Path(argument)
    if path.exists() or "/" in argument or re.fullmatch(r"\.[A-Za-z]\w{1,4}", path.suffix):
        key = "checkpoint" if path.suffix == ".ckpt" else "input"
        return f"`{argument}` is not KEY=VALUE: did you mean {key}={argument}?"
    for group in groups(conf):
        if argument in choices(group, conf):
            return f"`{argument}` is not KEY=VALUE: did you mean {group}={argument}?"
    if not re.fullmatch(r"[A-Za-z_+][\w./+]*", argument):
        return f"`{argument}` is not KEY=VALUE: a value with spaces goes into quotes"
    return f"`{argument}` is not KEY=VALUE: did you mean {argument}=VALUE?"


def _check_groups(settings: Sequence[str], conf: Path) -> None:
    """Refuse a group without a choice, which Hydra refuses without a name."""
    for setting in settings:
        key, _, value = setting.partition("=")
        group = key.partition("@")[0]
        is_null = "=" in setting and {"", "null"} & set(value.split(","))
        if is_null and (conf / group).is_dir():
            known = ", ".join(choices(group, conf))
            raise UserError(f"{setting}: leave it out, or choose one of {known}")


def _check_meaning(override: Override) -> None:
    """Refuse what decides which code is built, and on what ground people are shown."""
    given, value = override.input_line or "", override.value()
    parts = [key.split(".") for key in _keys(value, override.key_or_group)]
    if any("_target_" in one for one in parts):
        raise UserError(
            f"{given}: which code is built is not for the command line; write a component's file "
            "below conf/local/ and choose it by its group, as model=NAME"
        )
    if any(one[0] == "data" and {*one[1:2]} & {*DESCRIPTIONS} for one in parts):
        raise UserError(
            f"{given}: what a data set says of itself stands in its file; describe yours in "
            'conf/local/data/NAME.yaml, or give data=folder consent="who agreed to what"'
        )
    if _replaces_data(override):
        raise UserError(f"{given}: choose a data set whole, by data=NAME")
    if "${" in INTERPOLATION.sub("", given):
        raise UserError(
            f"{given}: on the command line there is ${{KEY}}, ${{hydra:KEY}}, ${{now:FORMAT}} and "
            "${oc.env:NAME} only"
        )


def _replaces_data(override: Override) -> bool:
    """Whether another data set's listing would come under the description of this one."""
    package = override.package or ""
    return override.key_or_group == "data.dataset" or package.partition(".")[0] == "data"


def _keys(value: Any, above: str) -> Iterator[str]:
    """A setting, and the settings below it that its value has."""
    yield above
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _keys(part, f"{above}.{key}")
    for part in value.list if isinstance(value, ChoiceSweep) else ():
        yield from _keys(part, above)
    for part in value if isinstance(value, list) else ():
        yield from _keys(part, above)


def _is_override(argument: str) -> bool:
    """Whether it has to stand behind the options: Hydra's parser takes no mixture.

    >>> sorted(["experiment=swap_df", "-m", "seed=1,2"], key=_is_override)
    ['-m', 'experiment=swap_df', 'seed=1,2']
    """
    return argument[:1] == "~" or ("=" in argument and argument[:1] != "-")


def _quoted(override: str) -> str:
    """A path or sentence in quotes, so that Hydra's grammar does not look into it.

    >>> _quoted("input=/tmp/Müller, 2.mp4"), _quoted("seed=3"), _quoted("input='a b'")
    ('input="/tmp/Müller, 2.mp4"', 'seed=3', "input='a b'")
    """
    key, equals, value = override.partition("=")
    if key not in TEXT_KEYS or not equals or value in ("", "null") or value[0] in "'\"":
        return override
    escaped = value.replace("\\", "\\\\") if value.endswith("\\") else value
    return f'{key}="{escaped.replace(chr(34), chr(92) + chr(34))}"'
