"""What a scanner read, in words a picker understands."""

import pytest

from tests import factories as make
from tests.order_moves import Shop
from wholecell.db import transaction
from wholecell.models import Location
from wholecell.services.refusal import Refusal
from wholecell.services.scanned import find_phone


def said(code):
    with pytest.raises(Refusal) as refusal, transaction() as session:
        find_phone(session, code)
    return str(refusal.value)


def test_codes_of_other_things_are_named(app):
    shop = Shop(1)
    order = shop.order(number="BM-1001")
    make.save(Location(warehouse_id=shop.phones[0].warehouse_id, name="A-1-3"))
    assert said(order.number).startswith("BM-1001 is the number of an order, not a phone")
    assert said("A-1-3").startswith("A-1-3 is a location")
    assert said("SKU-A").startswith("SKU-A is a SKU")
    assert "barcode of a product" in said("4006381333931")
    assert "barcode of a product" in said("012345678905")


def test_numbers_that_are_no_phone_of_ours(app):
    assert "Nothing was scanned" in said("  ")
    assert "not a valid IMEI" in said("353985102048176")
    assert "digits are missing" in said("35398510204817")
    assert said(make.imei(77)) == f"{make.imei(77)} is not in stock: take the phone in first, or scan it again."


def test_a_number_on_the_phone_comes_before_a_label(app):
    variation = make.make_variation("S")
    labelled = make.make_item(variation, hex_id="ABC123")
    named = make.make_item(variation, esn="ABC123")
    with transaction() as session:
        assert find_phone(session, "ABC123").id == named.id
        assert find_phone(session, labelled.esn).id == labelled.id
