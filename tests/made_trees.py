"""Folders as `stress`, `fakes` and a training leave them, for what has to find people in them."""

import pandas as pd
import torch
import yaml

from facsimile.data.dfdc_writing import PartVideo, write_part


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.as_posix().encode())


def stressed(folder, people):
    """A condition with a clip for each person, by clip, in which only they are seen."""
    for clip, who in people.items():
        touch(folder / f"clips/{clip}.mp4")
        (folder / "frames").mkdir(exist_ok=True)
        table = pd.DataFrame({"frame": [0], "subject": [who]})
        table.to_parquet(folder / f"frames/{clip}.parquet")
    told = {"clips": {clip: {"subject": who} for clip, who in people.items()}}
    (folder / "stress.yaml").write_text(yaml.safe_dump(told))


def fakes(folder, one, other):
    """A part with a video and a fake of each of two people, whose clips have their names."""
    videos = []
    for target, source in ((one, other), (other, one)):
        real, fake = f"real{target}.mp4", f"fake{target}.mp4"
        videos.append(PartVideo(real, target, "", "", target, 0, 9, 0.0))
        videos.append(PartVideo(fake, target, source, real, target, 0, 9, 1.0))
    for video in videos:
        touch(folder / video.name)
    write_part(folder, videos)


def swap_of(folder, one, other):
    """A trained swap of two people of the sample."""
    folder.mkdir(parents=True)
    meta = {"task": "swap", "data": "sample", "subjects": {"src": one, "dst": other}}
    torch.save({"facsimile": meta, "state_dict": {}}, folder / "checkpoint.ckpt")
