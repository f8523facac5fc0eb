import pytest

from tests.factories import imei, make_integration, make_item, make_listing, make_order, make_product, make_variation
from wholecell.services import search


def hits(text):
    return [(hit.kind, hit.title) for hit in search.find(text)]


@pytest.fixture
def shop(session):
    variation = make_variation("IP11-UNL", product=make_product("iPhone 11"))
    make_item(variation, esn=imei(7), hex_id="ABC123")
    integration = make_integration()
    make_listing(integration, sku="CHANNEL-1", title="iPhone 11 64 GB black", external_id="L-77")
    make_listing(integration, sku="OTHER", skus=["BY-HAND"], title="Galaxy S22")
    make_order(number="112-8830174")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (imei(7), [("item", imei(7))]),
        (f" {imei(7)} ", [("item", imei(7))]),
        (imei(7)[-5:], [("item", imei(7))]),
        ("abc123", [("item", imei(7))]),
        ("IP11-UNL", [("variation", "IP11-UNL")]),
        ("ip11-unl", [("variation", "IP11-UNL")]),
        ("112-8830174", [("order", "112-8830174")]),
        ("L-77", [("listing", "iPhone 11 64 GB black")]),
        ("CHANNEL-1", [("listing", "iPhone 11 64 GB black")]),
        ("BY-HAND", [("listing", "Galaxy S22")]),
        ("black iphone", [("listing", "iPhone 11 64 GB black")]),
        ("nothing like it", []),
        ("%", []),
        ("", []),
    ],
)
def test_what_stands_on_a_thing_finds_it(shop, text, found):
    assert hits(text) == found


def test_several_codes_are_a_list(shop):
    assert search.is_list(f"{imei(1)}\n{imei(2)}")
    assert not search.is_list(imei(1))
    assert not search.is_list("iPhone 11 black")
