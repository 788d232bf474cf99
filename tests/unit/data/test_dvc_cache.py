import json

import pandas as pd
import pytest
from tests.withdrawal import ANN, known, picture, write

from facsimile.data.dvc_cache import cached, listings, md5
from facsimile.data.erasing import erase
from facsimile.data.holdings import files_of, holding


def store(cache, folder, layout="files/md5"):
    """Keep a folder as DVC does."""
    place = cache / layout
    entries = []
    for name, path in sorted(files_of(folder).items()):
        digest = md5(path)
        target = place / digest[:2] / digest[2:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        target.chmod(0o444)
        entries.append({"md5": digest, "relpath": name})
    text = json.dumps(entries, sort_keys=True)
    listing = place / "00" / f"{len(entries)}-{folder.name}.dir"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text(text)
    return listing


@pytest.mark.parametrize("layout", ["files/md5", "."])
def test_earlier_versions_in_the_cache_are_found_by_their_own_tables(faces, tmp_path, layout):
    cache = tmp_path / "cache"
    listing = store(cache, faces, layout)
    person = known(faces)
    erase(faces, holding(files_of(faces), person, sure=True), person)
    (path,) = [one.path for one in listings(cache)]
    assert path == listing
    found = cached(cache, ANN, set())
    contents = {path.read_bytes() for path in found}
    assert {f"face {name}".encode() for name in person.paths} <= contents
    assert listing in found and len(found) == len(person.paths) + 2


def test_another_data_set_with_a_person_of_that_name_is_left_alone(faces, tmp_path):
    cache, other = tmp_path / "cache", tmp_path / "other"
    rows = pd.read_parquet(faces / "faces.parquet").assign(dataset="other")
    write(other, "faces.parquet", rows)
    for name in rows.path:
        picture(other, name)
        (other / name).write_bytes(b"other " + name.encode())
    store(cache, other)
    split = tmp_path / "split"
    write(split, "identity.parquet", [{"path": "p", "subject": "ann", "clip": "else"}])
    store(cache, split)
    assert cached(cache, known(faces), {md5(faces / "images/a/0.png")}) == set()


def test_tables_without_the_data_set_are_known_by_the_clips(faces, tmp_path):
    cache, split = tmp_path / "cache", tmp_path / "split"
    write(split, "identity.parquet", [{"path": "images/a/0.png", "subject": "ann", "clip": "a"}])
    listing = store(cache, split)
    found = cached(cache, known(faces), set())
    assert listing in found and len(found) == 2


def test_a_listing_that_cannot_be_read_is_passed_over(tmp_path):
    (tmp_path / "files/md5/ab").mkdir(parents=True)
    for name, text in (("1.dir", "{"), ("2.dir", "[1]"), ("3.dir", '[{"md5": "ab"}]')):
        (tmp_path / "files/md5/ab" / name).write_text(text)
    assert list(listings(tmp_path)) == []
