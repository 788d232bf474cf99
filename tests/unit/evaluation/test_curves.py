import math

import pandas as pd

from facsimile.evaluation.curves import EXPRESSION, FIGURES, per_frame_curves


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
