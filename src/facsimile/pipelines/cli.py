"""The command line: `facsimile COMMAND [hydra overrides]`, one command a pipeline module."""

from __future__ import annotations

import ast
import difflib
import importlib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig

ROOT = Path(__file__).resolve().parents[3]
TEXT_KEYS = (
    *("name", "input", "output", "checkpoint", "consent"),
    *("data.root", "subject", "data.pattern", "data.table"),
)
USAGE = "usage: facsimile COMMAND [hydra overrides]"


def commands() -> dict[str, str]:
    """Name and one-line help of every command, read from the modules without importing them."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found[path.stem.replace("_", "-")] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def overview() -> str:
    """The text of `facsimile --help`."""
    rows = [f"  {name:<10} {text}" for name, text in commands().items()]
    hints = [
        "facsimile COMMAND --help      the configuration groups and how to override them",
        "facsimile COMMAND --cfg job   the composed configuration",
        "facsimile train -m key=a,b    a sweep",
        "FACSIMILE_DEBUG=1             in the environment: errors with their traceback",
    ]
    return "\n".join([USAGE, "", "commands:", *rows, "", *hints])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 2 for bad input, told without a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if arguments[0] == "--version":
        return _print_version()
    command, *overrides = arguments
    if command not in commands():
        return _complain(_unknown(command))
    try:
        _compose_and_run(command, overrides)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    except Exception as error:
        return _complain(_explain(error))
    return 0


def console() -> NoReturn:
    """The entry point of the console script."""
    sys.exit(main())


def _print_version() -> int:
    from importlib.metadata import version

    print(f"facsimile {version('facsimile')}")
    return 0


def _unknown(command: str) -> str:
    close = difflib.get_close_matches(command, commands(), n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`facsimile --help` lists them."
    return f"there is no command `{command}`: {hint}"


def _compose_and_run(command: str, overrides: list[str]) -> None:
    conf = _conf()
    _prepare_environment(command, conf)
    _check_groups(overrides, conf)
    import hydra
    from yaml import YAMLError

    errors: list[Exception] = []
    given = sys.argv

    def task(cfg: DictConfig) -> None:
        sys.argv = given  # Lightning starts its other processes with them
        # kept from Hydra, which would print it its own way; a sweep's other jobs go on
        try:
            _run(command, cfg)
        except Exception as error:
            errors.append(error)

    try:
        sys.argv = [f"facsimile {command}", *sorted(map(_quoted, overrides), key=_is_override)]
        hydra.main(version_base="1.3", config_path=str(conf), config_name="config")(task)()
    except (ValueError, YAMLError) as refusal:  # of composing: the task's own are kept above
        raise UserError(f"the configuration cannot be composed: {refusal}") from refusal
    finally:
        sys.argv = given
    for error in errors[1:]:
        _complain(_explain(error))
    if errors:
        raise errors[0]


def _run(command: str, cfg: DictConfig) -> None:
    from hydra.core.hydra_config import HydraConfig

    from facsimile.pipelines.limits import check_devices, check_limits, check_types

    check_types(cfg, HydraConfig.get().overrides.task)
    check_limits(cfg)
    if command == "train":
        check_devices(cfg)
    importlib.import_module(f"facsimile.pipelines.{command.replace('-', '_')}").run(cfg)


def _conf() -> Path:
    """The current folder's configuration where it is a checkout, else that of this source tree."""
    here = Path("conf").absolute()
    return here if (here / "config.yaml").is_file() else ROOT / "conf"


def _check_groups(overrides: list[str], conf: Path) -> None:
    """Refuse a group without a choice, which Hydra refuses without a name."""
    for override in overrides:
        key, _, value = override.partition("=")
        group = key.partition("@")[0]
        is_null = "=" in override and {"", "null"} & set(value.split(","))
        if is_null and (conf / group).is_dir():
            choices = ", ".join(sorted(path.stem for path in (conf / group).glob("*.yaml")))
            raise UserError(f"{override}: leave it out, or choose one of {choices}")


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


def _prepare_environment(command: str, conf: Path) -> None:
    os.environ["FACSIMILE_COMMAND"] = command
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # exceptions reach `main`, which words them
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    os.environ.setdefault("FACSIMILE_LOCAL", str(conf / "local"))
    if conf.parent != Path.cwd():
        os.environ.setdefault("FACSIMILE_ROOT", str(ROOT))


def _complain(message: str) -> int:
    print("facsimile:", *map(str.strip, message.splitlines()), file=sys.stderr)
    return 2


def _explain(error: Exception) -> str:
    """The message of a mistake in the input; anything else is a bug, raised with its traceback."""
    from hydra.errors import HydraException, InstantiationException
    from omegaconf.errors import OmegaConfBaseException

    if os.environ.get("FACSIMILE_DEBUG"):
        raise error
    if isinstance(error, InstantiationException):
        return _explain_instantiation(error)
    if isinstance(error, UserError | HydraException | OmegaConfBaseException):
        return _with_cause(error)
    if isinstance(error, OSError) and error.filename is not None:
        return _explain_file(error)
    if _is_misconfigured(error):
        return str(error)
    raise error


def _explain_instantiation(error: Exception) -> str:
    """A constructor's refusal of a configured value; what is not about a value stays a bug."""
    from omegaconf.errors import OmegaConfBaseException

    cause = error.__cause__
    if isinstance(cause, UserError):
        return str(cause)
    if isinstance(cause, OSError) and cause.filename is not None:
        return _explain_file(cause)
    refusals = (ValueError, TypeError, RuntimeError, OmegaConfBaseException)
    if cause is None or isinstance(cause, refusals) or _is_misconfigured(cause):
        key = str(error).rpartition("full_key: ")[2] if "full_key" in str(error) else "a component"
        return f"{key} cannot be built: {cause or error}"
    raise error


def _is_misconfigured(error: BaseException) -> bool:
    # by its name: to import Lightning takes longer than most commands
    return type(error).__name__ == "MisconfigurationException"


def _explain_file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}; give another path, or look at what is there"


def _with_cause(error: Exception) -> str:
    cause = error.__cause__
    text = str(error).strip()
    # Hydra's composition errors keep the reason (which key is wrong) in their cause
    if cause is not None and not isinstance(error, UserError) and str(cause) not in text:
        text = f"{text}; {str(cause).strip()}"
    # where Hydra looked and what it calls its nodes helps nobody to mend the command
    return re.split(r"\s+(?:Config search path:|See https:|object_type=)", text)[0]
