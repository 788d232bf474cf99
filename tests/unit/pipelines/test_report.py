from pathlib import Path

from hydra import compose, initialize_config_dir

from facsimile.pipelines import report

CONF = Path(__file__).resolve().parents[3] / "conf"


def test_with_nothing_made_yet_the_page_says_what_to_run(tmp_path):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", [f"paths.root={tmp_path}", f"output={tmp_path / 'out'}"])
    report.run(cfg)
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "out" / "index.md").read_text(encoding="utf-8")
    for command in ("fetch", "extract", "split"):
        assert f"facsimile {command}" in html and f"facsimile {command}" in markdown
    for recipes in cfg.params.experiments.values():
        for name in recipes:
            assert f"facsimile train experiment={name}" in html
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
