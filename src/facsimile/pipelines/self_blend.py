"""Make self-blended fakes of a data set's selected faces, each beside its real picture."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.pipelines.places import output_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.data.self_blending import Blend, SelfBlending
    from facsimile.faces.detect import Detector
    from facsimile.provenance.signed_copy import Sign

_MADE = Made(("blends.parquet",), ("rejected.parquet", "source.yaml", "real", "fake"))
_READ = ("path", "clip", "subject", "origin", "frame", "face", "label")


def run(cfg: DictConfig) -> None:
    """Blend real faces of `data=NAME` into `data/raw/self_blended` or `output=`.

    The faces are the selected ones. A face that cannot be blended stands in `rejected.parquet`
    with its reason.
    """
    from hydra.utils import instantiate

    from facsimile.data.records import REJECTED
    from facsimile.data.self_blended import BLENDS
    from facsimile.data.tables import write_parquet
    from facsimile.pipelines.enhance_progress import EnhanceProgress

    output = output_folder(cfg, Path(cfg.paths.raw, "self_blended"))
    _MADE.check(output)
    photos = _photos(cfg)
    blending, detector = instantiate(cfg.self_blend.blending), instantiate(cfg.self_blend.detector)
    made: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    with atomic_folder(output, _MADE) as folder, EnhanceProgress() as progress:
        rows: list[dict[str, Any]] = photos.to_dict("records")  # type: ignore[assignment]
        for photo in progress.watch(rows, f"self-blend {cfg.data.name}", "faces", len(rows)):
            for row in _pairs(cfg, photo, blending, detector, folder):
                (rejected if "reason" in row else made).append(row)
        if not made:
            raise UserError(
                f"none of {len(photos)} faces could be blended: {rejected[0]['reason']}"
            )
        write_parquet(folder / "blends.parquet", made, BLENDS)
        write_parquet(folder / "rejected.parquet", rejected, REJECTED)
        _write_source(folder / "source.yaml", cfg, sorted({row["subject"] for row in made}))
    told = f"{len(made)} pairs of {len({row['subject'] for row in made})} people"
    print(f"{output}: {told}, {len(rejected)} set aside", file=sys.stderr)


def _photos(cfg: DictConfig) -> pd.DataFrame:
    """The selected real faces of the people who are wanted, so many of each at most."""
    import pandas as pd

    from facsimile.data.forget import show_withdrawn, withdrawn
    from facsimile.data.spacing import places
    from facsimile.data.tables import read_parquet

    table = Path(cfg.paths.selected, cfg.data.name, "selected.parquet")
    faces = read_parquet(table, _READ, "select")[[*_READ]]
    faces = faces[~show_withdrawn(faces, withdrawn(Path(cfg.paths.data), cfg.data.name))]
    faces = faces[faces["label"] == 0].sort_values(["clip", "frame", "face"])
    people = [str(one) for one in cfg.self_blend.people]
    wanted = faces["subject"].map(lambda who: any(fnmatchcase(who, one) for one in people))
    if not wanted.any():
        known = ", ".join(sorted(set(faces["subject"]) - {""})[:20]) or "nobody by name"
        raise UserError(
            f"self_blend.people={people} matches nobody: {table} has real faces of {known}; give "
            "names or patterns of these"
        )
    most = int(cfg.self_blend.per_subject)
    parts = [part.iloc[places(len(part), most)] for _, part in faces[wanted].groupby("subject")]
    return pd.concat(parts)


def _pairs(
    cfg: DictConfig,
    photo: dict[str, Any],
    blending: SelfBlending,
    detector: Detector,
    folder: Path,
) -> Iterator[dict[str, Any]]:
    """Write the pairs of one face; yields a row of BLENDS or of REJECTED for each."""
    import numpy as np

    from facsimile.data.self_blended import pair_seed
    from facsimile.faces.crop import keep_crop
    from facsimile.media.image import read_image

    image = read_image(Path(cfg.paths.faces, cfg.data.name) / photo["path"])
    found = keep_crop(image, detector)
    if found is None or found.dense is None:
        reason = "no face found" if found is None else "the detector finds five landmarks only"
        yield {"path": photo["path"], "reason": f"{reason}: another self_blend.detector may"}
        return
    for number in range(1, int(cfg.self_blend.blends) + 1):
        rng = np.random.default_rng(pair_seed(cfg.seed, photo["path"], number))
        blend = blending(image, found.dense, rng)
        if (blend.fake == blend.real).all():
            reason = f"blend {number} changed no pixel: it would be a fake that is none"
            yield {"path": photo["path"], "reason": reason}
        else:
            yield _write_pair(cfg, photo, number, blend, folder)


def _write_pair(
    cfg: DictConfig, photo: dict[str, Any], number: int, blend: Blend, folder: Path
) -> dict[str, Any]:
    from facsimile.data.self_blended import pair_paths
    from facsimile.media.image import write_image
    from facsimile.provenance.signed_copy import signed_copy

    subject = photo["subject"]
    real, fake = pair_paths(subject, photo["clip"], photo["frame"], photo["face"], number)
    write_image(folder / real, blend.real)
    with signed_copy(folder / fake, _signer(cfg, subject, folder / real)) as unsigned:
        write_image(unsigned, blend.fake)
    return {
        "real": real,
        "fake": fake,
        "photo": photo["path"],
        "subject": subject,
        "number": number,
        "ratio": blend.ratio,
        "changed": blend.changed,
        "difference": blend.difference,
    }


def _signer(cfg: DictConfig, subject: str, real: Path) -> Sign:
    """Give what signs a fake as synthetic."""
    from functools import partial

    from facsimile.pipelines.stated import target_ground
    from facsimile.provenance.sign import Claim, sign

    claim = Claim(
        kind="self_blend",
        description=f"the face of {subject} was blended with a changed copy of itself",
        model="facsimile self-blend",
        model_sha256=None,
        training_data=(),
        consent=target_ground(cfg, real, subject),
        parent=real,
    )
    return partial(sign, claim=claim)


def _write_source(path: Path, cfg: DictConfig, people: list[str]) -> None:
    """On what ground each person is shown, as their own data set states it."""
    import yaml

    from facsimile.pipelines.stated import target_ground

    grounds = {who: target_ground(cfg, path, who) for who in people}
    text = yaml.safe_dump({"made of": cfg.data.name, "people": grounds}, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
