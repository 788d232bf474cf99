import csv
import json
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from facsimile.inference.checkpoint import load_net
from facsimile.inference.enhance import Enhancer
from facsimile.media.files import sha256
from facsimile.media.image import read_image, write_image
from facsimile.media.still import Still, read_still
from facsimile.media.still_writing import write_still
from facsimile.media.video import VideoError, VideoWriter, probe, read_frames
from facsimile.models.r2unet import R2UNet
from facsimile.pipelines.cli import main
from facsimile.pipelines.enhance_picture import _upright
from facsimile.provenance.read import read

WIDTHS = (4, 8)


@pytest.fixture
def restorer(tmp_path) -> Path:
    """An untrained restoration, which changes a picture visibly."""
    torch.manual_seed(0)
    net = R2UNet(WIDTHS)
    for _ in range(10):
        net.train()(torch.rand(4, 3, 32, 32))
    described = {
        "net": {"_target_": "facsimile.models.r2unet.R2UNet", "widths": list(WIDTHS)},
        "task": "enhancement",
        "name": "tiny",
        "data": "sample",
    }
    weights = {f"net.{key}": value for key, value in net.state_dict().items()}
    torch.save({"state_dict": weights, "facsimile": described}, tmp_path / "tiny.ckpt")
    return tmp_path / "tiny.ckpt"


@pytest.fixture
def enhance(restorer):
    """Runs the command; returns its exit code."""

    def run(source, output, *more):
        where = [f"input={source}", f"output={output}", f"checkpoint={restorer}"]
        return main(["enhance", *where, *more])

    return run


def noise(shape, dtype=np.uint8, seed=0):
    high = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, high, shape, dtype, endpoint=True)


def restored(restorer, pixels):
    return Enhancer(load_net(restorer)[0])(pixels)


KINDS = [(1, np.uint8), (4, np.uint8), (3, np.uint16), (4, np.uint16)]


@pytest.mark.parametrize(
    ("suffix", "channels", "dtype"),
    [
        *((suffix, *kind) for suffix in (".png", ".tif") for kind in KINDS),
        (".webp", 4, np.uint8),  # it has 8 bits and colours only
    ],
)
def test_grey_alpha_and_sixteen_bits_are_kept(enhance, restorer, tmp_path, suffix, channels, dtype):
    pixels = noise((70, 90, channels), dtype)
    write_still(tmp_path / f"a{suffix}", Still(pixels))
    before = sha256(tmp_path / f"a{suffix}")
    assert enhance(tmp_path / f"a{suffix}", tmp_path / f"out/b{suffix}", "enhance.tile=32") == 0
    result = read_still(tmp_path / f"out/b{suffix}").pixels
    assert result.dtype == dtype
    wanted = restored(restorer, pixels)
    assert (result != wanted).mean() < 1e-3  # rounded otherwise where the net was halfway
    assert not np.array_equal(result, pixels)
    assert sha256(tmp_path / f"a{suffix}") == before


def test_a_photo_keeps_its_orientation_and_all_it_says(enhance, tmp_path):
    block = Image.Exif()
    block[271], block[274] = "Maker", 6
    picture = Image.fromarray(noise((40, 60, 3)))
    picture.save(tmp_path / "a.jpg", exif=block, icc_profile=b"a profile", dpi=(300, 300))
    assert enhance(tmp_path / "a.jpg", tmp_path / "b.jpg") == 0
    with Image.open(tmp_path / "b.jpg") as result:
        assert result.size == (60, 40)
        assert (result.getexif()[271], result.getexif()[274]) == ("Maker", 6)
        assert result.info["icc_profile"] == b"a profile"
        assert result.info["dpi"] == (300, 300)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_each_format_says_signed_that_it_was_altered_and_by_what(
    enhance, restorer, tmp_path, suffix
):
    write_still(tmp_path / f"a{suffix}", Still(noise((40, 60, 3))))
    assert enhance(tmp_path / f"a{suffix}", tmp_path / f"b{suffix}", 'consent="my own"') == 0
    found = read(tmp_path / f"b{suffix}")
    assert found.status == "valid"
    assert found.signed_here
    told = json.dumps(found.manifest)
    for words in ("algorithmicallyEnhanced", "c2pa.edited", "restored by tiny", "my own"):
        assert words in told
    [parent] = found.manifest["ingredients"]
    assert (parent["title"], parent["relationship"]) == (f"a{suffix}", "parentOf")
    assert sha256(restorer) in told
    assert sha256(tmp_path / f"a{suffix}") in told


