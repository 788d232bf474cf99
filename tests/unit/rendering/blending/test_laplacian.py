import numpy as np

from facsimile.rendering.blending.laplacian import laplacian


def test_deep_inside_it_is_the_face(seam):
    frame, face, opacity = seam
    result = laplacian(frame, face, opacity)
    assert np.abs(result[40:50, 50:60] - 255 * face[40:50, 50:60]).max() < 3


def test_fine_detail_changes_sooner_than_light(seam):
    """Along a line outwards: grain of the face goes within pixels, its light over many."""
    frame = np.full((96, 96, 3), 100, np.uint8)
    x = np.arange(96)
    stripes = np.where(x % 2, 20, -20)[None, :, None] + np.full((96, 96, 3), 150)
    opacity = np.zeros((96, 96), np.float32)
    opacity[8:88, 8:88] = 1
    row = laplacian(frame, (stripes / 255).astype(np.float32), opacity, reach=0.25)[48, :, 0]
    pairs = row.astype(float).reshape(-1, 2)
    detail, light = np.abs(np.diff(pairs, axis=1))[:, 0] / 40, (pairs.mean(1) - 100) / 50
    width = [np.count_nonzero((one[:24] > 0.1) & (one[:24] < 0.9)) for one in (detail, light)]
    assert width[0] < width[1]


def test_small_parts_do_not_vanish(seam):
    """An eye is drawn in by less than a face."""
    frame, face, _ = seam
    y, x = np.mgrid[0:90, 0:110]
    eye = (np.hypot(x - 30, y - 30) < 7).astype(np.float32)
    result = laplacian(frame, face, eye)
    assert np.abs(result[30, 30] - 255 * face[30, 30]).max() < 8
