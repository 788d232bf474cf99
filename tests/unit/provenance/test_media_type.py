import subprocess

import imageio_ffmpeg
import pytest
from PIL import Image

from facsimile.provenance.media_type import media_type


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "JPEG2000", "BMP", "AVIF"])
def test_a_picture_has_the_type_that_pillow_gives_its_format(tmp_path, form):
    path = tmp_path / "named.txt"
    Image.new("RGB", (8, 8)).save(path, form)
    assert media_type(path) == Image.MIME[form]


@pytest.fixture
def film(unsigned, tmp_path, request):
    """One without sound in the container that ffmpeg calls by the parameter."""
    path = tmp_path / "film"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(unsigned)]
    codec = "mpeg2video" if request.param in ("mpeg", "asf") else "copy"
    subprocess.run([*ffmpeg, "-c:v", codec, "-f", request.param, str(path)], check=True)
    return path


KINDS = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "matroska": "video/x-matroska",
    "flv": "video/x-flv",
    "asf": "video/x-ms-asf",
    "mpeg": "video/mpeg",
}


@pytest.mark.parametrize("unsigned", ["mp4"], indirect=True)
@pytest.mark.parametrize(("film", "kind"), KINDS.items(), indirect=["film"])
def test_a_film_has_the_type_of_its_container(film, kind):
    assert media_type(film) == kind


@pytest.mark.parametrize("unsigned", ["mp4"], indirect=True)
@pytest.mark.parametrize("film", ["mov"], indirect=True)
def test_a_film_without_a_file_type_box_and_what_is_no_media_are_of_unknown_type(film):
    content = film.read_bytes()
    film.write_bytes(content[int.from_bytes(content[:4], "big") :])
    assert media_type(film) == "application/octet-stream"
    film.write_text("hello")
    assert media_type(film) == "application/octet-stream"
