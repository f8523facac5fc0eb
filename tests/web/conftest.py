import pytest

from tests.web.clients import Browser, signed_in


@pytest.fixture
def client(app):
    """A browser that is not signed in."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def client_as(app):
    """`client_as("manager")`: a browser signed in as a new person with that role."""
    return lambda role="admin", **fields: signed_in(app, role, **fields)
