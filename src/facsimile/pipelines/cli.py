"""The command line: `facsimile COMMAND [hydra overrides]`, one command a pipeline module."""

from __future__ import annotations

import ast
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from facsimile.pipelines.explain import explain

if TYPE_CHECKING:
    from omegaconf import DictConfig

ROOT = Path(__file__).resolve().parents[3]
USAGE = "usage: facsimile COMMAND [hydra overrides]"


def commands() -> dict[str, str]:
    """Name and one-line help of every command, read from the modules without importing them."""
    paths = sorted(Path(__file__).parent.glob("*.py"))
    helps = {path.stem.replace("_", "-"): _help(path) for path in paths}
    return {name: line for name, line in helps.items() if line is not None}


def _help(path: Path) -> str | None:
    """The first line that a module says of itself; None if it is no command."""
    if not path.is_file():
        return None
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
        return (ast.get_docstring(tree) or "").partition("\n")[0]
    return None


def _is_command(name: str) -> bool:
    module = Path(__file__).with_name(f"{name.replace('-', '_')}.py")
    return name.replace("-", "").isalpha() and _help(module) is not None


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
    command, *given = arguments
    if not _is_command(command):
        return _complain(_unknown(command))
    try:
        failures = _compose_and_run(command, given)
    except (KeyboardInterrupt, SystemExit) as ended:
        return _stopped(ended)
    except Exception as error:
        return _complain(explain(error))
    return max(map(_complain, failures), default=0)


def console() -> NoReturn:
    """The entry point of the console script."""
    sys.exit(main())


def _stopped(ended: KeyboardInterrupt | SystemExit) -> int:
    """The exit code of what Ctrl-C or SIGTERM ended; Lightning's are 1 and 0.

    Raises:
        SystemExit: It was another's.
    """
    if isinstance(ended, KeyboardInterrupt) or isinstance(ended.__context__, KeyboardInterrupt):
        code = 130
    elif type(ended).__name__ == "SIGTERMException":
        code = 143
    else:
        raise ended
    print("stopped; the same command goes on from here", file=sys.stderr)
    return code


def _print_version() -> int:
    from importlib.metadata import version

    print(f"facsimile {version('facsimile')}")
    return 0


def _unknown(command: str) -> str:
    close = difflib.get_close_matches(command, commands(), n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`facsimile --help` lists them."
    return f"there is no command `{command}`: {hint}"


def _compose_and_run(command: str, arguments: list[str]) -> list[str]:
    """Run the command; returns a line for each job of a sweep that failed."""
    conf = _conf()
    _prepare_environment(command, conf)
    import hydra
    from hydra.core.hydra_config import HydraConfig

    from facsimile.pipelines.composing import REFUSALS, refusal
    from facsimile.pipelines.jobs import complaints
    from facsimile.pipelines.overrides import arranged

    given = sys.argv
    task = _Task(command, given)
    try:
        sys.argv = [f"facsimile {command}", *arranged(arguments, conf)]
        hydra.main(version_base="1.3", config_path=str(conf), config_name="config")(task)()
        failures = complaints()
    except REFUSALS as refused:  # by composing: the task's own are kept above
        raise refusal(refused, arguments, conf) from refused
    finally:
        sys.argv = given
        HydraConfig.instance().cfg = None  # of a sweep, the next command would count as its job
    for error in task.errors:
        raise error
    return failures


class _Task:
    """What Hydra is given to do: one that other processes can be sent too."""

    def __init__(self, command: str, argv: list[str]) -> None:
        self.command, self.argv = command, argv
        self.errors: list[Exception] = []  # kept from Hydra, which would print them its own way

    def __call__(self, cfg: DictConfig) -> None:
        from facsimile.pipelines.jobs import do_job, in_sweep

        sys.argv = self.argv  # Lightning starts its other processes with them
        if in_sweep():
            do_job(self.command, partial(_run, self.command), cfg)
            return
        try:
            _run(self.command, cfg)
        except Exception as error:
            self.errors.append(error)


def _run(command: str, cfg: DictConfig) -> None:
    from hydra.core.hydra_config import HydraConfig

    from facsimile.pipelines.described import check_data
    from facsimile.pipelines.devices import check_devices
    from facsimile.pipelines.limits import check_limits
    from facsimile.pipelines.mask_choice import check_mask
    from facsimile.pipelines.override_types import check_types
    from facsimile.pipelines.places import check_output

    check_types(cfg, HydraConfig.get().overrides.task)
    check_limits(cfg)
    check_mask(cfg)
    check_data(cfg)
    check_output(cfg)
    if command == "train":
        check_devices(cfg)
    importlib.import_module(f"facsimile.pipelines.{command.replace('-', '_')}").run(cfg)


def _conf() -> Path:
    """The current folder's configuration where it is a checkout, else that of this source tree."""
    here = Path("conf").absolute()
    return here if (here / "config.yaml").is_file() else ROOT / "conf"


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
