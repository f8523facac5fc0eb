"""Sheets of orders that have fewer columns than the one before: what they leave out stays."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.by_hand_world import ME, make_by_hand, upload
from wholecell.db import db
from wholecell.models import Listing, OrderItem, SalesOrder, UploadRow
from wholecell.services import offers, uploads
from wholecell.services.upload_channel_order_known import KnownOrder, filled
from wholecell.services.upload_kinds import Row

WHOLE = "order_id,sku,listing_id,title,quantity,unit_price,shipping_price\nA,S1,L1,A phone,2,250.00,10.00\n"


def lines():
    item = OrderItem
    columns = (item.external_line_id, item.sku, item.title, item.ordered, item.cancelled, item.price_cents)
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(item.id))]


@pytest.mark.parametrize("columns", ["sku", "listing_id", "listing_id,sku"])
def test_a_sheet_of_states_changes_no_units_names_or_prices(app, columns):
    key = make_by_hand()
    make.make_items(make.make_variation("S1"), 3)
    upload(key, "listings", "listing_id,sku,quantity\nL1,S1,3\n")
    upload(key, "orders", WHOLE)
    assert db.session.scalars(sa.select(Listing.last_offered)).one() == 1
    names = columns.replace("sku", "S1").replace("listing_id", "L1")
    found = upload(key, "orders", f"order_id,status,{columns}\nA,paid,{names}\n")
    rows = sa.select(UploadRow.outcome).filter_by(upload_id=found.id)
    assert db.session.scalars(rows).all() == ["changed"]
    assert lines() == [("L1", "S1", "A phone", 2, 0, 25000)]
    order = db.session.scalars(sa.select(SalesOrder).execution_options(populate_existing=True)).one()
    assert (order.channel_status, order.total_cents, order.shipping_cents) == ("paid", 51000, 1000)
    assert db.session.scalars(sa.select(Listing.last_offered)).one() == 1  # and nothing is sold twice


def test_a_blank_cell_of_a_column_that_is_there_is_one_unit_as_ever(app):
    key = make_by_hand()
    upload(key, "orders", WHOLE)
    upload(key, "orders", "order_id,sku,listing_id,quantity\nA,S1,L1,\n")
    assert lines() == [("L1", "S1", "A phone", 1, 0, 25000)]


def test_columns_that_come_later_find_the_line(app):
    key = make_by_hand()
    upload(key, "orders", "order_id,sku,quantity\nA,S1,2\nA,S1,1\n")
    upload(key, "orders", "order_id,listing_id,sku,quantity\nA,L1,S1,2\nA,L2,S1,1\nA,L3,S1,4\n")
    assert [(key, units, gone) for key, _, _, units, gone, _ in lines()] == [
        ("S1", 2, 0),
        ("S1#2", 1, 0),
        ("L3", 4, 0),
    ]


def test_a_sheet_that_is_applied_late_undoes_nothing_that_came_since(app):
    """Two people: what one read first and the other's newer file changed is not put back."""
    key = make_by_hand()
    upload(key, "listings", "listing_id,sku,quantity\nL1,S1,3\nL2,S2,3\n")
    upload(key, "orders", WHOLE)
    states = "order_id,sku,listing_id,quantity\n"
    orders = upload(key, "orders", f"{states}A,S1,L1,1\nB,S1,L1,1\nC,S1,L1,1\n", applied=False)
    sheet = upload(key, "listings", "listing_id,quantity\nL1,7\nL2,7\nL3,7\n", applied=False, complete="yes")
    upload(key, "orders", f"{states}A,S1,L1,3\nB,S1,L1,2\n")
    upload(key, "listings", "listing_id,quantity\nL1,2\nL3,2\nL4,2\n")
    for late in (orders, sheet):
        uploads.apply(ME, late.id)
    rows = sa.select(UploadRow.outcome).order_by(UploadRow.number)
    assert db.session.scalars(rows.filter_by(upload_id=orders.id)).all() == ["conflict", "conflict", "new"]
    assert db.session.scalars(rows.filter_by(upload_id=sheet.id)).all() == ["conflict", "changed", "conflict"]
    assert [units for _, _, _, units, _, _ in lines()] == [3, 2, 1]
    shown = sa.select(Listing.external_id, Listing.last_imported, Listing.state).order_by(Listing.external_id)
    numbers = [("L1", 2), ("L2", 7), ("L3", 2), ("L4", 2)]
    assert db.session.execute(shown).all() == [(*each, "active") for each in numbers], "nor ends what came since"


def test_an_order_of_which_more_was_sold_since_is_not_taken_back_with_its_file(app):
    key = make_by_hand()
    make.make_items(make.make_variation("S1"), 3)
    upload(key, "listings", "listing_id,sku,quantity\nL1,S1,3\n")
    first = upload(key, "orders", "order_id,sku,quantity\nA,S1,1\nB,S1,1\n")
    upload(key, "orders", "order_id,sku,quantity\nA,S1,2\n")
    uploads.undo(ME, first.id)
    offers.compute_all()
    rows = sa.select(UploadRow.outcome).filter_by(upload_id=first.id).order_by(UploadRow.number)
    assert db.session.scalars(rows).all() == ["kept", "new"]
    assert [(units, cancelled) for _, _, _, units, cancelled, _ in lines()] == [(2, 0), (1, 1)]
    assert db.session.scalars(sa.select(Listing.last_offered)).one() == 1


def test_which_line_a_row_is_about():
    known = {
        "A": KnownOrder("new", "", {}, [{"line": "x", "sku": "S1"}, {"line": "L1", "sku": "S1", "listing_id": "L1"}]),
    }

    def line(**cells):
        return filled([Row(1, {"order_id": "A", **cells})], known)[0].get("line")

    assert line(sku="S1", listing_id="L1") == "L1"  # by the surest name
    assert line(sku="S1") == "x"
    assert line(sku="S9", listing_id="L1") == "L1"
    assert line(sku="S1", listing_id="L7") == "x"
    assert line(sku="S9") == line(order_id="B", sku="S1") == line() == ""
