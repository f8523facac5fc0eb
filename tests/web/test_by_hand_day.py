"""A seller without any API works a whole day: listings in, numbers out, orders in, shipments out, all by files."""

import csv
import io

import sqlalchemy as sa

from tests import factories as make
from tests.by_hand_world import KIND, make_by_hand
from tests.web.pages import get_page
from wholecell.db import db
from wholecell.models import HandExport, Integration, InventoryItem, Listing, QuantityPush, SalesOrder
from wholecell.services import commit, hand_exports, offers, recompute
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause

LISTINGS = (
    "\ufeffListing ID;SKU;Title;Price;Quantity;Status;Color;Mood\n"
    "AAA111;S-BLACK;iPhone 12 Black;199,00;5;active;Black;fine\n"
    "BBB222;S-WHITE;iPhone 12 White;$189.00;1;;White;fine\n"
    "CCC333;NOBODY;Galaxy S9;99;2;active;;\n"
    "3.5E+14;X;Lost;1;1;;;\n"
)
ORDERS = (
    "order_id,order_date,sku,listing_id,quantity,unit_price,ship_name,ship_line1,ship_city,ship_state,ship_zip\n"
    "O-1,11/26/2025,S-BLACK,AAA111,1,199.00,Ann Buyer,1 Main St,Springfield,IL,62701\n"
    "O-1,11/26/2025,S-WHITE,BBB222,1,189.00,Ann Buyer,1 Main St,Springfield,IL,62701\n"
    "O-2,,MISSING,,1,20,,,,,\n"
)


