"""Previews and restored pictures, on the pages."""

import base64
import re

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from skimage.metrics import peak_signal_noise_ratio

from facsimile.media.image import encode_image
from facsimile.provenance.read import read

LIGHT = np.random.default_rng(0).integers(60, 128, (48, 40, 3), np.uint8)
DARK = LIGHT // 4


@pytest.fixture
def send(app, monkeypatch, tmp_path):
    """Sends a form with a picture, as htmx does; returns the part of the page that comes back."""
    monkeypatch.setenv("FACSIMILE_HOME", str(tmp_path / "home"))
    with TestClient(app, base_url="http://testserver") as client:

        def sent(path, picture, **typed):
            page = client.get("/new").text
            token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
            files = {} if picture is None else {"picture": ("a.png", encode_image(picture, ".png"))}
            headers = {"x-csrf-token": token, "hx-request": "true", "accept": "text/html"}
            form = {"kind": "folder", "crop": "face", "resize": "none", "detector": "yunet"}
            files["none"] = ("", b"")  # so that it is multipart, as browsers send it
            return client.post(path, data=form | typed, files=files, headers=headers).text

        yield sent


def pictures(text):
    """The PNGs in a page, RGB, decoded by OpenCV."""
    found = re.findall(r'(?:src|href)="data:image/png;base64,([^"]+)"', text)
    return [decoded(base64.b64decode(data)) for data in found]


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_the_preview_shows_each_step(send):
    shown = send("/preview", LIGHT, degradations="darken", model="brighter")
    picture, crop, degraded, enhanced = pictures(shown)
    np.testing.assert_array_equal(picture, LIGHT)
    assert crop.shape == degraded.shape == enhanced.shape == (128, 128, 3)
    assert degraded.mean() < 0.65 * crop.mean()
    assert np.array_equal(enhanced, np.clip(degraded.astype(int) * 2, 0, 255))
    assert re.search(r'<rect class="face" x="4.0" y="4.0" width="24.0" height="28.0"', shown)
    assert shown.count("<circle") == 5
    assert ">0.75</text>" in shown
    row = re.search(r'degraded</th><td class="figure">([\d.]+)', shown)[1]
    assert float(row) == pytest.approx(peak_signal_noise_ratio(crop, degraded), abs=0.01)


def test_a_picture_without_a_face_is_degraded_as_it_is(send):
    shown = send("/preview", DARK, degradations="lighten")
    assert "no face found" in shown
    picture, degraded = pictures(shown)
    np.testing.assert_array_equal(degraded, picture | 128)


def test_the_preview_obeys_the_size_that_is_typed(send):
    shown = send("/preview", LIGHT, resize="stretch", height="24", width="80")
    assert pictures(shown)[0].shape == (24, 80, 3)
    assert "As it is" not in shown or "80 × 24" in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"height": "7"}, "Put this right first: Height"),
        ({"detector": "os.system"}, "Face detector: letters"),
        ({"detector": "mtcnn"}, "there is no mtcnn"),
        ({"degradations": "_target_"}, "degradations"),
        ({"model": "../../x"}, "there is no ../../x"),
    ],
)
def test_what_cannot_be_is_told(send, typed, words):
    assert words.lower() in send("/preview", LIGHT, **typed).lower()


def test_a_picture_has_to_be_chosen(send):
    assert "Choose a picture first" in send("/preview", None)
    assert "Choose a picture first" in send("/models/enhance", None, model="brighter")


def test_what_is_no_picture_is_refused(app):
    with TestClient(app, base_url="http://testserver") as client:
        page = client.get("/models").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        sent = {"csrf_token": token, "model": "brighter"}
        files = {"picture": ("a.png", b"<svg onload=alert(1)>")}
        answer = client.post("/models/enhance", data=sent, files=files)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "<svg onload" not in answer.text


def test_the_restored_picture_is_signed(send, tmp_path):
    shown = send("/models/enhance", LIGHT, model="brighter")
    before, after, download = pictures(shown)
    np.testing.assert_array_equal(before, LIGHT)
    np.testing.assert_array_equal(after, np.clip(LIGHT.astype(int) * 2, 0, 255))
    np.testing.assert_array_equal(download, after)
    data = re.search(r'href="data:image/png;base64,([^"]+)" download="a-restored.png"', shown)[1]
    path = tmp_path / "kept.png"
    path.write_bytes(base64.b64decode(data))
    found = read(path)
    assert (found.status, found.signed_here) == ("valid", True)
    told = str(found.manifest)
    assert "restored by brighter; its detail is invented" in told
    assert "0" * 64 in told  # the checkpoint's hash
    assert "Restored by a trained net: its detail is invented" in shown
    expected = peak_signal_noise_ratio(before, after)
    assert f"<dd>{expected:.2f}</dd>" in shown


def test_models_and_their_metrics_are_listed(app):
    with TestClient(app, base_url="http://testserver") as client:
        shown = client.get("/models?model=brighter").text
    assert "test/psnr <b>31.5</b>" in shown
    assert '<option value="brighter" selected>' in shown
