import json
import subprocess
from fractions import Fraction

import cv2
import numpy as np
import pandas as pd
import pytest
from tests.photographs import photograph

from facsimile.media.files import sha256
from facsimile.media.image import read_image, write_image
from facsimile.media.video import VideoWriter
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import ssim
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read
from facsimile.provenance.sign import Claim, sign

BARE = "measure.faces=false"


def moving(frames, width=48, height=32):
    """A picture that pans, a pixel a hundredth of a second."""
    wide = photograph(3, 400)
    return [wide[:height, index : index + width] for index in frames]


def write(path, images, rate=25, **options):
    height, width = images[0].shape[:2]
    with VideoWriter(path, width, height, Fraction(rate), **options) as writer:
        for image in images:
            writer.write(image)
    return path


def noisy(images, sigma=8):
    rng = np.random.default_rng(0)
    return [
        np.clip(image + rng.normal(0, sigma, image.shape), 0, 255).astype(np.uint8)
        for image in images
    ]


@pytest.fixture
def measure(tmp_path):
    """Runs the command on two paths below the test's folder; returns exit code and output."""

    def run(reference, distorted, *more, output="out"):
        where = [f"reference={tmp_path / reference}", f"distorted={tmp_path / distorted}"]
        return main(["measure", *where, f"output={tmp_path / output}", *more]), tmp_path / output

    return run


def result(folder):
    return json.loads((folder / "measure.json").read_text())


def test_two_lossless_videos_are_measured_as_their_frames_are(measure, tmp_path):
    ours, theirs = moving(range(6)), noisy(moving(range(6)))
    write(tmp_path / "a.mkv", ours, codec="ffv1")
    write(tmp_path / "b.mkv", theirs, codec="ffv1")
    code, out = measure("a.mkv", "b.mkv", BARE)
    assert code == 0
    found, table = result(out), pd.read_parquet(out / "frames.parquet")
    expected = [ssim(*pair) for pair in zip(theirs, ours, strict=True)]
    assert table["frame/ssim_rgb"].tolist() == pytest.approx(expected, abs=1e-9)
    assert found["frame/ssim_rgb/mean"] == pytest.approx(np.mean(expected), abs=1e-8)
    assert found["frame/ssim_rgb/p5"] == pytest.approx(np.percentile(expected, 5), abs=1e-8)
    ratios = [psnr(*pair) for pair in zip(theirs, ours, strict=True)]
    assert found["frame/psnr/median"] == pytest.approx(np.median(ratios), abs=1e-6)
    assert found["face/psnr/mean"] is None and found["face/psnr/missing"] == 6
    assert found["items"][0]["reference"]["sha256"] == sha256(tmp_path / "a.mkv")
    assert found["items"][0]["distorted"]["sha256"] == sha256(tmp_path / "b.mkv")
    settings = found["settings"]
    assert settings["ssim"]["window"].startswith("11x11") and settings["data_range"] == 255
    assert settings["versions"]["numpy"] == np.__version__


def test_the_same_input_gives_the_same_bytes(measure, tmp_path):
    write(tmp_path / "a.mp4", moving(range(5)))
    write(tmp_path / "b.mp4", moving(range(5)), crf=40)
    outs = [measure("a.mp4", "b.mp4", BARE, output=name)[1] for name in ("one", "two")]
    files = [sorted(p.relative_to(out) for p in out.rglob("*") if p.is_file()) for out in outs]
    assert files[0] == files[1] and len(files[0]) >= 7
    for name in files[0]:
        if name.suffix == ".jpg":  # no two signatures are alike
            assert np.array_equal(*(read_image(out / name) for out in outs))
        else:
            assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes(), name
    assert measure("a.mp4", "b.mp4", BARE, output="one")[0] == 0  # its own output is replaced


