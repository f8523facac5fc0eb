import pytest

from tests.factories import make_product, make_variation
from wholecell.services.suggested_sku import compose, suggest


@pytest.mark.parametrize(
    ("maker", "model", "network", "capacity", "color", "grade", "codes", "sku"),
    [
        ("Apple", "iPhone 11", "Unlocked", "64GB", "Black", "A", "", "IP11-UNL-64-BK-A"),
        ("Apple", "iPhone 8 Plus", "Sprint", "64GB", "Rose Gold", "B", "CG", "IP8P-SPR-64-RG-B-CG"),
        ("Apple", "iPhone 13 Pro", "Unlocked", "256GB", "Graphite", "B", "", "IP13P-UNL-256-GR-B"),
        ("Apple", "iPhone SE (2nd gen)", "AT&T", "64 GB", "Red", "C", "", "IPSE2-ATT-64-RD-C"),
        ("Apple", "iPhone XR", "Verizon", "64GB", "White", "C", "", "IPXR-VZW-64-WH-C"),
        ("Google", "Pixel 7", "Unlocked", "128GB", "Obsidian", "B", "", "GP7-UNL-128-OB-B"),
        ("Samsung", "Galaxy S20 FE", "T-Mobile", "128GB", "Cloud Navy", "B", "", "SGS20FE-TMO-128-NV-B"),
        ("Samsung", "Galaxy S21 5G", "Unlocked", "128GB", "Phantom Gray", "A", "", "SGS21-UNL-128-GY-A"),
        ("Samsung", "Galaxy Note20 Ultra", "Unlocked", "1TB", "Bronze", "B+", "CG+SB", "SGN20U-UNL-1T-BZ-B+-CG-SB"),
        ("Apple", "iPhone 11", "unknown", "unknown", "unknown", "A", "", "IP11-UNK-A"),
    ],
)
def test_the_suggestion_is_read_from_the_attributes(maker, model, network, capacity, color, grade, codes, sku):
    assert compose(maker, model, network, capacity, color, grade, codes) == sku


def test_a_suggestion_somebody_has_gets_a_number(session):
    product = make_product("iPhone 11")
    variation = make_variation(product=product)
    assert suggest(variation.id) == "IP11-UNL-64-BK-A"
    make_variation("IP11-UNL-64-BK-A")
    assert suggest(variation.id) == "IP11-UNL-64-BK-A-2"
    make_variation("IP11-UNL-64-BK-A-2")
    make_variation("IP11-UNL-64-BK-A-X")
    assert suggest(variation.id) == "IP11-UNL-64-BK-A-3"


def test_its_own_sku_is_no_obstacle(session):
    variation = make_variation("IP11-UNL-64-BK-A", product=make_product("iPhone 11"))
    assert suggest(variation.id) == "IP11-UNL-64-BK-A"
    assert suggest(999) is None
