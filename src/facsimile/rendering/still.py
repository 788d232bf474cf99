"""The one picture of a person that stands for all of them."""

import pandas as pd

_FRONTAL = 0.1  # share of the faces that count as frontal


def best_still(faces: pd.DataFrame) -> str:
    """Choose the sharpest among the most frontal faces.

    Args:
        faces: One row a face, with `path`, `yaw`, `pitch`, `roll` (degrees) and `sharpness`.

    Returns:
        Its path; of equals the first by name.
    """
    # Pitch has no reliable zero with five landmarks: what is usual for the person is level.
    tilt = (faces["pitch"] - faces["pitch"].median()).abs()
    ordered = faces.assign(turn=faces["yaw"].abs() + tilt).sort_values(["turn", "path"])
    frontal = ordered.head(max(1, round(_FRONTAL * len(faces))))
    return str(frontal.sort_values(["sharpness", "path"], ascending=[False, True])["path"].iloc[0])
