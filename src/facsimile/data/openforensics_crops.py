"""The 256x256 crops made of OpenForensics: folders of a split, and of real and fake in each."""

from collections.abc import Iterator
from pathlib import Path

from facsimile.data.listing import Listing, official_split
from facsimile.data.packed import contents, spellings
from facsimile.data.problems import Problem
from facsimile.data.records import Clip
from facsimile.data.tree import is_image

LABELS = {"real": 0, "fake": 1}  # sorting the folders, as many loaders do, gives the opposite


class OpenForensicsCropsDataset(Listing):
    """Every image below `{Train,Validation,Test}/{Real,Fake}`, in any case and at any depth.

    A crop is a clip: its file name says nothing of the photo that it was cut from, so two
    faces of one photo cannot be kept together, but by the official split. The labels come from
    the folders' names and are 1 for fake, as everywhere. Nobody is named.

    The folders may lie in zip or tar archives. What is there both packed and unpacked is taken
    once, unpacked; a clip has the same name either way.

    Args:
        root: The folder that holds `Dataset`, or the folders of the splits.
        name: What its clips give as their data set.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(self, root: Path | str, name: str = "openforensics_crops") -> None:
        super().__init__(root, name)

    def entries(self) -> Iterator[Clip | Problem]:
        """The problems of files, then clips and problems in the order of the paths."""
        taken: dict[str, str] = {}
        for file in contents(self.root):
            if isinstance(file, Problem):
                yield file
            elif is_image(file):
                yield self._crop(file, taken)

    def _crop(self, file: str, taken: dict[str, str]) -> Clip | Problem:
        folders = [self.root.resolve().name, *spellings(file)[-1].split("/")[:-1]]
        split, word = official_split(folders[-2]) if folders[1:] else "", folders[-1].lower()
        if not split or word not in LABELS:
            return Problem(file, "it lies in no folder Real or Fake of Train, Validation or Test")
        clip = f"{split}/{word}/{file.rpartition('/')[2].rpartition('.')[0]}"
        if (first := taken.setdefault(clip, file)) != file:
            return Problem(file, f"{first} is the same crop, by its split, label and name")
        path, label = self.root / file, LABELS[word]
        return Clip(path, self.name, clip, "", "image", label=label, cropped=True, official=split)