def upload(client, integration_id, kind, text, **fields):
    """Send a file and apply it; the page of its dry run."""
    data = {"kind": kind, "integration": integration_id, "file": (io.BytesIO(text.encode()), f"{kind}.csv"), **fields}
    sent = client.post("/uploads/new", data=data, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.text
    page = get_page(client, sent.location)
    client.post(f"{sent.location}/apply")
    offers.compute_all()
    return page.text, sent.location


def said(client, location):
    answer = client.get(location)
    assert answer.status_code == 200
    return answer.text


def rows_of(client, integration_id, number):
    text = client.get(f"/integrations/{integration_id}/updates/{number}.csv").get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def listing(sku, integration_id=None):
    query = sa.select(Listing).where(Listing.sku == sku)
    if integration_id is not None:
        query = query.where(Listing.integration_id == integration_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_whole_day_by_files(client_as):
    client = client_as("admin", name="Maya")
    black, white = make.make_variation("S-BLACK"), make.make_variation("S-WHITE")
    black_id = black.id
    esns = [phone.esn for phone in (*make.make_items(black, 3), make.make_item(white))]
    other = make.make_integration(armed=True, name="Elsewhere")
    elsewhere = make.make_listing(other, "S-BLACK", last_synced=3)

    # Connect: no login, and the page says what that means.
    page = get_page(client, f"/integrations/connect/{KIND}")
    assert "no login is needed" in page.text and "Nothing is called" in page.text
    answer = client.post(f"/integrations/connect/{KIND}", data={"name": "By files", "mode": "csv"})
    key = db.session.scalar(sa.select(Integration.id).where(Integration.name == "By files"))
    assert answer.location == f"/integrations/{key}/listings"
    assert "Upload a file of them" in said(client, answer.location)
    assert "Nothing waits before it is armed" in said(client, f"/integrations/{key}/updates")

    # Listings in: semicolons, a byte order mark, other names for columns, one number a spreadsheet spoiled.
    dry, _ = upload(client, key, "listings", LISTINGS)
    assert "has lost digits in a spreadsheet" in dry and "Mood" in dry and "Apply 3 rows" in dry
    assert {
        row.external_id: row.is_connected
        for row in db.session.scalars(sa.select(Listing).filter_by(integration_id=key))
    } == {
        "AAA111": True,
        "BBB222": True,
        "CCC333": False,
    }
    assert (listing("S-BLACK", key).price_cents, listing("S-BLACK", key).last_imported) == (19900, 5)

    # Preview, then armed; the numbers wait, on Today too.
    assert "to enter" in said(client, f"/integrations/{key}/preview")
    client.post(f"/integrations/{key}/updates/quantities", data={"which": "changed"})
    assert "is in preview" in said(client, f"/integrations/{key}/updates")
    assert client.post(f"/integrations/{key}/arm").location == f"/integrations/{key}/updates"
    today = said(client, "/")
    assert "Waiting for manual update" in today and "iPhone 12 Black" in today
    assert "Waiting for manual update" in said(client, f"/integrations/{key}/listings")
    assert "Waiting for manual update: 5 becomes 3" in said(client, f"/listings/{listing('S-BLACK', key).id}")
    assert "1 number to enter" in today  # the white one is right already

    # A file of numbers, entered, which stores what is in it.
    client.post(f"/integrations/{key}/updates/quantities", data={"which": "changed"})
    (row,) = rows_of(client, key, 1)
    assert (row["listing_id"], row["current_quantity"], row["new_quantity"], row["condition"]) == (
        "AAA111",
        "5",
        "3",
        "Black",
    )
    assert listing("S-BLACK", key).last_synced is None
    client.post(f"/integrations/{key}/updates/1/entered")
    assert (listing("S-BLACK", key).last_synced, listing("S-BLACK", key).last_imported) == (3, 3)
    assert "No number waits" in said(client, f"/integrations/{key}/updates")
    assert "Waiting for manual update" not in said(client, "/")
    push = db.session.scalars(sa.select(QuantityPush).filter_by(integration_id=key)).one()
    assert (push.old, push.new, push.reason, push.run_id, push.answer) == (
        5,
        3,
        "entered by hand",
        None,
        "Entered by hand by Maya.",
    )
    assert "Quantities entered by hand" in said(client, f"/integrations/{key}/history")
    assert "Entered by hand by Maya." in said(client, f"/listings/{listing('S-BLACK', key).id}")

    # Orders in: every channel's number falls at once; an unknown SKU is a line to cure.
    dry, _ = upload(client, key, "orders", ORDERS)
    assert "Apply 3 rows" in dry
    assert (listing("S-BLACK", key).last_offered, listing("S-BLACK", other.id).last_offered) == (2, 2)
    assert listing("S-BLACK", other.id).id == elsewhere.id
    assert listing("S-WHITE", key).last_offered == 0
    order = db.session.scalars(sa.select(SalesOrder).filter_by(external_id="O-1")).one()
    assert (order.total_cents, order.ship_name, order.ship_country, order.channel_status) == (
        38800,
        "Ann Buyer",
        "US",
        "new",
    )
    order_id = order.id
    assert "MISSING" in said(client, "/") and "Unknown SKU" in said(client, "/")
    again, location = upload(client, key, "orders", ORDERS)
    assert "Nothing here would change anything" in again and "Not applied" not in again
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SalesOrder)) == 2

    # The next file has the fall to 0 first; a newer one replaces it, and only the newer can be entered.
    client.post(f"/integrations/{key}/updates/quantities", data={"which": "changed"})
    assert [row["listing_id"] for row in rows_of(client, key, 2)] == ["BBB222", "AAA111"]
    client.post(f"/integrations/{key}/updates/quantities", data={"which": "all"})
    client.post(f"/integrations/{key}/updates/2/entered")
    assert "A newer file replaced this one" in said(client, f"/integrations/{key}/updates")
    assert listing("S-WHITE", key).last_synced is None
    repair = make.named(make.InventoryStatus, "Repair").id  # after the file was made
    db.session.execute(sa.update(InventoryItem).where(InventoryItem.esn == esns[0]).values(status_id=repair))
    recompute.request(db.session(), Cause.ITEM, Actor(), variations=[black_id])
    db.session.commit()
    offers.compute_all()
    client.post(f"/integrations/{key}/updates/3/entered")
    black_one = listing("S-BLACK", key)
    assert (black_one.last_synced, black_one.last_offered, listing("S-WHITE", key).last_synced) == (2, 1, 0)
    assert "Waiting for manual update" in said(client, f"/listings/{black_one.id}")

    # Commit and ship: not before each unit has its phone, then with their numbers.
    commit.commit(order_id, esns[1], Actor())
    parcel = {"tracking_number": "1Z5R89390357567127", "carrier": "UPS"}
    live = db.session.scalars(sa.select(make.Commitment.id)).all()
    refused = client.post(f"/orders/{order_id}/shipments", data={**parcel, "commitment_ids": live})
    assert "Fewer phones are committed than were sold: 1 unit has no phone yet." in refused.text
    commit.commit(order_id, esns[3], Actor())
    live = db.session.scalars(sa.select(make.Commitment.id)).all()
    assert client.post(f"/orders/{order_id}/shipments", data={**parcel, "commitment_ids": live}).status_code == 303
    assert "Waits to be entered" in said(client, f"/orders/{order_id}")
    assert "Shipments to enter by hand" in said(client, "/")
    client.post(f"/integrations/{key}/updates/shipments")
    (row,) = rows_of(client, key, 4)
    assert (row["order_id"], row["carrier"], row["tracking_number"]) == ("O-1", "UPS", parcel["tracking_number"])
    assert set(row["imeis"].split(";")) == {esns[1], esns[3]}
    client.post(f"/integrations/{key}/updates/4/entered")
    assert "Entered" in said(client, f"/orders/{order_id}")
    assert "No shipment waits" in said(client, f"/integrations/{key}/updates")
    assert "Shipments to enter by hand" not in said(client, "/")

    # The status that the channel shows in the evening follows the map; nothing opens an order again by itself.
    upload(client, key, "orders", "order_id,sku,listing_id,status\nO-2,MISSING,,Cancelled\n")
    status = sa.select(SalesOrder.channel_status, SalesOrder.is_channel_status_final).filter_by(external_id="O-2")
    assert db.session.execute(status).one() == ("cancelled", True)
    dry, _ = upload(client, key, "orders", "order_id,sku,status\nO-2,MISSING,new\n")
    assert "an older file?" in dry
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HandExport)) == 4
    for tab in ("", "listings", "orders", "updates", "preview", "history"):
        shown = get_page(client, f"/integrations/{key}/{tab}").text
        assert "Leave empty to keep the one stored" not in shown, "there is no secret"
    get_page(client, "/integrations/")
    get_page(client, "/uploads/")


