"""The whole way of a data set: described, looked at, used, changed by two, deleted and back."""

import re

import httpx
import pandas as pd
import pytest
import yaml
from tests.e2e.steps import STATED, checked, create, fill, message_at, save

pytestmark = [pytest.mark.e2e, pytest.mark.sample]


def test_from_the_form_to_the_command_line(page, studio):
    page.goto("/new")
    fill(page, name="faces", root=str(studio.pictures), height="96", **STATED)
    assert message_at(page, "resize") == "none goes with no size"
    page.select_option("#f-resize", "fit")
    page.locator("#f-resize-wrong:empty").wait_for(state="attached")
    page.locator("select[name=degradations]").first.select_option("salt_and_pepper_5")

    page.set_input_files("#picture", studio.pictures / "s1/1.png")
    page.select_option("#model", "tiny")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview figure").nth(3).wait_for()
    assert page.locator("#preview").get_by_text("1 face").is_visible()
    assert page.locator("#preview svg circle").count() == 5  # the landmarks
    assert page.locator("#preview figcaption").all_inner_texts() == [
        "As it is, 79 × 96",
        "The crop, 128 × 128",
        "Degraded, 128 × 128",
        "Restored: its detail is invented, 128 × 128",
    ]
    degraded = page.locator("#preview tr", has_text="degraded").locator("td").first
    assert 10 < float(degraded.inner_text()) < 25  # dB, with 5 % of the pixels black or white

    save(page)
    assert page.get_by_text("faces is saved: use it as data=faces.").is_visible()
    checked(page, "faces")
    assert page.locator(".sheet img").count() == 8
    assert page.get_by_text("s1/broken.jpg").is_visible()
    assert page.locator(".charts svg").count() == 6

    said = yaml.safe_load(studio.yaml_of("faces").read_text())
    assert said["data"]["root"] == str(studio.pictures)
    done = studio.facsimile("data-check", "data=faces", f"output={studio.folder / 'found'}")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\b9\b", done.stdout)  # with the broken one
    made = studio.facsimile("extract", "data=faces", f"output={studio.folder / 'crops'}")
    assert made.returncode == 0, made.stderr
    faces = pd.read_parquet(studio.folder / "crops/faces.parquet")
    assert sorted(faces["subject"]) == ["s1", "s1", "s2", "s2", "s3", "s3", "s4", "s4"]
    rejected = pd.read_parquet(studio.folder / "crops/rejected.parquet")
    assert "broken.jpg" in str(rejected.to_dict())


def test_two_people_who_edit_at_once_lose_nothing(page, open_page, studio):
    create(page, "both", studio.pictures, details="first")
    page.goto("/datasets/both/edit")
    other = open_page()
    other.goto("/datasets/both/edit")
    fill(other, details="theirs")
    save(other)

    fill(page, details="mine", source="a library")
    save(page)
    assert page.get_by_role(
        "heading", name="both was changed while you were editing it"
    ).is_visible()
    rows = page.locator(".summary tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["Details", "mine", "theirs"],
        ["Source", "a library", "–"],
    ]
    assert "theirs" in studio.yaml_of("both").read_text()
    assert page.input_value("#f-details") == "mine"
    save(page)  # knowing it
    page.wait_for_url("**/datasets/both")
    assert "mine" in studio.yaml_of("both").read_text()


def test_an_edit_by_hand_is_seen_and_not_overwritten(page, studio):
    create(page, "byhand", studio.pictures)
    page.goto("/datasets/byhand/edit")
    path = studio.yaml_of("byhand")
    path.write_text(path.read_text().replace("for research only", "for nobody"))
    fill(page, details="mine")
    save(page)
    assert "for nobody" in page.locator(".summary tbody").inner_text()
    page.goto("/datasets/byhand")
    assert page.get_by_text("for nobody").first.is_visible()


def test_deleting_asks_first_and_is_undone(page, studio):
    create(page, "gone", studio.pictures)
    page.goto("/datasets?search=gone")
    page.get_by_role("link", name="Delete gone").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    dialog.get_by_role("link", name="Keep it").click()
    assert not dialog.count()
    assert studio.yaml_of("gone").exists()

    page.get_by_role("link", name="Delete gone").click()
    dialog.get_by_role("button", name="Delete gone").click()
    page.get_by_text("gone is deleted.").wait_for()
    assert not studio.yaml_of("gone").exists()
    assert not page.get_by_role("link", name="Delete gone").count()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("gone is back.").wait_for()
    assert studio.yaml_of("gone").exists()
    page.reload()
    assert not page.get_by_text("gone is back.").count()  # a message is shown once


def test_the_list_is_searched_sorted_and_divided(page, studio):
    for number in range(22):
        add(studio, f"many-{number:02d}", f"set number {number}")
    page.goto("/datasets")
    page.fill("input[name=search]", "number 1")
    page.get_by_text("12 data sets found").wait_for()  # 01, 10 to 19, 21
    assert "search=number+1" in page.url
    page.fill("input[name=search]", "many")
    page.get_by_text("22 data sets found, page 1 of 2").wait_for()
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_role("link", name=re.compile("Name.*")).first.click()
    names = page.locator("tbody .name").all_inner_texts()
    assert names == sorted(names, reverse=True)
    assert names[0] == "many-21"
    page.get_by_role("link", name="The next page").click()
    assert page.locator("tbody .name").all_inner_texts() == ["many-01", "many-00"]


def add(studio, name, details):
    """A data set that a program added."""
    said = {"name": name, "kind": "folder", "root": str(studio.pictures), "details": details}
    httpx.post(f"{studio.address}/api/v1/datasets", json=said | STATED).raise_for_status()


def test_a_picture_is_restored_and_the_result_says_so(page, studio, tmp_path):
    from facsimile.provenance.read import read

    page.goto("/models")
    assert page.get_by_role("cell", name="psnr 12.34").is_visible()
    page.set_input_files("#picture", studio.pictures / "s2/1.png")
    page.get_by_role("button", name="Restore").click()
    page.get_by_text("its detail is invented").wait_for()
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == "0 % before, 100 % after"
    assert "0%" in page.locator(".compare").evaluate("one => one.style.getPropertyValue('--cut')")
    with page.expect_download() as loaded:
        page.get_by_role("link", name="Download the restored picture").click()
    assert loaded.value.suggested_filename == "1-restored.png"
    loaded.value.save_as(tmp_path / "restored.png")
    signed = read(tmp_path / "restored.png")
    assert signed.status == "valid"
    assert "restored by tiny; its detail is invented" in str(signed.manifest)


def test_pictures_that_are_sent_make_a_data_set(page, studio):
    page.goto("/new")
    fill(page, name="sent", **STATED)
    sent = [studio.pictures / "s3/1.png", studio.pictures / "s3/2.png"]
    page.set_input_files("#uploads", sent)
    save(page)
    page.wait_for_url("**/datasets/sent")
    kept = sorted(path.name for path in (studio.folder / "raw/sent").iterdir())
    assert kept == ["1.png", "2.png"]
    checked(page, "sent")
    page.goto("/datasets/sent/edit")
    page.locator(".choose label").first.click()  # one of the source
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview figure").first.wait_for()
