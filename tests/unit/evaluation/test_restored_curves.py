import math

import pandas as pd

from facsimile.evaluation.restored_curves import by_strength, method_bars, strength_curves


def row(degradation, method, psnr, ssim, strength=math.nan, path="a.png"):
    return {
        "degradation": degradation, "strength": strength, "path": path,
        "method": method, "psnr": psnr, "ssim": ssim,
    }  # fmt: skip


MEASURED = pd.DataFrame(
    [
        row("shadow", "net", 20.0, 0.5),
        row("shadow", "no_op", 10.0, 0.25),
        row("shadow", "median3", 12.0, 0.25),
        row("shadow", "unsharp", 14.0, 0.125),
        row("clean", "net", 30.0, 0.75),
        row("clean", "net", math.inf, 1.0, path="b.png"),
        row("clean", "no_op", math.inf, 1.0),
        row("clean", "median3", 25.0, 0.5),
        row("shadow", "net", 28.0, 0.875, strength=0.2),
        row("shadow", "median3", 21.0, 0.5, strength=0.2),
        row("shadow", "unsharp", 20.0, 0.75, strength=0.2),
        row("shadow", "net", 29.0, 0.875, strength=0.4),
        row("shadow", "median3", 21.0, 0.5, strength=0.4),
        row("shadow", "unsharp", 22.0, 0.75, strength=0.4),
    ]
)


def test_bars_are_of_the_sets_and_leave_infinity_out():
    bars = method_bars(MEASURED)
    assert bars["psnr_methods"].to_csv(index=False).splitlines() == [
        "degradation,no_op,best_filter,net",
        "shadow,10.0,14.0,20.0",
        "clean,,25.0,30.0",
    ]
    # the best by PSNR is the best, whatever its SSIM
    assert list(bars["ssim_methods"]["best_filter"]) == [0.125, 0.5]
    assert list(bars["ssim_methods"]["net"]) == [0.5, 0.875]


def test_curves_are_of_the_series_with_the_best_filter_of_each_strength():
    curves = strength_curves(MEASURED)
    assert [*curves] == ["psnr_by_shadow", "ssim_by_shadow"]
    assert curves["psnr_by_shadow"].to_csv(index=False).splitlines() == [
        "strength,best_filter,net",
        "0.2,21.0,28.0",
        "0.4,22.0,29.0",
    ]
    assert list(curves["ssim_by_shadow"]["best_filter"]) == [0.5, 0.75]


def test_every_strength_of_every_series_has_a_row():
    blur = [row("blur", "net", psnr, 0.5, strength=3.0, path=f"{psnr}.png") for psnr in (1.0, 2.0)]
    blur[1]["psnr"] = math.inf
    table = by_strength(pd.concat([MEASURED, pd.DataFrame(blur)]))
    assert table.to_csv(index=False).splitlines() == [
        "degradation,strength,pictures,best_filter,net_psnr,net_ssim,"
        "best_filter_psnr,best_filter_ssim",
        "blur,3.0,2,,1.0,0.5,,",
        "shadow,0.2,1,median3,28.0,0.875,21.0,0.5",
        "shadow,0.4,1,unsharp,29.0,0.875,22.0,0.75",
    ]


def test_without_a_series_there_is_no_row():
    assert by_strength(MEASURED[MEASURED["strength"].isna()]).empty