def test_a_picture_is_what_it_holds_whatever_its_name(enhance, tmp_path):
    write_image(tmp_path / "a.png", noise((40, 60, 3)))
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert enhance(tmp_path / "a.jpg", tmp_path / "b.png") == 0
    found = read(tmp_path / "b.png")
    [parent] = found.manifest["ingredients"]
    assert (found.status, parent["title"], parent["format"]) == ("valid", "a.jpg", "image/png")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_is_as_pillow_turns(orientation):
    pixels = noise((5, 7, 3))
    block = Image.Exif()
    block[274] = orientation
    image = Image.fromarray(pixels)
    image.info["exif"] = block.tobytes()
    image._exif = None
    wanted = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(_upright(pixels, orientation), wanted)
    assert np.shares_memory(_upright(pixels, orientation), pixels)


@pytest.mark.sample
@pytest.mark.parametrize("orientation", [1, 6])
def test_faces_only_leaves_the_rest_and_restores_faces_as_the_whole(
    enhance, restorer, sample_root, models_root, tmp_path, orientation
):
    frame = next(read_frames(sample_root / "clips/cap13_edit2.mp4")).image
    stored = np.ascontiguousarray(np.rot90(frame, 1) if orientation == 6 else frame)
    block = Image.Exif()
    block[274] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=block)
    own = ["enhance.area=faces", f"paths.models={models_root}"]
    assert enhance(tmp_path / "a.png", tmp_path / "b.png", *own) == 0
    result = read_still(tmp_path / "b.png").pixels
    changed = (result != stored).any(2)
    assert 0.005 < changed.mean() < 0.3
    assert not changed[:5].any()
    assert not changed[:, :5].any()
    whole = np.rot90(restored(restorer, frame), 1 if orientation == 6 else 0)
    step, all_of_it = (one.astype(int) - stored for one in (result, whole))
    towards = (step * all_of_it >= 0) & (np.abs(step) <= np.abs(all_of_it))
    assert towards[changed].all()  # a mixture of both
    assert (np.abs(step - all_of_it).max(2) == 0)[changed].mean() > 0.2  # in the middle all of it


def test_a_picture_without_a_face_is_refused_when_faces_are_wanted(
    enhance, models_root, tmp_path, capsys
):
    write_image(tmp_path / "a.png", np.full((200, 200, 3), 128, np.uint8))
    own = ["enhance.area=faces", f"paths.models={models_root}"]
    assert enhance(tmp_path / "a.png", tmp_path / "b.png", *own) == 2
    assert "shows no face" in capsys.readouterr().err
    assert not (tmp_path / "b.png").exists()


@pytest.mark.sample
def test_a_video_keeps_sound_size_and_rate(enhance, restorer, with_sound, tmp_path):
    assert enhance(with_sound, tmp_path / "b.mp4", "enhance.crf=0") == 0
    before, after = probe(with_sound), probe(tmp_path / "b.mp4")
    for key in ("width", "height", "frame_rate", "frames", "has_audio"):
        assert getattr(before, key) == getattr(after, key)
    assert after.has_audio
    first, result = (next(read_frames(p)).image for p in (with_sound, tmp_path / "b.mp4"))
    wanted = restored(restorer, first).astype(int)
    assert np.abs(result - wanted).mean() < 0.5 * np.abs(first - wanted).mean()
    assert read(tmp_path / "b.mp4").status == "valid"


@pytest.mark.sample
def test_a_video_in_a_container_without_credentials_is_named_as_the_parent(
    enhance, cut, sample_root, tmp_path
):
    clip = cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "a.mp4", 3)
    matroska = tmp_path / "a"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(clip)]
    subprocess.run([*ffmpeg, "-c", "copy", "-f", "matroska", str(matroska)], check=True)
    assert enhance(matroska, tmp_path / "b.mp4") == 0
    found = read(tmp_path / "b.mp4")
    [parent] = found.manifest["ingredients"]
    assert (found.status, parent["relationship"]) == ("valid", "parentOf")
    assert parent["format"] == "video/x-matroska"
    assert sha256(matroska) in json.dumps(found.manifest)


