"""Score pictures and videos as fake or real with a trained detector (checkpoint=, input=)."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.pipelines.detect_file import Judged
    from facsimile.pipelines.detect_net import DetectorNet
    from facsimile.provenance.signed_copy import Sign

ANALYSIS = "a detector's heat map laid over faces of"


def run(cfg: DictConfig) -> None:
    """Write detect.json, index.html and signed heat maps of `input=` to the folder `output=`.

    Raises:
        UserError: A path or setting cannot be, or the input holds no picture or video.
    """
    from facsimile.data.folder import FolderDataset
    from facsimile.media.files import Made
    from facsimile.pipelines.detect_file import judge
    from facsimile.pipelines.detect_net import detector_net
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.resolve import recipe_folder

    _check(cfg)
    output = recipe_folder(cfg)
    made = Made(("detect.json",), ("index.html", "index.md", "maps"))
    made.check(output)
    work = detector_net(cfg)
    source = FolderDataset(cfg.input)
    clips = list(source.clips())
    problems = {one.path: one.reason for one in source.problems()}
    with EnhanceProgress() as progress:
        watched = progress.watch(clips, str(cfg.input), "files", len(clips))
        judged = [judge(work, clip, source.root, progress) for clip in watched]
    _write(cfg, work, judged, problems, output, made)
    for one in judged:
        told = one.problem if one.score is None else f"{one.score:.3f}"
        print(f"{one.path}: {told}")
    if problems:
        print(f"{len(problems)} files are no picture or video that can be read", file=sys.stderr)
    print(f"{output / 'index.html'}: {len(judged)} files, scores of being fake from 0 to 1")


def _check(cfg: DictConfig) -> None:
    if cfg.checkpoint is None:
        raise UserError("say what detects: checkpoint=FILE.ckpt")
    if cfg.input is None or not Path(cfg.input).exists():
        raise UserError(f"there is no {cfg.input}: give input=FILE or input=FOLDER")
    if cfg.output is None:
        raise UserError("say where the result goes: output=FOLDER")


def _write(
    cfg: DictConfig, work: DetectorNet, judged: list[Judged], problems: dict[str, str],
    output: Path, made: Any,
) -> None:  # fmt: skip
    from facsimile.media.files import atomic_folder
    from facsimile.media.image import write_image
    from facsimile.provenance.signed_copy import signed_copy
    from facsimile.reports.detection_page import detection_page

    page = detection_page(work.description, judged, problems)
    with atomic_folder(output, made) as folder:
        for one in judged:
            for name, picture in one.pictures.items():
                path = folder / "maps" / name
                with signed_copy(path, _signer(cfg, work, one)) as unsigned:
                    write_image(unsigned, picture)
        files = [{k: v for k, v in asdict(one).items() if k != "pictures"} for one in judged]
        told = {**work.description, "files": files, "set_aside": problems}
        text = json.dumps(told, indent=2, ensure_ascii=False)
        (folder / "detect.json").write_text(text + "\n", encoding="utf-8")
        (folder / "index.html").write_text(page.html(), encoding="utf-8")
        (folder / "index.md").write_text(page.markdown(), encoding="utf-8")


def _signer(cfg: DictConfig, work: DetectorNet, one: Judged) -> Sign:
    from facsimile.provenance.sign import Claim, sign

    model = work.description["model"]
    claim = Claim(
        kind="detection",
        description=f"{ANALYSIS} {one.path} (SHA-256 {one.sha256}); nothing else was changed",
        model=model["name"],
        model_sha256=model["sha256"],
        training_data=tuple(model["training_data"]),
        consent=cfg.consent or "not stated; nobody is shown who was not in the input",
    )
    return partial(sign, claim=claim)