def test_rates_that_differ_are_matched_by_time_and_told(measure, tmp_path, capsys):
    write(tmp_path / "a.mkv", moving(range(0, 40, 4)), rate=25, codec="ffv1")
    write(tmp_path / "b.mkv", moving(range(0, 40, 2)), rate=50, codec="ffv1")
    code, out = measure("a.mkv", "b.mkv", BARE)
    found = result(out)
    assert code == 0 and found["frames"] == 10
    assert found["frame/psnr/infinite"] == 10 and found["frame/psnr/mean"] is None
    assert found["frame/ssim_rgb/mean"] == 1
    assert found["items"][0]["matched_by"] == "time" and found["items"][0]["skipped"] == 9
    assert "matched by time" in found["notes"][-1] and "matched by time" in capsys.readouterr().err
    assert measure("a.mkv", "b.mkv", BARE, "measure.match=number", output="by_number")[0] == 0
    assert result(tmp_path / "by_number")["frame/psnr/infinite"] < 3


def test_the_common_part_is_measured_and_the_rest_told(measure, tmp_path, capsys):
    write(tmp_path / "a.mp4", moving(range(7)))
    write(tmp_path / "b.mp4", moving(range(4)))
    code, out = measure("a.mp4", "b.mp4", BARE)
    assert code == 0 and result(out)["frames"] == 4
    assert result(out)["items"][0]["left"] == {"reference": 3, "distorted": 0}
    assert "3 frames of the reference" in capsys.readouterr().err


def test_sizes_that_differ_are_refused_and_resized_by_choice(measure, tmp_path, capsys):
    ours = moving(range(3), 96, 64)
    small = [cv2.resize(image, (48, 32), interpolation=cv2.INTER_AREA) for image in ours]
    write(tmp_path / "a.mp4", ours)
    write(tmp_path / "b.mp4", small)
    code, out = measure("a.mp4", "b.mp4", BARE)
    told = capsys.readouterr().err
    assert code == 2 and not out.exists()
    assert "96x64" in told and "48x32" in told and "measure.resize" in told
    code, out = measure("a.mp4", "b.mp4", BARE, "measure.resize=bicubic")
    assert code == 0 and result(out)["settings"]["resize"] == "bicubic"
    assert any("resized from 48x32 to 96x64 (bicubic)" in note for note in result(out)["notes"])


def test_a_rotated_phone_clip_comes_upright(measure, tmp_path):
    import imageio_ffmpeg

    write(tmp_path / "a.mp4", moving(range(3)), crf=0)
    turn = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-display_rotation", "90"]
    turn += ["-i", str(tmp_path / "a.mp4"), "-c", "copy", str(tmp_path / "turned.mp4")]
    subprocess.run(turn, check=True)
    write(tmp_path / "b.mp4", [np.rot90(image) for image in moving(range(3))], crf=0)
    code, out = measure("b.mp4", "turned.mp4", BARE)
    assert code == 0
    assert result(out)["frame/ssim_rgb/p5"] > 0.99
    assert abs(result(out)["items"][0]["distorted"]["rotation"]) == 90


def test_folders_are_measured_pair_by_pair_and_bad_ones_set_aside(measure, tmp_path, capsys):
    for name, seed in (("1", 1), ("sub/2", 2), ("odd", 3), ("lone", 4)):
        image = photograph(seed, 40)
        write_image(tmp_path / f"a/{name}.png", image)
        if name != "lone":
            write_image(tmp_path / f"b/{name}.png", noisy([image])[0])
    write_image(tmp_path / "b/odd.png", photograph(3, 50))
    (tmp_path / "a/bad.png").write_text("no picture")
    write_image(tmp_path / "b/bad.png", photograph(5, 40))
    write(tmp_path / "a/clip.mp4", moving(range(3)))
    write(tmp_path / "b/clip.mkv", moving(range(3)))
    code, out = measure("a", "b", BARE)
    found = result(out)
    assert code == 0 and found["frames"] == 5
    assert [one["name"] for one in found["items"]] == ["1", "clip", "sub/2"]
    reasons = {path.rpartition("/")[2]: reason for path, reason in found["rejected"].items()}
    assert set(reasons) == {"odd.png", "lone.png", "bad.png"}
    assert "50x50" in reasons["odd.png"] and "text" in reasons["bad.png"]
    assert "3 files are set aside" in capsys.readouterr().err
    table = pd.read_parquet(out / "frames.parquet").set_index("item")
    pair = [read_image(tmp_path / side / "1.png") for side in ("b", "a")]
    assert table.loc["1", "frame/ssim_rgb"] == pytest.approx(ssim(*pair), abs=1e-9)


