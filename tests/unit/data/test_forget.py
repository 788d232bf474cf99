from pathlib import Path

import pandas as pd
import pytest
from tests.withdrawal import known

from facsimile.data.forget import (
    show_withdrawn,
    trained_on,
    withdraw,
    withdrawn,
    without_withdrawn,
)
from facsimile.data.holdings import rows_of
from facsimile.data.records import Clip
from facsimile.errors import UserError


def test_nobody_has_withdrawn_where_there_is_no_list(tmp_path):
    assert withdrawn(tmp_path, "toy") == set()


def test_the_list_keeps_who_withdrew_and_from_which_models(tmp_path):
    withdraw(tmp_path, "toy", "ann", ["swap_df"])
    withdraw(tmp_path, "toy", "Zoë", [])
    once = (tmp_path / "withdrawn.yaml").read_bytes()
    withdraw(tmp_path, "toy", "ann", [])
    assert (tmp_path / "withdrawn.yaml").read_bytes() == once
    assert withdrawn(tmp_path, "toy") == {"ann", "Zoë"} and withdrawn(tmp_path, "x") == set()
    assert trained_on(tmp_path, "toy", "ann") == ["swap_df"]


@pytest.mark.parametrize("text", ["toy: ann", "[ann]", "toy: {ann: 3}", "{", "toy: {ann: null"])
def test_a_list_that_cannot_be_read_is_no_empty_list(tmp_path, text):
    (tmp_path / "withdrawn.yaml").write_text(text)
    with pytest.raises(UserError, match=r"withdrawn\.yaml must map"):
        withdrawn(tmp_path, "toy")


def test_a_list_written_by_hand_needs_no_models(tmp_path):
    (tmp_path / "withdrawn.yaml").write_text("toy: {ann: , 7: []}")
    assert withdrawn(tmp_path, "toy") == {"ann", "7"}


def test_clips_of_who_withdrew_and_unnamed_fakes_of_them_are_left_out():
    given = [
        Clip(Path("a"), "toy", "a", "ann", "video"),
        Clip(Path("b"), "toy", "b", "bob", "video", origin="a"),
        Clip(Path("c"), "toy", "c", "", "video", origin="a"),
        Clip(Path("d"), "toy", "d", "", "video", origin="b"),
    ]
    assert [clip.clip for clip in without_withdrawn(given, {"ann"})] == ["b", "d"]
    assert without_withdrawn(iter(given), set()) == given


def test_older_faces_show_whom_forget_would_erase(faces):
    table = pd.read_parquet(faces / "faces.parquet")
    gone = show_withdrawn(table, {"ann"})
    assert list(gone) == list(rows_of(table, known(faces), sure=True))
    assert list(table.path[gone]) == ["images/a/0.png", "images/both/0.png", "images/fake/0.png"]


def test_a_clip_of_several_who_all_withdrew_shows_nobody_else(faces):
    table = pd.read_parquet(faces / "faces.parquet")
    assert show_withdrawn(table, {"ann", "bob"}).all()
    assert not show_withdrawn(table, set()).any()
