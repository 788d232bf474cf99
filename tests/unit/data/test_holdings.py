import pandas as pd
import pytest
from tests.withdrawal import ANN, face, known, picture, write

from facsimile.data.holdings import Person, acquaint, files_of, holding, is_of
from facsimile.errors import UserError


def test_the_faces_and_the_fakes_of_own_clips_are_theirs(faces):
    person = known(faces)
    assert person.clips == {"a", "both"} and person.own == {"a"}
    held = holding(files_of(faces), person, sure=True)
    assert held.whole == {"images/a/0.png", "images/both/0.png", "images/fake/0.png"}
    assert held.tables == {"faces.parquet": 3}


def test_a_side_of_the_pair_goes_with_its_only_person_and_so_do_contact_sheets(faces, tmp_path):
    selected = tmp_path / "selected"
    sides = {"ann": "src", "bob": "dst"}
    rows = pd.read_parquet(faces / "faces.parquet").to_dict("records")
    write(selected, "selected.parquet", [r | {"side": sides.get(r["subject"], "")} for r in rows])
    write(selected, "rejected.parquet", [{"path": "images/both/0.png", "reason": "blurred"}])
    for path in ("data_src/a_000000.png", "data_dst/both_000000.png", "contact.png"):
        picture(selected, path)
    held = holding(files_of(selected), known(faces, selected), sure=True)
    assert held.whole == {"data_src/a_000000.png", "contact.png"}
    assert held.tables == {"selected.parquet": 3, "rejected.parquet": 1}


def test_people_named_at_selection_only_are_found_in_the_faces(faces, tmp_path):
    rows = pd.read_parquet(faces / "faces.parquet").assign(subject="")
    rows.to_parquet(faces / "faces.parquet")
    named = rows.assign(subject=["c1", "c1", "c2", "", "c2", ""])
    write(tmp_path / "selected", "selected.parquet", named)
    person = known(faces, tmp_path / "selected", person=Person("toy", "c1"))
    assert holding(files_of(faces), person, sure=True).whole == {
        "images/a/0.png",
        "images/both/0.png",
        "images/fake/0.png",
    }


def test_a_table_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "faces.parquet").write_bytes(b"PAR1 broken")
    with pytest.raises(UserError, match=r"cannot read .*faces\.parquet"):
        known(tmp_path)


def test_what_extraction_set_aside_is_told_by_source_files_and_stays(faces):
    rejected = pd.DataFrame({"path": ["images/a/0.png"], "reason": ["no face"]})
    rejected.to_parquet(faces / "rejected.parquet")
    assert "rejected.parquet" not in holding(files_of(faces), known(faces), sure=True).files


def test_dangling_links_are_files_too(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/gone.png").symlink_to(tmp_path / "nowhere")
    assert set(files_of(tmp_path)) == {"sub/gone.png"}
    assert files_of(tmp_path / "absent") == {}


def test_a_table_that_was_being_written_is_not_read(faces):
    (faces / ".partial-1.parquet").write_bytes(b"PAR1 half")
    assert known(faces).clips == {"a", "both"}


def unsure(folder):
    """As a folder is looked at of which it is not known whose it is."""
    return acquaint(ANN, [files_of(folder)])


def test_of_a_foreign_folder_only_tables_of_the_data_set_tell(faces, tmp_path):
    rows = pd.read_parquet(faces / "faces.parquet")
    write(tmp_path / "other", "faces.parquet", rows.assign(dataset="other"))
    write(tmp_path / "nameless", "faces.parquet", rows.drop(columns="dataset"))
    for folder in ("other", "nameless"):
        assert unsure(tmp_path / folder) == ANN
    assert unsure(faces).clips == {"a", "both"}


def test_which_data_set_a_folder_is_of(faces):
    assert is_of(files_of(faces), "toy") and not is_of(files_of(faces), "other")


def test_without_a_name_of_the_data_set_a_namesake_elsewhere_is_somebody_else(faces, tmp_path):
    rows = [face("p/0.png", "ann", "a"), face("p/1.png", "ann", "elsewhere")]
    write(tmp_path / "split", "identity.parquet", pd.DataFrame(rows).drop(columns="dataset"))
    files = files_of(tmp_path / "split")
    assert holding(files, known(faces)).tables == {"identity.parquet": 1}
    assert holding(files, known(faces), sure=True).tables == {"identity.parquet": 2}


def test_a_fake_that_another_table_names_as_somebody_is_spared(faces, tmp_path):
    rows = pd.read_parquet(faces / "faces.parquet")
    named = rows.assign(subject=["ann", "ann", "bob", "eve", "bob", ""])
    write(tmp_path / "selected", "selected.parquet", named)
    person = known(faces, tmp_path / "selected")
    assert "images/fake/0.png" in person.spared
    assert "images/fake/0.png" not in holding(files_of(faces), person, sure=True).files


def test_a_fake_of_a_clip_that_shows_somebody_else_too_stays(faces):
    held = holding(files_of(faces), known(faces), sure=True)
    assert "images/other/0.png" not in held.files


def test_who_is_nowhere_has_nothing(faces):
    eve = known(faces, person=Person("toy", "eve"))
    assert holding(files_of(faces), eve, sure=True).files == set()
    (faces / "sheet.jpg").write_bytes(b"others")
    assert holding(files_of(faces), eve, sure=True).files == set()
