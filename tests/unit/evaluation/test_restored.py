import math

import pandas as pd
import pytest

from facsimile.evaluation.restored import best_filter, summarise


def rows(method, psnr, degradation="blur", strength=math.nan, tones=("colour", "grey"), matches=1):
    return [
        {
            "degradation": degradation,
            "strength": strength,
            "path": f"{number}.png",
            "subject": "a",
            "tone": tones[number % len(tones)],
            "method": method,
            "psnr": value,
            "ssim": value / 100,
            "pixel_cosine": value / 200,
            "within_0.1": 0.5,
            "keras_accuracy": 1.0,
            "matches": matches * (number + 1),
            "pixels": 10 * (number + 1) ** 2,
        }
        for number, value in enumerate(psnr)
    ]


def table(*several):
    return pd.DataFrame([one for some in several for one in some])


MEASURED = table(
    rows("net", [30.0, 20.0, 40.0]),
    rows("no_op", [10.0, 20.0, math.inf]),
    rows("blind_chain", [25.0, 25.0, 25.0]),
    rows("constant_red", [5.0, 5.0, 5.0]),
    rows("wiener", [28.0, 28.0, 28.0]),
    rows("median3", [27.0, 20.0, 20.0]),
    rows("net", [99.0], strength=2.0),
)


def test_means_are_of_the_pictures_of_a_set_and_of_no_series():
    metrics = summarise(MEASURED)
    assert metrics["test/blur/psnr"] == pytest.approx(30)
    assert metrics["test/blur/n"] == 3
    assert metrics["test/blur/median3/psnr"] == pytest.approx(67 / 3)
    assert metrics["test/blur/wiener/ssim"] == pytest.approx(0.28)


def test_identical_pictures_are_counted_not_averaged():
    metrics = summarise(MEASURED)
    assert metrics["test/blur/no_op/psnr"] == 15
    assert metrics["test/blur/no_op/psnr_infinite"] == 1


def test_keras_accuracy_is_pooled_over_pixels():
    # 1 + 2 + 3 of 10 + 40 + 90
    assert summarise(MEASURED)["test/blur/keras_accuracy"] == pytest.approx(6 / 140)


def test_pixel_cosine_is_the_mean_of_the_pictures():
    assert summarise(MEASURED)["test/blur/wiener/pixel_cosine"] == pytest.approx(0.14)


def test_identity_is_the_mean_of_the_pictures_that_were_looked_at():
    looked = MEASURED.assign(identity_cosine=math.nan)
    mine = (looked.method == "net") & looked.strength.isna()
    looked.loc[mine, "identity_cosine"] = [0.5, math.nan, 1.0]
    metrics = summarise(looked)
    assert (metrics["test/blur/identity_cosine"], metrics["test/blur/identity_n"]) == (0.75, 2)
    assert metrics["test/blur/wiener/identity_cosine"] is None
    assert metrics["test/blur/wiener/identity_n"] == 0
    assert metrics["test/blur/colour/identity_n"] == 2  # the first and the third


def test_without_an_embedder_there_is_no_word_of_identity():
    assert not [key for key in summarise(MEASURED) if "identity" in key]


def test_colour_and_grey_stand_apart():
    metrics = summarise(MEASURED)
    assert metrics["test/blur/colour/psnr"] == 35
    assert metrics["test/blur/grey/psnr"] == 20
    assert (metrics["test/blur/colour/n"], metrics["test/blur/grey/n"]) == (2, 1)
    assert metrics["test/blur/colour/best_filter/psnr"] == 28
    assert metrics["test/blur/grey/constant_red/psnr"] == 5
    assert "test/blur/colour/wiener/psnr" not in metrics


def test_the_best_filter_is_named():
    metrics = summarise(MEASURED)
    assert metrics["test/blur/wiener/best_filter"] == 1
    assert [key for key in metrics if key.endswith("/best_filter")] == [
        "test/blur/wiener/best_filter"
    ]


def test_what_is_no_single_filter_is_not_the_best_one():
    assert best_filter(MEASURED[MEASURED.method != "wiener"]) == "median3"
    assert best_filter(MEASURED[MEASURED.method.isin(["net", "no_op", "constant_red"])]) is None


def test_identical_pictures_do_not_decide_by_infinity():
    several = table(rows("rarely", [math.inf, 20.0, 20.0]), rows("always", [40.0, 40.0, 40.0]))
    assert best_filter(several) == "always"


@pytest.mark.parametrize(("slow", "best"), [(28.5, "bm3d"), (26.5, "median3")])
def test_a_filter_of_fewer_pictures_is_compared_on_these(slow, best):
    """On the first picture the median has 27 dB; on all of them its mean is lower."""
    assert best_filter(table(rows("median3", [27.0, 20.0, 20.0]), rows("bm3d", [slow]))) == best
