"""`enhance` with a net whose result is twice as large."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from facsimile.media.image import write_image
from facsimile.media.still import Still, read_still
from facsimile.media.still_writing import write_still
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.models.r2unet import R2UNet
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

SIZE = {"widths": [4, 8], "scale": 2}


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    made = R2UNet(**SIZE)
    for _ in range(10):
        made.train()(torch.rand(4, 3, 32, 32))
    return made.eval()


@pytest.fixture
def enhance(net, tmp_path):
    """Runs the command; returns its exit code."""
    described = {"net": {"_target_": "facsimile.models.r2unet.R2UNet", **SIZE}}
    described |= {"task": "enhancement", "name": "doubling", "data": "sample"}
    weights = {f"net.{key}": value for key, value in net.state_dict().items()}
    torch.save({"state_dict": weights, "facsimile": described}, tmp_path / "doubling.ckpt")

    def run(source, output, *more):
        where = [f"input={source}", f"output={output}", f"checkpoint={tmp_path}/doubling.ckpt"]
        return main(["enhance", *where, "enhance.tile=32", *more])

    return run


def noise(shape, dtype=np.uint8):
    high = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, high, shape, dtype, endpoint=True)


@torch.inference_mode()
def whole(net, pixels):
    """The net over all of an image at once, in levels."""
    high = np.iinfo(pixels.dtype).max
    x = torch.from_numpy(pixels.astype(np.float32) / high).permute(2, 0, 1)[None]
    return high * net(x)[0].permute(1, 2, 0).clamp(0, 1).numpy()


def means(image):
    height, width = (side // 2 for side in image.shape[:2])
    return image.reshape(height, 2, width, 2, 3).mean((1, 3))


@pytest.mark.parametrize(("suffix", "dtype"), [(".png", np.uint8), (".tif", np.uint16)])
def test_a_picture_comes_out_twice_as_large_with_alpha_and_all_bits(
    enhance, net, tmp_path, suffix, dtype
):
    pixels = noise((71, 90, 4), dtype)
    write_still(tmp_path / f"a{suffix}", Still(pixels))
    assert enhance(tmp_path / f"a{suffix}", tmp_path / f"b{suffix}") == 0
    result = read_still(tmp_path / f"b{suffix}").pixels
    assert (result.shape, result.dtype) == ((142, 180, 4), dtype)
    assert np.array_equal(result[..., 3], pixels[..., 3].repeat(2, 0).repeat(2, 1))
    # 1e-4 of the range, as where tiles have no seam
    error = np.abs(result[..., :3] - whole(net, pixels[..., :3])).max()
    assert error < 0.5 + 1e-4 * np.iinfo(dtype).max
    assert read(tmp_path / f"b{suffix}").status == "valid"


def test_a_grey_picture_stays_grey(enhance, net, tmp_path):
    pixels = noise((40, 61, 1))
    write_still(tmp_path / "a.png", Still(pixels))
    assert enhance(tmp_path / "a.png", tmp_path / "b.png") == 0
    result = read_still(tmp_path / "b.png").pixels
    assert result.shape == (80, 122, 1)
    luminance = whole(net, pixels.repeat(3, 2)) @ [0.299, 0.587, 0.114]
    assert np.abs(result[..., 0] - luminance).max() < 0.53


def test_a_photo_is_as_large_as_its_orientation_says(enhance, tmp_path):
    block = Image.Exif()
    block[274] = 6
    Image.fromarray(noise((40, 60, 3))).save(tmp_path / "a.jpg", exif=block, icc_profile=b"any")
    assert enhance(tmp_path / "a.jpg", tmp_path / "b.jpg") == 0
    with Image.open(tmp_path / "b.jpg") as result:
        assert result.size == (120, 80)
        assert result.getexif()[274] == 6
        assert result.info["icc_profile"] == b"any"


def test_a_video_is_doubled_and_keeps_its_rate(enhance, net, tmp_path):
    small = noise((3, 12, 17, 3))
    frames = [np.ascontiguousarray(image.repeat(4, 0).repeat(4, 1)) for image in small]
    with VideoWriter(tmp_path / "a.mp4", 68, 48, Fraction(25)) as writer:
        for frame in frames:
            writer.write(frame)
    assert enhance(tmp_path / "a.mp4", tmp_path / "b.mp4", "enhance.crf=0") == 0
    before, after = probe(tmp_path / "a.mp4"), probe(tmp_path / "b.mp4")
    assert (after.width, after.height) == (136, 96)
    assert (after.frame_rate, after.frames) == (before.frame_rate, before.frames)
    given = [one.image for one in read_frames(tmp_path / "a.mp4")]
    results = [one.image for one in read_frames(tmp_path / "b.mp4")]
    for image, result in zip(given, results, strict=True):
        # colours are stored at half the size
        made, wanted = means(result), means(whole(net, image))
        assert np.abs(made - wanted).mean() < 0.3 * np.abs(image - wanted).mean()
    assert read(tmp_path / "b.mp4").status == "valid"


def test_a_folder_comes_out_doubled_under_the_same_names(enhance, tmp_path):
    write_image(tmp_path / "in/a.png", noise((20, 30, 3)))
    write_image(tmp_path / "in/sub/b.jpg", noise((30, 20, 3)))
    assert enhance(tmp_path / "in", tmp_path / "out") == 0
    for name, size in (("a.png", (60, 40)), ("sub/b.jpg", (40, 60))):
        with Image.open(tmp_path / "out" / name) as result:
            assert result.size == size


def test_faces_alone_cannot_be_enlarged(enhance, models_root, tmp_path, capsys):
    write_image(tmp_path / "a.png", noise((40, 60, 3)))
    own = ["enhance.area=faces", f"paths.models={models_root}"]
    assert enhance(tmp_path / "a.png", tmp_path / "b.png", *own) == 2
    assert "enhance.area=faces: this net enlarges" in capsys.readouterr().err
    assert not (tmp_path / "b.png").exists()
