import json
from pathlib import Path

import pytest

from facsimile.errors import UserError
from facsimile.faces.optional import folder, package


def test_what_is_installed_is_found():
    assert package("json") is json
    assert folder("json") == Path(json.__file__).parent


@pytest.mark.parametrize("find", [package, folder])
def test_what_is_missing_is_named_with_what_to_do(find):
    with pytest.raises(UserError, match=r"no_such_package.*make detectors.*embedder="):
        find("no_such_package")
