import math

import pandas as pd

from facsimile.evaluation.curves import EXPRESSION, FIGURES, method_bars, per_frame_curves


def test_one_column_a_row_and_nothing_infinite():
    table = pd.DataFrame(
        [
            {
                "frame": frame,
                "row": row,
                **dict.fromkeys(FIGURES, value),
                **dict.fromkeys(EXPRESSION, math.nan),
            }
            for frame in (10, 11)
            for row, value in (("swap", 0.5), ("still", 0.25), ("no_swap", math.inf))
        ]
    )
    curves = per_frame_curves({"a_to_b": table})
    assert set(curves) == {f"{measure}_a_to_b" for measure in FIGURES}
    text = curves["psnr_a_to_b"].to_csv(index=False)
    assert text.splitlines() == ["frame,swap,still,no_swap", "10,0.5,0.25,", "11,0.5,0.25,"]


def test_frames_in_which_nobody_looked_are_left_out():
    rows = [
        {"frame": frame, "row": "swap", **dict.fromkeys((*FIGURES, *EXPRESSION), 0.5)}
        for frame in range(4)
    ]
    table = pd.DataFrame(rows)
    table.loc[[1, 3], "identity_source"] = math.nan
    curves = per_frame_curves({"a_to_b": table})
    assert list(curves["identity_source_a_to_b"]["frame"]) == [0, 2]
    assert list(curves["mouth_opening_a_to_b"]["frame"]) == [0, 1, 2, 3]


def test_bars_keep_the_order_and_leave_infinity_out():
    table = pd.DataFrame(
        [
            {"degradation": "shadow", "method": "net", "psnr": 20.0, "ssim": 0.5},
            {"degradation": "shadow", "method": "no_op", "psnr": 10.0, "ssim": 0.25},
            {"degradation": "clean", "method": "net", "psnr": 30.0, "ssim": 0.75},
            {"degradation": "clean", "method": "net", "psnr": math.inf, "ssim": 1.0},
            {"degradation": "clean", "method": "no_op", "psnr": math.inf, "ssim": 1.0},
        ]
    )
    bars = method_bars(table)
    assert list(bars["psnr_methods"].columns) == ["degradation", "net", "no_op"]
    assert bars["psnr_methods"].to_csv(index=False).splitlines()[1:] == [
        "shadow,20.0,10.0",
        "clean,30.0,",
    ]
    assert list(bars["ssim_methods"]["net"]) == [0.5, 0.875]
