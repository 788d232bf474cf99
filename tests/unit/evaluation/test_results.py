import json

import numpy as np
import pandas as pd

from facsimile.evaluation.results import Results


def some_results():
    return Results(
        metrics={"test/psnr": 1 / 3, "test/inf": float("inf")},
        tables={"a": pd.DataFrame({"frame": [1, 2], "psnr": [0.5, float("inf")]})},
        curves={"b": pd.DataFrame({"frame": [1, 2], "swap": [1 / 3, None]})},
        pictures={"c.png": np.full((4, 5, 3), 9, np.uint8)},
        means={"d": pd.DataFrame({"strength": [0.5], "psnr": [2 / 3]})},
    )


def test_everything_is_written_and_the_same_bytes_twice(tmp_path):
    for name in ("one", "two"):
        some_results().write(tmp_path / name)
    files = {p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file()}
    assert {str(path) for path in files} == {
        "metrics.json", "tables/a.parquet", "tables/d.csv", "plots/b.csv", "plots/c.png",
    }  # fmt: skip
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert json.loads((tmp_path / "one/metrics.json").read_text())["test/inf"] is None
    assert (tmp_path / "one/plots/b.csv").read_text() == "frame,swap\n1,0.333333\n2,\n"
    assert (tmp_path / "one/tables/d.csv").read_text() == "strength,psnr\n0.5,0.666667\n"
    assert pd.read_parquet(tmp_path / "one/tables/a.parquet").equals(some_results().tables["a"])


def test_what_an_older_evaluation_left_is_gone(tmp_path):
    old = tmp_path / "plots" / "old.csv"
    old.parent.mkdir()
    old.write_text("x")
    some_results().write(tmp_path)
    assert not old.exists()


def test_only_the_signed_copy_of_a_synthetic_picture_appears(tmp_path):
    def sign(unsigned, path):
        assert not path.exists()
        path.write_bytes(unsigned.read_bytes() + b"signed")

    plain, signed = some_results(), some_results()
    signed.signs["c.png"] = sign
    plain.write(tmp_path / "plain")
    signed.write(tmp_path / "signed")
    expected = (tmp_path / "plain/plots/c.png").read_bytes() + b"signed"
    assert (tmp_path / "signed/plots/c.png").read_bytes() == expected
    assert {path.name for path in (tmp_path / "signed/plots").iterdir()} == {"b.csv", "c.png"}