def test_who_may_do_what_and_where(client_as):
    picker = client_as("picker")
    key = make_by_hand()
    make.make_listing(db.session.get(Integration, key), last_imported=5, last_offered=3, is_connected=True)
    made = hand_exports.make_quantities(key, Actor())
    api = make.make_integration(name="With an API").id
    listing_page = f"/listings/{db.session.scalar(sa.select(Listing.id))}"
    here = f"/integrations/{key}/updates"
    assert picker.get(f"{here}/{made.export_id}.csv").status_code == 200
    assert picker.post(f"{here}/{made.export_id}/entered").status_code == 403  # numbers are a manager's
    assert picker.post(f"{here}/quantities").status_code == 403
    picker.post(f"{here}/shipments")
    assert "No shipment waits to be entered." in said(picker, here)
    assert picker.get(f"/integrations/{api}/updates").status_code == 404
    assert picker.get(f"/integrations/{api}/updates/{made.export_id}.csv").status_code == 404
    manager = client_as("manager", email="m@example.com")
    assert manager.post(f"/integrations/{api}/updates/{made.export_id}/entered").status_code == 404
    assert manager.get(f"/uploads/new?kind=listings&integration={api}").status_code == 404
    assert manager.get("/uploads/new?kind=orders").status_code == 404
    assert manager.post(f"/integrations/{key}/send").location == here  # nothing is ever sent by itself
    assert manager.post(f"{listing_page}/send").location == here
    for name in ("listings", "orders"):
        get_page(manager, f"/uploads/new?kind={name}&integration={key}")
        template = manager.get(f"/uploads/{name}/template.csv?integration={key}").get_data(as_text=True)
        assert template.removeprefix("\ufeff").startswith(
            "listing_id,sku" if name == "listings" else "order_id,order_date"
        )
    exported = manager.get(f"/uploads/listings/all.csv?integration={key}").get_data(as_text=True)
    _, location = upload(manager, key, "listings", exported)
    assert "Nothing here would change anything" in said(manager, location)
    for _ in range(2):
        assert manager.post(f"{here}/{made.export_id}/entered").location == here
    assert "was said to be entered already" in said(manager, here)
    assert client_as("admin", email="a@example.com").post(f"/integrations/{key}/login/test").status_code == 404
