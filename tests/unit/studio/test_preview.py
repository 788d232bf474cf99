import base64

import cv2
import numpy as np
import pytest
from tests.made_studio import described, settings

from facsimile.data.description import DataSetDescription
from facsimile.media.image import encode_image
from facsimile.studio.errors import NotFoundError, RefusedError
from facsimile.studio.preview import Previewer
from facsimile.studio.treatment import Treatment

LIGHT = np.random.default_rng(0).integers(120, 256, (48, 40, 3), np.uint8)
DARK = LIGHT // 8


@pytest.fixture
def preview(tmp_path):
    previewer = Previewer(Treatment(settings(tmp_path).tools), side=32)

    def show(picture=LIGHT, model=None, **fields):
        return previewer(picture, DataSetDescription(**described(tmp_path, **fields)), model)

    return show


def test_the_face_is_cropped_at_the_side_that_is_asked_for(preview):
    assert preview().crop.shape == (32, 32, 3)
    assert preview(crop=64).crop.shape == (64, 64, 3)
    assert preview(crop="no").crop is None
    [face] = preview().faces
    assert face.score == 0.75


def test_without_a_face_all_of_the_picture_is_treated(preview):
    shown = preview(DARK, degradations=["darken"])
    assert (shown.faces, shown.crop, shown.degraded.shape) == ([], None, DARK.shape)


def test_degradations_come_one_after_another_and_draw_the_same_each_time(preview):
    once = preview(crop="no", degradations=["darken"])
    twice = preview(crop="no", degradations=["darken", "darken"])
    assert twice.degraded.mean() < 0.7 * once.degraded.mean() < 0.5 * LIGHT.mean()
    again = preview(crop="no", degradations=["darken", "darken"])
    np.testing.assert_array_equal(again.degraded, twice.degraded)
    assert preview(crop="no").degraded is None


def test_what_was_degraded_is_enhanced_and_measured(preview):
    from skimage.metrics import peak_signal_noise_ratio

    shown = preview(crop="no", degradations=["darken"], model="brighter")
    np.testing.assert_array_equal(shown.enhanced, np.minimum(shown.degraded.astype(int) * 2, 255))
    for made, name in ((shown.degraded, "degraded"), (shown.enhanced, "enhanced")):
        expected = peak_signal_noise_ratio(LIGHT, made)
        assert shown.figures[f"{name}_psnr"] == pytest.approx(expected)
    assert shown.figures["enhanced_psnr"] > shown.figures["degraded_psnr"]


def test_grey_and_size_come_first(preview):
    shown = preview(crop="no", colour="grey", resize="stretch", height=24, width=64).picture
    assert shown.shape == (24, 64, 3)
    assert (shown == shown[..., :1]).all()
    grey = cv2.cvtColor(LIGHT, cv2.COLOR_RGB2GRAY)
    assert shown.mean() == pytest.approx(grey.mean(), abs=1.5)


def test_names_that_are_not_there_are_refused(preview):
    with pytest.raises(RefusedError, match="darken, lighten"):
        preview(degradations=["os"])
    with pytest.raises(RefusedError, match="yunet"):
        preview(detector="builtins")
    with pytest.raises(NotFoundError):
        preview(model="../../x.ckpt")


def sent(picture, suffix=".png"):
    return {"image": ("a.png", encode_image(picture, suffix), "image/png")}


def test_faces_are_detected_over_the_api(api):
    found = api.post("/detect", files=sent(LIGHT)).json()
    assert (found["width"], found["height"], found["detector"]) == (40, 48, "yunet")
    assert found["faces"][0]["bbox"] == [4, 4, 24, 28]
    assert api.post("/detect", files=sent(DARK)).json()["faces"] == []
    other = api.post("/detect", files=sent(LIGHT), data={"detector": "nobody"})
    assert other.json()["errors"][0]["field"] == "detector"


def test_a_picture_is_enhanced_over_the_api(api):
    done = api.post("/enhance", files=sent(DARK), data={"model": "brighter"}).json()
    image = cv2.imdecode(
        np.frombuffer(base64.b64decode(done["image"]), np.uint8), cv2.IMREAD_COLOR_RGB
    )
    np.testing.assert_array_equal(image, DARK * 2)
    assert "no evidence" in done["statement"]
    assert done["metrics"]["psnr"] > 20
    assert api.post("/enhance", files=sent(DARK), data={"model": "none"}).status_code == 404
    assert (
        api.post("/enhance", files={"image": ("a", b"x")}, data={"model": "brighter"}).status_code
        == 415
    )