@pytest.fixture
def with_sound(sample_root, cut, tmp_path):
    import av

    silent = cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "silent.mp4", 5)
    info = probe(silent)
    with av.open(tmp_path / "tone.m4a", "w") as container:
        stream = container.add_stream("aac", rate=44100)
        tone = np.sin(np.arange(44100, dtype=np.float32) / 10)[None]
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    audio = tmp_path / "tone.m4a"
    with VideoWriter(
        tmp_path / "a.mp4", info.width, info.height, info.frame_rate, audio_from=audio
    ) as writer:
        for one in read_frames(silent):
            writer.write(one.image)
    return tmp_path / "a.mp4"


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("a.png", "sub/a.png", "sub/ü b.jpg")):
        write_image(tmp_path / "in" / name, noise((40, 60, 3), seed=number))
    (tmp_path / "in/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (tmp_path / "in/read me.txt").write_text("hello")
    (tmp_path / "in/.hidden").write_text("hello")
    return tmp_path / "in"


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_comes_out_under_the_same_names_and_bad_files_are_named(
    enhance, folder, tmp_path, capsys
):
    assert enhance(folder, tmp_path / "out") == 0
    made = {"a.png", "sub/a.png", "sub/ü b.jpg"}
    assert names(tmp_path / "out") == made | {"enhanced.csv", "rejected.csv"}
    with (tmp_path / "out/rejected.csv").open(encoding="utf-8") as file:
        rows = {row["path"]: row["reason"] for row in csv.DictReader(file)}
    assert rows.keys() == {"broken.png", "read me.txt"}
    assert "broken.png" in rows["broken.png"]
    assert "text" in rows["read me.txt"]
    out, err = capsys.readouterr()
    assert "3 of 5 files restored" in out
    assert "2 of 5 files are set aside" in err
    assert not np.array_equal(read_image(folder / "a.png"), read_image(tmp_path / "out/a.png"))


def test_a_stopped_folder_goes_on_and_does_only_what_is_missing_or_other(
    enhance, folder, tmp_path, capsys
):
    output = tmp_path / "out"
    assert enhance(folder, output) == 0
    journal = (output / "enhanced.csv").read_text(encoding="utf-8").splitlines()
    # as if it had been killed while it noted the third file
    (output / "enhanced.csv").write_text("\n".join([*journal[:3], journal[3][:9]]) + "\n", "utf-8")
    times = {name: (output / name).stat().st_mtime_ns for name in names(output)}
    write_image(folder / "sub/a.png", noise((40, 60, 3), seed=9))
    capsys.readouterr()
    assert enhance(folder, output) == 0
    assert "2 of 5 files restored, 1 were before" in capsys.readouterr().out
    later = {name: (output / name).stat().st_mtime_ns for name in names(output)}
    assert later["a.png"] == times["a.png"]
    assert later["sub/a.png"] > times["sub/a.png"]
    assert enhance(folder, output, "enhance.quality=80") == 0
    assert "3 of 5 files restored" in capsys.readouterr().out


def test_what_was_repaired_meanwhile_is_no_longer_rejected(enhance, folder, tmp_path):
    assert enhance(folder, tmp_path / "out") == 0
    (folder / "read me.txt").unlink()
    write_image(folder / "broken.png", noise((8, 8, 3)))
    assert enhance(folder, tmp_path / "out") == 0
    assert not (tmp_path / "out/rejected.csv").exists()


@pytest.mark.parametrize("output", ["in", "in/out", "."])
def test_a_folder_never_overwrites_its_input(enhance, folder, tmp_path, output, capsys):
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    assert enhance(folder, tmp_path / output) == 2
    assert "output" in capsys.readouterr().err
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_a_link_to_the_input_folder_is_the_input(enhance, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    before = names(folder)
    assert enhance(folder, tmp_path / "link") == 2
    assert enhance(folder, tmp_path / "link/out") == 2
    assert names(folder) == before


def test_a_folder_of_something_else_is_not_written_into(enhance, folder, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_text("mine")
    assert enhance(folder, tmp_path / "out") == 2
    assert "new folder" in capsys.readouterr().err
    assert (tmp_path / "out/a.png").read_text() == "mine"


def test_a_folder_without_anything_readable_is_an_error(enhance, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    assert enhance(tmp_path / "in", tmp_path / "out") == 2
    assert "holds no file" in capsys.readouterr().err
    (tmp_path / "in/a.txt").write_text("hello")
    assert enhance(tmp_path / "in", tmp_path / "out") == 2
    assert "none of the 1 files" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "output", "more", "words"),
    [
        ("a.png", "a.png", [], "is the input"),
        ("a.png", "hard.png", [], "is the input"),
        ("a.png", "b.bmp", [], ".png"),
        ("a.png", "b.mp4", [], ".png"),
        ("a.png", "b", [], ".png"),
        ("missing.png", "b.png", [], "missing.png"),
        ("a.png", "b.png", ["enhance.area=hair"], "enhance.area"),
        ("a.png", "b.png", ["enhance.tile=1"], "enhance.tile"),
        ("a.png", "b.png", ["enhance.overlap=-1"], "enhance.overlap"),
        ("a.png", "b.png", ["enhance.precision=float16"], "enhance.precision"),
        ("a.png", "b.png", ["checkpoint=null"], "checkpoint="),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    enhance, tmp_path, capsys, source, output, more, words
):
    write_image(tmp_path / "a.png", noise((40, 60, 3)))
    (tmp_path / "hard.png").hardlink_to(tmp_path / "a.png")
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    assert enhance(tmp_path / source, tmp_path / output, *more) == 2
    assert words in capsys.readouterr().err
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


def test_a_swap_restores_nothing(checkpoint, tmp_path, capsys):
    write_image(tmp_path / "a.png", noise((40, 60, 3)))
    where = [f"input={tmp_path}/a.png", f"output={tmp_path}/b.png"]
    assert main(["enhance", f"checkpoint={checkpoint}", *where]) == 2
    assert "task swap" in capsys.readouterr().err


def test_the_same_input_gives_the_same_pixels(enhance, tmp_path):
    write_image(tmp_path / "a.png", noise((40, 60, 3)))
    for name in ("b.png", "c.png"):
        assert enhance(tmp_path / "a.png", tmp_path / name) == 0
    assert np.array_equal(read_image(tmp_path / "b.png"), read_image(tmp_path / "c.png"))


def test_an_exported_net_gives_the_same_picture(enhance, restorer, tmp_path):
    import jaxtyping
    import onnxruntime

    jaxtyping.config.update("jaxtyping_disable", True)  # the tracer's sizes are tensors
    try:
        out = tmp_path / "tiny.onnx"
        assert main(["export", f"checkpoint={restorer}", "format=onnx", f"output={out}"]) == 0
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)
    pixels = noise((40, 60, 3))
    write_image(tmp_path / "a.png", pixels)
    assert enhance(tmp_path / "a.png", tmp_path / "b.png", "enhance.tile=32") == 0
    session = onnxruntime.InferenceSession(out.read_bytes())
    x = (pixels.astype(np.float32) / 255).transpose(2, 0, 1)[None]
    [result] = session.run(None, {"lq": x})
    wanted = np.rint(255 * result[0].transpose(1, 2, 0).clip(0, 1))
    assert np.abs(read_image(tmp_path / "b.png") - wanted).max() <= 1
    assert (read_image(tmp_path / "b.png") != wanted).mean() < 1e-3


def test_a_cut_off_video_leaves_nothing_behind(enhance, cut, sample_root, tmp_path, capsys):
    clip = cut(sample_root / "clips/cap13_edit2.mp4", tmp_path / "a.mp4", 9)
    clip.write_bytes(clip.read_bytes()[:-4000])
    with pytest.raises(VideoError):
        list(read_frames(clip))
    assert enhance(clip, tmp_path / "out/b.mp4") == 2
    assert "a.mp4" in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
