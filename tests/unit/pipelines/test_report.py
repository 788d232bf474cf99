from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.errors import UserError
from facsimile.pipelines import report

CONF = Path(__file__).resolve().parents[3] / "conf"


def config(tmp_path):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={tmp_path}", f"output={tmp_path / 'out'}"])


def test_with_nothing_made_yet_the_page_says_what_to_run(tmp_path):
    cfg = config(tmp_path)
    report.run(cfg)
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "out" / "index.md").read_text(encoding="utf-8")
    for command in ("fetch", "extract", "split"):
        assert f"facsimile {command}" in html and f"facsimile {command}" in markdown
    for recipes in cfg.params.experiments.values():
        for name in recipes:
            assert f"facsimile train experiment={name}" in html
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("name", ["thesis.txt", "index.html"])
def test_a_folder_of_the_user_s_is_left_alone(tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(UserError, match="not what this command made"):
        report.run(config(tmp_path))
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_an_older_report_is_replaced(tmp_path):
    for _ in range(2):
        report.run(config(tmp_path))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "index.md"}