def test_a_real_face_is_found_in_both(measure, cut, sample_root, tmp_path):
    clip = cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "a.mp4", 4)
    code, out = measure(clip, clip)
    found = result(out)
    assert code == 0 and found["face/psnr/infinite"] == 4
    assert found["face/identity_cosine/mean"] == pytest.approx(1, abs=1e-5)
    assert found["face/landmark_error/p95"] == found["face/pose_error/p95"] == 0
    assert found["settings"]["embedder"]["model_sha256"]
    assert "least alike" in (out / "index.html").read_text()


@pytest.mark.parametrize("is_fake", [False, True])
def test_frames_that_are_shown_are_signed_and_what_is_synthetic_is_marked(
    measure, tmp_path, is_fake
):
    write(tmp_path / "a.mp4", moving(range(3), 256, 128))
    write(tmp_path / "plain.mp4", noisy(moving(range(3), 256, 128)))
    sign(tmp_path / "plain.mp4", tmp_path / "b.mp4", Claim("swap", "", "a", None, (), "nobody"))
    other = "b.mp4" if is_fake else "plain.mp4"
    code, out = measure("a.mp4", other, BARE)
    assert code == 0
    names = sorted(path.name for path in (out / "examples").iterdir())
    assert names == ["least_alike.jpg", "most_alike.jpg"]
    page = (out / "index.html").read_text()
    assert all(f'src="examples/{name}"' in page for name in names)
    assert "data:image/jpeg" not in page
    found = read(out / "examples/least_alike.jpg")
    assert found.status == "valid"
    [told] = [a["data"] for a in found.manifest["assertions"] if "synthesis" in a["label"]]
    assert told["kind"] == "measurement" and told["synthetic"] is is_fake
    assert sha256(tmp_path / other) in told["description"]
    shown = read_image(out / "examples/least_alike.jpg")
    reference, distorted = (shown[-9:, left : left + 256] for left in (0, 264))
    marked = distorted.mean() < 0.6 * reference.mean()  # the word stands on a dark band
    assert marked == is_fake


def test_a_video_whose_size_changes_is_measured_up_to_there_and_not_set_aside(measure, tmp_path):
    write(tmp_path / "a.mkv", moving(range(6)), codec="ffv1")
    parts = [write(tmp_path / "1.ts", moving(range(3)))]
    parts.append(write(tmp_path / "2.ts", moving(range(3, 6), 96, 64)))
    (tmp_path / "b.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    code, out = measure("a.mkv", "b.ts", BARE)
    found = result(out)
    assert code == 0 and found["frames"] == 3 and found["rejected"] == {}
    assert any("96x64" in note and "before that are measured" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("reference", "distorted", "more", "words"),
    [
        ("a.mp4", "none.mp4", [], "none.mp4"),
        ("a.mp4", "a.png", [], "picture"),
        ("a.mp4", ".", [], "folder"),
        ("a.mp4", "a.mp4", ["measure.resize=big"], "measure.resize"),
        ("a.mp4", "a.mp4", ["measure.match=maybe"], "measure.match"),
        ("a.mp4", "a.mp4", ["measure.identity_every=0"], "measure.identity_every"),
        ("a.mp4", "a.mp4", ["reference=null"], "reference="),
        ("a.mp4", "a.mp4", ["output=null"], "output="),
        ("a.mp4", "bad.mp4", [], "bad.mp4"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    measure, tmp_path, capsys, reference, distorted, more, words
):
    write(tmp_path / "a.mp4", moving(range(2)))
    write_image(tmp_path / "a.png", moving([0])[0])
    (tmp_path / "bad.mp4").write_bytes(b"\0" * 99)
    code, out = measure(reference, distorted, BARE, *more)
    assert code == 2 and words in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_of_something_else_is_not_replaced(measure, tmp_path, capsys):
    write(tmp_path / "a.mp4", moving(range(2)))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    assert measure("a.mp4", "a.mp4", BARE)[0] == 2
    assert (tmp_path / "out/mine.txt").read_text() == "mine"
    assert "is not replaced" in capsys.readouterr().err
