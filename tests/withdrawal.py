"""Faces of Ann and of others, as `forget` meets them: plain functions for any test."""

import pandas as pd

from facsimile.data.holdings import Person, acquaint, files_of

ANN = Person("toy", "ann")


def face(path, subject, clip, origin="", **more):
    row = {"path": path, "dataset": "toy", "clip": clip, "subject": subject, "origin": origin}
    return row | {"frame": 0, "label": int(bool(origin))} | more


def write(folder, name, rows):
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_parquet(folder / name)


def picture(folder, path):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(f"face {path}".encode())


def write_faces(folder):
    """Ann alone, Ann with Bob, a fake of Ann's clip by nobody and one of it by Bob."""
    rows = [
        face("images/a/0.png", "ann", "a"),
        face("images/both/0.png", "ann", "both"),
        face("images/both/0_1.png", "bob", "both"),
        face("images/fake/0.png", "", "fake", "a"),
        face("images/bob/0.png", "bob", "bob", "a"),
        face("images/other/0.png", "", "other", "both"),
    ]
    write(folder, "faces.parquet", rows)
    for row in rows:
        picture(folder, row["path"])
    return folder


def known(*folders, person=ANN):
    return acquaint(person, [files_of(folder) for folder in folders], sure=True)
