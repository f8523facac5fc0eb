"""Pages of integrations, listings and Today: what they owe, what they show, who may change what."""

from tests import factories as make
from tests.web.pages import get_page


def test_first_page_on_an_empty_database(client_as):
    page = get_page(client_as("admin", name="Maya Ortiz"), "/")
    assert page.headings == ["Welcome, Maya"]
    for step in ("Phones you trade", "Connect a channel", "Arm it"):
        assert step in page.text


def test_cards(client_as):
    get_page(client_as("admin"), "/integrations/")
    get_page(client_as("viewer"), "/listings/")
    get_page(client_as("admin", email="b@b.b"), "/integrations/connect/backmarket")
    one = make.make_integration()
    listing = make.make_listing(one, "A1")
    client = client_as("admin", email="a@b.b")
    for tab in ("", "listings", "preview", "history"):
        get_page(client, f"/integrations/{one.id}/{tab}")
    get_page(client, f"/listings/{listing.id}")
    get_page(client, "/")
