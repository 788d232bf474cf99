import yaml

from facsimile.pipelines.cli import main


def test_resolve_writes_plain_values_only_where_told(tmp_path, monkeypatch):
    before = set(tmp_path.iterdir())
    assert main(["resolve", "experiment=swap_df", f"output={tmp_path}/out"]) == 0
    assert {p.name for p in set(tmp_path.iterdir()) - before} == {"out"}
    text = (tmp_path / "out" / "config.yaml").read_text()
    config = yaml.safe_load(text)
    assert config["name"] == "swap_df"
    assert "${" not in text
    assert "paths" not in config and "logger" not in config
    assert config["evaluation"]["identity_every"] >= 1


def test_resolve_does_not_depend_on_where_it_runs(tmp_path, monkeypatch):
    main(["resolve", "experiment=swap_df", f"output={tmp_path}/a"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACSIMILE_ROOT", str(tmp_path))
    main(["resolve", "experiment=swap_df", f"output={tmp_path}/b"])
    assert (tmp_path / "a/config.yaml").read_text() == (tmp_path / "b/config.yaml").read_text()
