import numpy as np
import pytest

from facsimile.media.image import write_image
from facsimile.provenance.sign import Claim, sign
from facsimile.provenance.synthetic import says_synthetic


@pytest.mark.parametrize(
    ("kind", "shows", "wanted"),
    [("swap", False, True), ("measurement", False, False), ("measurement", True, True)],
)
def test_a_file_is_what_its_manifest_calls_it(tmp_path, kind, shows, wanted):
    write_image(tmp_path / "a.png", np.zeros((9, 9, 3), np.uint8))
    claim = Claim(kind, "", "a net", None, (), "nobody is shown", shows_synthetic=shows)
    sign(tmp_path / "a.png", tmp_path / "b.png", claim)
    assert says_synthetic(tmp_path / "b.png") is wanted
    assert not says_synthetic(tmp_path / "a.png")


def test_what_carries_no_manifest_or_is_not_there_says_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("words")
    assert not says_synthetic(tmp_path / "a.txt")
    assert not says_synthetic(tmp_path / "gone.zip/a.mp4")
