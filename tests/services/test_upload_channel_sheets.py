"""Listings and orders that come by files: read as a channel's API would tell them, stored the same way, taken back."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.by_hand_world import KIND, ME, make_by_hand, upload
from tests.factories import QueryCounter
from wholecell.channels import discover
from wholecell.db import db
from wholecell.models import Listing, OrderItem, SalesOrder, UploadRow
from wholecell.services import offers, upload_personal, uploads
from wholecell.services.refusal import Refusal
from wholecell.services.sheet_cells import read_code, read_time, read_units
from wholecell.services.upload_channel_order_rows import read_orders
from wholecell.services.upload_kinds import Planned, Row

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def key(app):
    return make_by_hand()


def outcomes(found):
    rows = sa.select(UploadRow.outcome, UploadRow.reason).filter_by(upload_id=found.id).order_by(UploadRow.number)
    return [tuple(row) for row in db.session.execute(rows)]


def listings():
    rows = db.session.scalars(sa.select(Listing).order_by(Listing.id).execution_options(populate_existing=True))
    return {each.external_id: each for each in rows}


@pytest.mark.parametrize(
    ("read", "text", "value", "words"),
    [
        (read_units, "3", 3, ""),
        (read_units, "1,200.0", 1200, ""),
        (read_units, "2,0", 2, ""),
        (read_units, "2.00", 2, ""),
        (read_units, "1,5", None, "no whole number"),
        (read_units, "1,20,000", None, "no whole number"),
        (read_units, "", None, ""),
        (read_units, "-1", None, "no whole number from 0"),
        (read_units, "2.5", None, "no whole number from 0"),
        (read_units, "\N{SUPERSCRIPT TWO}", None, "no whole number"),
        (read_units, "99999999", None, "no whole number"),
        (lambda *args: read_code(*args, 10), "3.5E+14", "3.5E+14", "has lost digits in a spreadsheet"),
        (lambda *args: read_code(*args, 10), "3,5e14", "3,5e14", "has lost digits in a spreadsheet"),
        (lambda *args: read_code(*args, 10), "E14", "E14", ""),
        (lambda *args: read_code(*args, 10), "x" * 11, "x" * 11, "has 11 characters"),
    ],
)
def test_cells(read, text, value, words):
    planned = Planned()
    assert read(Row(1, {"cell": text}), "cell", planned) == value
    assert words in planned.reason and bool(words) == (planned.outcome == "refused")


@pytest.mark.parametrize(
    ("text", "is_american", "value"),
    [
        ("2026-11-26", False, datetime(2026, 11, 26, 12, tzinfo=UTC)),
        ("2026-11-26T10:00:00-05:00", False, datetime(2026, 11, 26, 15, tzinfo=UTC)),
        ("11/2/2026 9:30", True, datetime(2026, 11, 2, 9, 30, tzinfo=UTC)),
        ("11/2/2026", False, None),
        ("26/11/2026", True, None),
        ("yesterday", True, None),
        ("2030-01-01", True, None),
        ("0001-01-01T00:00:00+23:00", True, None),
    ],
)
def test_dates(text, is_american, value):
    planned = Planned()
    found = read_time(Row(1, {"cell": text}), "cell", planned, NOW, is_american=is_american)
    assert (planned.outcome == "refused") == (value is None)
    assert value is None or found == value


def read(*rows, statuses=None):
    made = [Row(number, row) for number, row in enumerate(rows, 2)]
    return read_orders(made, discover()[KIND], statuses or {}, NOW)


def test_rows_of_one_order_form_one_order():
    one = {"order_id": "A", "sku": "S", "unit_price": "10", "shipping_price": "5", "ship_name": "Ann"}
    two = {
        "order_id": "A",
        "sku": "S",
        "unit_price": "10",
        "quantity": "2",
        "ship_country": "usa",
        "buyer_email": "a@b.c",
    }
    (draft,) = read(one, two)
    order = draft.order
    assert [(line.external_id, line.ordered) for line in order.lines] == [("S", 1), ("S#2", 2)]
    assert (order.total_cents, order.shipping_cents, order.currency, order.status) == (3500, 500, "USD", "new")
    assert (order.ship_to.name, order.ship_to.country, order.email) == ("Ann", "US", "a@b.c")
    assert (
        read({"order_id": "A", "sku": "S"}, statuses={"A": "paid"})[0].order.status == "paid"
    )  # a blank cell is no news
    shipped = read({"order_id": "A", "sku": "S", "status": "Shipped"})[0].order
    assert (shipped.status, shipped.is_final, shipped.lines[0].shipped) == ("shipped", True, 1)
    assert read({"order_id": "A", "sku": "S"})[0].order.ship_to.country == ""


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"sku": "S"}], "order_id is blank"),
        ([{"order_id": "A"}], "neither a sku"),
        ([{"order_id": "A", "sku": "3.5E+14"}], "lost digits"),
        ([{"order_id": "A", "sku": "S", "quantity": "0"}], "from 1 to"),
        ([{"order_id": "A", "sku": "S", "unit_price": "ten"}], "not an amount"),
        ([{"order_id": "A", "sku": "S", "ship_name": "Ann", "ship_country": "Freedonia"}], "two letters"),
        ([{"order_id": "A", "sku": "S", "order_date": "soon"}], "no date we can read"),
        (
            [{"order_id": "A", "sku": "S", "status": "new"}, {"order_id": "A", "sku": "T", "status": "paid"}],
            "make them alike",
        ),
        ([{"order_id": "A", "sku": "S"}, {"order_id": "A", "sku": "T", "quantity": "x"}], "Row 3 of the same order"),
    ],
)
def test_orders_that_cannot_be_read_are_refused_whole(rows, words):
    (draft,) = read(*rows)
    assert draft.order is None
    assert all(planned.outcome == "refused" for _, planned in draft.rows)
    assert words in " ".join(planned.reason for _, planned in draft.rows)


def test_listings_follow_their_file_and_only_its_columns(key):
    make.make_variation("S1")
    found = upload(
        key,
        "listings",
        "listing_id\tsku\tstatus\tquantity\nL1\tS1\tactive\t0\nL2\tS2\tpaused\t1\nL2\tS2\t\t\n\tS3\t\t\nL4\tS4\tSOLD\t0\nL5\tS5\tinactive\t0\nL6\tS6\tinactive\t2\n",
    )
    assert [outcome for outcome, _ in outcomes(found)] == ["new", "new", "refused", "refused", "new", "new", "new"]
    rows = listings()
    assert {name: row.state for name, row in rows.items()} == {
        "L1": "out of stock",
        "L2": "needs attention",
        "L4": "out of stock",
        "L5": "out of stock",
        "L6": "needs attention",
    }
    assert (rows["L2"].state_reason, rows["L1"].is_connected, rows["L1"].title) == (
        "The file says “paused”.",
        True,
        "S1",
    )
    upload(key, "listings", "listing_id,title,price,quantity\nL1,Phone,12.50,3\n")
    row = listings()["L1"]
    assert (row.sku, row.title, row.price_cents, row.currency, row.last_imported, row.state) == (
        "S1",
        "Phone",
        1250,
        "USD",
        3,
        "active",
    )
    again = upload(key, "listings", "listing_id,title,price,quantity\nL1,Phone,12.50,3\n", applied=False)
    assert outcomes(again) == [("same", "")]
    with pytest.raises(Refusal, match="nothing to apply"):
        uploads.apply(ME, again.id)


def test_complete_file_ends_what_it_does_not_hold_and_comes_back(key):
    first = upload(key, "listings", "listing_id,sku,quantity\nL1,S1,1\nL2,S2,2\n")
    part = upload(key, "listings", "listing_id,quantity\nL2,5\n")
    assert listings()["L1"].state == "active"  # not said to be complete
    whole = upload(key, "listings", "listing_id,quantity\nL2,6\nL3,1\n", complete="yes")
    assert whole.warnings == ["1 listing is not in this file, which is said to hold all: applying marks it ended."]
    assert {name: row.state for name, row in listings().items()} == {"L1": "ended", "L2": "active", "L3": "active"}
    uploads.undo(ME, whole.id)
    rows = listings()
    assert {name: row.state for name, row in rows.items()} == {"L1": "active", "L2": "active", "L3": "ended"}
    assert (rows["L2"].last_imported, rows["L3"].state_reason) == (5, "The upload that brought it was taken back.")
    upload(key, "listings", "listing_id,title\nL2,Renamed\n")
    uploads.undo(ME, part.id)
    assert outcomes(part) == [("kept", "This listing changed after the upload. It was left alone.")]
    nothing_new = upload(key, "listings", "listing_id,quantity\nL2,5\n", complete="yes")  # it still ends another
    assert (listings()["L1"].state, uploads.find(nothing_new.id).state) == ("ended", "applied")
    assert [outcome for outcome, _ in outcomes(first)] == ["new", "new"]


def test_complete_file_with_a_row_that_cannot_be_read_ends_nothing(key):
    upload(key, "listings", "listing_id,sku\nL1,S1\n12345678901234,S2\n")
    found = upload(key, "listings", "listing_id,sku\nL1,S9\n1.2E+13,S2\n", complete="yes")
    assert found.warnings == [
        "1 row is refused and may be any listing, so this file marks nothing ended. Correct that and upload it again."
    ]
    assert {row.sku: row.state for row in listings().values()} == {"S9": "active", "S2": "active"}


def test_orders_are_taken_back_as_far_as_can_be(key):
    variation = make.make_variation("S1")
    phones = make.make_items(variation, 3)
    upload(key, "listings", "listing_id,sku,quantity\nL1,S1,3\n")
    known = upload(key, "orders", "order_id,sku,listing_id,quantity\nA,S1,L1,1\n")
    found = upload(key, "orders", "order_id,sku,listing_id,quantity,status\nA,S1,L1,1,paid\nB,S1,L1,1,\nC,S1,L1,1,\n")
    assert [outcome for outcome, _ in outcomes(found)] == ["changed", "new", "new"]
    assert listings()["L1"].last_offered == 0
    items = {
        row.external_id: row.item_id
        for row in db.session.execute(
            sa.select(SalesOrder.external_id, OrderItem.id.label("item_id")).join(
                OrderItem, OrderItem.order_id == SalesOrder.id
            )
        )
    }
    make.commit_phone(phones[0], db.session.get(OrderItem, items["C"]))
    uploads.undo(ME, found.id)
    offers.compute_all()
    words = dict(db.session.execute(sa.select(SalesOrder.external_id, SalesOrder.channel_status)).all())
    assert words == {"A": "paid", "B": "cancelled", "C": "new"}
    assert [outcome for outcome, _ in outcomes(found)] == ["kept", "new", "kept"]
    assert "Phones are committed" in outcomes(found)[2][1] and "known before" in outcomes(found)[0][1]
    assert listings()["L1"].last_offered == 1
    assert [outcome for outcome, _ in outcomes(known)] == ["new"]


def test_buyers_stay_on_their_orders_alone(key):
    text = "order_id,sku,quantity,ship_name,ship_line1,Remark\nA,S1,1,Ann Buyer,1 Main St,for Ann\nB,S1,x,Bob Buyer,,\n"
    found = upload(key, "orders", text)
    rows = sa.select(UploadRow.cells, UploadRow.plan).filter_by(upload_id=found.id).order_by(UploadRow.number)
    stored, refused = db.session.execute(rows).all()
    assert (stored.cells, refused.cells) == (["A", "S1", "1", "", "", ""], ["B", "S1", "x", "Bob Buyer", "", ""])
    assert stored.plan["cells"] == {"order_id": "A", "sku": "S1", "quantity": "1"}
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert (order.ship_name, order.ship_street) == ("Ann Buyer", "1 Main St")
    upload_personal.forget_old(found.at + timedelta(days=29))
    assert "Bob Buyer" in db.session.execute(rows).all()[1].cells
    upload_personal.forget_old(found.at + timedelta(days=31))
    db.session.expire_all()
    assert [row.cells[3] for row in db.session.execute(rows)] == ["", ""]
    with QueryCounter() as statements:
        upload_personal.forget_old(found.at + timedelta(days=32))
    assert not [each for each in statements if each.startswith("UPDATE")]  # once is enough
    uploads.undo(ME, found.id)  # needs nobody's name
    order = db.session.scalars(sa.select(SalesOrder).execution_options(populate_existing=True)).one()
    assert (order.channel_status, order.ship_name) == ("cancelled", "Ann Buyer")


def test_a_line_that_is_gone_is_told_and_a_strange_word_warned_of(key):
    upload(key, "orders", "order_id,sku\nA,S1\nA,S2\n")
    found = upload(key, "orders", "order_id,sku,status\nA,S1,vanished\n", applied=False)
    assert found.warnings == [
        "“vanished” is a status not known yet: orders with it wait until you map it on the Details tab."
    ]
    gone = upload(key, "orders", "order_id,sku\nA,S1\n", applied=False)
    assert outcomes(gone) == [("changed", "On the order, units cancelled: S2: 0 → S2: 1.")]


def test_sheets_of_an_integration_that_got_an_api_are_not_applied(key):
    found = upload(key, "listings", "listing_id,sku\nL1,S1\n", applied=False)
    db.session.execute(sa.update(make.Integration).values(is_by_hand=False))
    db.session.commit()
    with pytest.raises(Refusal, match="does not work by files any more"):
        uploads.apply(ME, found.id)
    with pytest.raises(Refusal, match="works by files"):
        upload(key, "listings", "listing_id,sku\nL1,S1\n")
    uploads.throw_away(found.id)
