import pytest
from hydra.errors import ConfigCompositionException

from facsimile.errors import UserError
from facsimile.pipelines.explain import explain, with_cause


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.delenv("FACSIMILE_DEBUG", raising=False)


def caused(error, cause):
    error.__cause__ = cause
    return error


def test_a_message_for_people_is_told_as_it_is_whatever_caused_it():
    assert explain(caused(UserError("no such file "), ValueError("errno 2"))) == "no such file"


def test_where_hydra_looked_is_left_out_and_its_cause_told():
    error = ConfigCompositionException("no 'x'\nConfig search path:\n\tprovider=main")
    assert with_cause(error) == "no 'x'"
    assert explain(caused(ConfigCompositionException("no"), KeyError("lr"))) == "no; 'lr'"


def test_a_file_is_named_with_its_reason():
    message = explain(PermissionError(13, "Permission denied", "/proc/x"))
    assert message.startswith("/proc/x: Permission denied")


@pytest.mark.parametrize("error", [ValueError("ours"), OSError("no file")])
def test_a_bug_is_raised_again(error):
    with pytest.raises(type(error)):
        explain(error)


def test_with_the_variable_set_everything_is_raised(monkeypatch):
    monkeypatch.setenv("FACSIMILE_DEBUG", "1")
    with pytest.raises(UserError):
        explain(UserError("told otherwise"))
