"""A studio, and one who asks it."""

import pytest
from fastapi.testclient import TestClient
from tests import made_studio

from facsimile.studio.app import create_app


@pytest.fixture
def app(tmp_path):
    return create_app(made_studio.settings(tmp_path))


@pytest.fixture
def api(app):
    """Speaks as a program does: without cookies."""
    with TestClient(app, base_url="http://testserver/api/v1") as client:
        yield client


@pytest.fixture
def studio(app, api):
    return app.state.studio


@pytest.fixture
def fields(tmp_path):
    return made_studio.described(tmp_path)


@pytest.fixture
def mine(api, fields):
    """A data set that is there."""
    return api.post("/datasets", json=fields).json()
