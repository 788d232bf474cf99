"""Restore a picture, a video or a folder of them with a trained net (checkpoint=, input=)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.places import given_input

if TYPE_CHECKING:
    from omegaconf import DictConfig

CHOICES = {
    "area": ("picture", "faces"),
    "precision": ("float32", "bfloat16"),
    "codec": ("h264", "hevc", "ffv1"),
}


def run(cfg: DictConfig) -> None:
    """Write what `checkpoint=` makes of `input=` to `output=`, a file or a folder.

    Raises:
        UserError: A setting or path cannot be, a file cannot be read or written, or of a folder
            none can.
    """
    from facsimile.pipelines.enhance_folder import enhance_folder
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.enhance_work import restoration

    source, output = _checked(cfg)
    work = restoration(cfg)
    with EnhanceProgress() as progress:
        if source.is_dir():
            told = enhance_folder(work, source, output, progress)
        else:
            told = work.file(source, output, progress)
    print(f"{output}: {told}")


def _checked(cfg: DictConfig) -> tuple[Path, Path]:
    """Input and output, or what is wrong with the settings."""
    for key, choices in CHOICES.items():
        if cfg.enhance[key] not in choices:
            raise UserError(f"enhance.{key}={cfg.enhance[key]} must be {' or '.join(choices)}")
    if cfg.checkpoint is None:
        raise UserError("say what restores: checkpoint=FILE.ckpt")
    source = given_input(cfg)
    if cfg.output is None:
        raise UserError("say where the result goes: output=FILE or output=FOLDER")
    output = Path(cfg.output)
    if output.exists() and output.samefile(source):
        raise UserError(f"output={output} is the input: choose another name")
    return source, output
