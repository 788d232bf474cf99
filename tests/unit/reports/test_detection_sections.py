import cv2
import numpy as np
import pandas as pd
import pytest
from tests.unit.evaluation.test_detection import people

from facsimile.evaluation.detection import summarise
from facsimile.evaluation.detection_curves import reliability, roc_curves
from facsimile.evaluation.summary import write_metrics
from facsimile.reports.detection_plots import over_time
from facsimile.reports.detection_sections import detection_pictures
from facsimile.reports.origins import Lock
from facsimile.reports.page import Page
from facsimile.reports.recipe_sections import recipe_sections


@pytest.fixture
def folder(tmp_path):
    """A detector's results on four data sets, one of a name with an underscore."""
    parts = [people(seed=n).assign(data=name) for n, name in enumerate(("a", "b_c", "d", "e"))]
    frames = pd.concat(parts, ignore_index=True)
    (tmp_path / "det/plots").mkdir(parents=True)
    for name, table in (roc_curves(frames) | reliability(frames)).items():
        table.to_csv(tmp_path / f"det/plots/{name}.csv", index=False)
    write_metrics(tmp_path / "det/metrics.json", summarise(frames, 10, 1, 10))
    return tmp_path / "det"


def test_every_data_set_has_its_curves_three_side_by_side(folder):
    pictures = detection_pictures(folder / "plots")
    assert [picture.caption.split()[0] for picture in pictures] == ["ROC"] * 2 + [
        "Reliability:"
    ] * 2
    for picture in pictures:
        image = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None and image.std() > 5
    assert detection_pictures(folder / "plots")[0].data == pictures[0].data


def test_the_report_tells_of_a_detector(folder):
    sections = recipe_sections(folder, "detection", "self_blended", Lock(folder / "none"))
    page = Page("report", sections).markdown()
    assert "| b_c | video | 12 | 12 | 12 |" in page
    assert "PSNR" not in page


def test_a_videos_course_is_drawn():
    image = cv2.imdecode(np.frombuffer(over_time([0.0, 1.0], [0.1, 0.9], 0.5), np.uint8), 1)
    assert image.std() > 5
