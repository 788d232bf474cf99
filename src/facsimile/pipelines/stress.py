"""Put clips under the conditions of a music video: a data set's held-out ones, or one of yours."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder, sha256
from facsimile.pipelines.held_out import held_out_clip, held_out_segment, read_split
from facsimile.pipelines.places import output_folder
from facsimile.pipelines.stated import joined, target_ground
from facsimile.pipelines.stress_clip import table_of, write_clip
from facsimile.pipelines.target_person import listed
from facsimile.pipelines.work_folder import work_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.data.stress import Stress
    from facsimile.data.stress_cuts import Source
    from facsimile.media.progress import FrameProgress

CLIPS, FRAMES, TOLD = "clips", "frames", "stress.yaml"
_MADE = Made((TOLD,), (CLIPS, FRAMES))
_PACKAGE = Path(__file__).resolve().parents[1]
_CODE = ("degradations/**/*.py", "data/stress*.py", "media/*.py", "pipelines/stress*.py")


def run(cfg: DictConfig) -> None:
    """Stress `input=` into `output=`, or without an input the data set's held-out clips.

    Raises:
        UserError: No condition is chosen, a path cannot be, a clip cannot be read, or nothing is
            stated of its person.
    """
    from hydra.utils import instantiate

    from facsimile.media.progress import FrameProgress

    if cfg.get("stress") is None:
        raise UserError("say which condition: stress=NAME; conf/stress/ holds them")
    stress: Stress = instantiate(cfg.stress)
    with FrameProgress() as progress:
        make = _held_out_clips if cfg.input is None else _one_clip
        told = make(cfg, stress, progress)
    print(told)


def stressed_folder(cfg: DictConfig, name: str) -> Path:
    """Where a condition's clips of the data set lie."""
    return Path(cfg.paths.data, "stressed", cfg.data.name, name)


def _one_clip(cfg: DictConfig, stress: Stress, progress: FrameProgress) -> str:
    """One clip of the user's, and beside it the table of its frames."""
    from facsimile.data.stress_cuts import Source

    path, output = _checked_paths(cfg)
    clip = listed(cfg, path)
    subject = clip.subject if clip else ""
    ground = target_ground(cfg, path, subject or None, listed=clip is not None)
    sources = [Source(clip.clip if clip else path.stem, subject, path)]
    count = write_clip(stress, sources, int(cfg.seed), ground, output, progress)
    return f"{output}: {count} frames; {table_of(output)} tells what each shows"


def _checked_paths(cfg: DictConfig) -> tuple[Path, Path]:
    source = Path(cfg.input)
    if not source.is_file():
        raise UserError(f"there is no video {source}: give input=FILE")
    if cfg.output is None:
        raise UserError("say where the result goes: output=FILE.mp4")
    output = Path(cfg.output)
    if output.suffix.lower() != ".mp4":
        raise UserError(f"output={output} must end in .mp4: only that carries the signature")
    if output.exists() and output.samefile(source):
        raise UserError(f"output={output} is the input: choose another name")
    return source, output


def _held_out_clips(cfg: DictConfig, stress: Stress, progress: FrameProgress) -> str:
    """Every held-out clip, going on where a killed run stopped."""
    folder = output_folder(cfg, stressed_folder(cfg, stress.name))
    _MADE.check(folder)
    sources = _held_out(cfg)
    told = _told(cfg, stress, sources)
    with work_folder(_work(cfg, folder, told)) as work:
        for own in sources:
            _make(cfg, stress, [own, *(one for one in sources if one is not own)], work, progress)
        with atomic_folder(folder, _MADE) as made:
            _move(work, made)
            (made / TOLD).write_text(told, encoding="utf-8")
    return f"{folder}: {', '.join(one.clip for one in sources)}"


def _held_out(cfg: DictConfig) -> list[Source]:
    """The held-out stretch of each person that has one."""
    from facsimile.data.stress_cuts import Source

    rows = read_split(cfg)
    people = sorted(rows[rows["split"] == "test"]["subject"].unique())
    if not people:
        raise UserError(f"swap.parquet of data={cfg.data.name} holds no test frames")
    segments = {subject: held_out_segment(cfg, subject) for subject in people}
    return [
        Source(held_out_clip(cfg, who), who, one.path, one.start, one.stop)
        for who, one in segments.items()
    ]


def _make(
    cfg: DictConfig,
    stress: Stress,
    sources: Sequence[Source],
    work: Path,
    progress: FrameProgress,
) -> None:
    """Write the first source's clip and table, unless an earlier run did."""
    from facsimile.data.batching import safe_file_name

    path = work / CLIPS / f"{safe_file_name(sources[0].clip)}.mp4"
    if path.is_file():
        return
    used = sources if stress.cuts else sources[:1]
    ground = joined(*(target_ground(cfg, one.path, one.subject) for one in used))
    write_clip(stress, used, int(cfg.seed), ground, path, progress)


def _move(work: Path, made: Path) -> None:
    for part in (CLIPS, FRAMES):
        (made / part).mkdir()
        for path in sorted((work / part).glob("[!.]*")):  # a kill leaves hidden files
            path.replace(made / part / path.name)
        shutil.rmtree(work / part)


def _told(cfg: DictConfig, stress: Stress, sources: Sequence[Source]) -> str:
    """The condition, the seed, and each clip: all that decides the result."""
    import yaml
    from omegaconf import OmegaConf

    clips = {
        one.clip: {
            "subject": one.subject,
            "source_sha256": sha256(one.path),
            "frames": [one.start, one.stop],
            "crf": stress.crf(int(cfg.seed), one.clip),
        }
        for one in sources
    }
    chosen = OmegaConf.to_container(cfg.stress, resolve=True)
    told = {"seed": int(cfg.seed), "clips": clips, "condition": chosen}
    return str(yaml.safe_dump(told, sort_keys=False))


def _work(cfg: DictConfig, folder: Path, told: str) -> Path:
    """What a killed run goes on from: keyed by all that the clips depend on."""
    code = sorted(path for pattern in _CODE for path in _PACKAGE.glob(pattern))
    parts = [told, str(cfg.consent), str(folder.resolve()), *(sha256(path) for path in code)]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    if cfg.output is not None:
        return folder.parent / f".{folder.name}.{key}.partial"
    return Path(cfg.paths.work) / f"stress-{key}"
