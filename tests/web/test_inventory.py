import csv
import io

import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    imei,
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_order,
    make_product,
    make_variation,
    named,
    order_items,
    save,
)
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import ChangeBatch, Condition, Grade, InventoryItem, InventoryStatus, Location, Warehouse
from wholecell.services.events import SYSTEM
from wholecell.services.list_kinds import KINDS
from wholecell.services.lists import set_archived


def key(model, name):
    return named(model, name).id


def row(item_id):
    db.session.expire_all()
    return db.session.get(InventoryItem, item_id)


def test_the_list_shows_phones_and_its_counts_follow(client_as):
    client = client_as("viewer")
    item = make_item(make_variation(conditions=["CG"], product=make_product("iPhone 11")), hex_id="ABC123")
    page = get_page(client, "/inventory/")
    assert item.esn in page.text and "ABC123" in page.text and "CG" in page.text
    partial = check_partial(client, client.get("/inventory/counts", headers={"HX-Request": "true"}), "tabs")
    assert 'class="count">1</span>' in partial.text
    assert "hx-trigger" not in partial.text


def test_an_empty_account_is_told_how_to_begin(client_as):
    page = get_page(client_as("manager"), "/inventory/")
    assert "No phones yet" in page.text
    assert "/intake/" in page.links()


def test_filters_stand_in_the_url_and_in_the_form(client_as):
    client = client_as("viewer")
    make_item(make_variation(product=make_product("iPhone 11")), esn="AAAA1")
    make_item(make_variation(product=make_product("Galaxy S22")), esn="BBBB1", status="Repair")
    page = get_page(client, f"/inventory/?model=iPhone+11&tab={key(InventoryStatus, 'Available')}")
    assert "AAAA1" in page.text and "BBBB1" not in page.text
    assert 'value="iPhone 11"' in page.text
    assert any("model=iPhone+11" in link and "tab=committed" in link for link in page.links())
    assert "No phone is like that" in get_page(client, "/inventory/?model=nothing").text
    get_page(client, "/inventory/?tab=x&warehouse=y&before=z")


def test_a_pasted_list_says_what_is_missing(client_as):
    items = make_items(make_variation(), 2)
    page = get_page(client_as("viewer"), f"/inventory/?q={items[0].esn}%0A{items[1].esn}%0A{imei(99)}")
    assert "2 of 3" in page.text and imei(99) in page.text
    assert page.text.index(f">{items[0].esn}<") < page.text.index(f">{items[1].esn}<")


def test_too_long_a_list_is_refused(client_as):
    pasted = "%0A".join(f"CODE{number}" for number in range(501))
    page = get_page(client_as("viewer"), f"/inventory/?q={pasted}", 422)
    assert "search for at most 500 at once" in page.text


def test_pages_follow_each_other(client_as):
    client = client_as("viewer")
    make_items(make_variation(), 51)
    first = get_page(client, "/inventory/")
    after = next(link for link in first.links() if "before=" in link)
    second = get_page(client, after)
    assert second.text.count('class="num imei"') == 1
    assert any("after=" in link for link in second.links())


def test_fifty_rows_take_as_many_statements_as_ten(client_as, count_queries):
    client = client_as("manager")
    variation = make_variation()

    def statements():
        with count_queries() as seen:
            assert client.get("/inventory/").status_code == 200
        return len(seen)

    make_items(variation, 10)
    statements()
    few = statements()
    make_items(make_variation(), 40)
    assert statements() == few


def test_the_csv_is_exactly_the_filter(client_as):
    client = client_as("viewer")
    make_item(make_variation("=1+1", product=make_product("iPhone 11")), esn="AAAA1")
    make_item(make_variation(), esn="BBBB1")
    answer = client.get("/inventory/export.csv?model=iPhone+11")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [(line["ESN"], line["SKU"]) for line in lines] == [("AAAA1", "'=1+1")]


def change(client, data):
    return client.post("/inventory/change", data=data)


def test_ticked_phones_get_a_status_and_the_notice_offers_undo(client_as):
    client = client_as("manager")
    first, second = (item.id for item in make_items(make_variation(), 2))
    repair = key(InventoryStatus, "Repair")
    answer = change(client, {"ids": [first], "verb": "status", "to_status": repair, "q": "", "grade": ""})
    assert answer.status_code == 303
    assert (row(first).status_id == repair, row(second).status_id == repair) == (True, False)
    page = get_page(client, answer.location)
    assert "Status of 1 phone to Repair." in page.text
    batch = db.session.scalars(sa.select(ChangeBatch.id)).one()
    answer = client.post(f"/inventory/batches/{batch}/undo", data={})
    assert "Taken back on 1 phone." in get_page(client, answer.location).text
    assert row(first).status_id != repair
    assert "Taken back at" in get_page(client, f"/inventory/?changed={batch}").text
    answer = client.post(f"/inventory/batches/{batch}/undo", data={})
    assert "taken back already" in get_page(client, answer.location).text


def test_the_whole_filter_is_changed_and_stays_in_the_url(client_as):
    client = client_as("manager")
    wanted = [item.id for item in make_items(make_variation(product=make_product("iPhone 11")), 60)]
    other = make_item(make_variation()).id
    grade = key(Grade, "B")
    data = {"whole": "1", "model": "iPhone 11", "verb": "grade", "to_grade": grade}
    answer = change(client, data)
    assert "model=iPhone+11" in answer.location
    grades = db.session.scalars(sa.select(InventoryItem.variation_id).where(InventoryItem.id.in_(wanted)))
    assert len(set(grades)) == 1
    assert row(wanted[0]).version == 2 and row(other).version == 1


def test_phones_move_to_a_scanned_location_or_a_warehouse(client_as):
    client = client_as("manager")
    item, other = make_item(make_variation()).id, key(Warehouse, "Other")
    shelf = save(Location(name="O-1", warehouse_id=other)).id
    change(client, {"ids": [item], "verb": "", "to_location": "o-1"})  # Enter after the scan
    assert (row(item).location_id, row(item).warehouse_id) == (shelf, other)
    change(client, {"ids": [item], "verb": "move", "to_warehouse": key(Warehouse, "Main warehouse")})
    assert row(item).location_id is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"verb": "status", "to_status": "1"}, "No phone was selected"),
        ({"ids": ["1"], "verb": "status", "to_status": ""}, "Choose what to change the phones to"),
        ({"ids": ["1"], "verb": "", "to_status": ""}, "Choose what to change the phones to"),
        ({"ids": ["1"], "verb": "move"}, "Scan a location or choose a warehouse"),
        ({"ids": ["1"], "verb": "move", "to_location": "B9"}, "There is no location B9"),
        ({"ids": ["1"], "verb": "status", "to_status": "1"}, "Nothing changed"),
    ],
)
def test_a_bulk_change_that_cannot_be_says_why(client_as, data, says):
    client = client_as("manager")
    make_item(make_variation())
    answer = change(client, data)
    assert answer.status_code == 303
    assert says in get_page(client, answer.location).text


def test_pickers_print_labels_and_change_nothing(client_as):
    client = client_as("picker")
    item = make_item(make_variation())
    page = get_page(client, "/inventory/")
    assert "/inventory/labels.pdf" in page.text and "/inventory/change" not in page.text
    answer = client.post("/inventory/labels.pdf", data={"ids": [item.id]})
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert client.get(f"/inventory/{item.id}/label.pdf").mimetype == "application/pdf"
    assert client.get("/inventory/999/label.pdf").status_code == 404
    assert "No phone was selected" in get_page(client, client.post("/inventory/labels.pdf").location).text
    assert change(client, {"ids": [item.id]}).status_code == 403


def test_a_phones_page_shows_what_it_is_its_listings_and_its_timeline(client_as):
    client = client_as("manager")
    variation = make_variation("X-1", product=make_product("iPhone 11"))
    item = make_item(variation, location=save(Location(name="A1", warehouse_id=key(Warehouse, "Main warehouse"))))
    make_listing(make_integration(name="BM EU"), sku="X-1", title="Black <b>iPhone</b>")
    commit_phone(item, order_items(make_order(items=[{}], number="112-88"))[0])
    change(client, {"ids": [item.id], "verb": "status", "to_status": key(InventoryStatus, "Repair")})
    page = get_page(client, f"/inventory/{item.id}")
    for text in ("A1", "X-1", "112-88", "Committed", "BM EU", "Black &lt;b&gt;iPhone", "Status of 1 phone to Repair"):
        assert text in page.text, text
    viewer = get_page(client_as("viewer", email="v@example.com"), f"/inventory/{item.id}")
    assert f"/inventory/{item.id}" not in [form.get("action") for form in viewer.forms]


def form_of(client, item):
    page = get_page(client, f"/inventory/{item}")
    values = page.form(f"/inventory/{item}")["fields"]
    return {"version": values["version"], "csrf_token": values["csrf_token"]}


def test_a_phone_is_changed_by_its_form(client_as):
    client = client_as("manager")
    item = make_item(make_variation()).id
    cracked = key(Condition, "Cracked glass")
    data = form_of(client, item) | {
        "status": key(InventoryStatus, "Repair"),
        "warehouse": key(Warehouse, "Main warehouse"),
        "location": "",
        "grade": key(Grade, "B"),
        "conditions": [cracked],
        "cost": "$1,121.50",
    }
    assert client.post(f"/inventory/{item}", data=data).status_code == 303
    assert (row(item).cost_cents, row(item).status_id) == (112_150, key(InventoryStatus, "Repair"))
    page = get_page(client, f"/inventory/{item}")
    assert "Grade" in page.text and "B CG" in page.text and "1121.50" in page.text
    stale = client.post(f"/inventory/{item}", data=data)
    assert stale.status_code == 422
    assert "changed by somebody else" in check_page(client, stale).text


def test_wrong_values_come_back_with_their_reason(client_as):
    client = client_as("manager")
    item = make_item(make_variation()).id
    data = form_of(client, item) | {
        "status": key(InventoryStatus, "Available"),
        "warehouse": 0,
        "grade": key(Grade, "A"),
        "location": "B9",
        "cost": "12",
    }
    answer = client.post(f"/inventory/{item}", data=data)
    assert answer.status_code == 422
    assert "There is no location B9" in check_page(client, answer).text
    answer = client.post(f"/inventory/{item}", data=data | {"cost": "dear", "location": ""})
    assert "is not an amount" in check_page(client, answer).text
    answer = client.post(f"/inventory/{item}", data=data | {"status": 999, "location": ""})
    assert answer.status_code == 422


def test_archived_entries_a_phone_has_survive_another_change(client_as):
    client = client_as("manager")
    shelf = save(Location(name="OLD", warehouse_id=key(Warehouse, "Main warehouse")))
    item = make_item(make_variation(conditions=["CG"]), status="Vendor RMA", location=shelf)
    before = (item.variation_id, item.status_id, item.location_id)
    for kind, entry in (
        ("statuses", item.status_id),
        ("locations", shelf.id),
        ("conditions", key(Condition, "Cracked glass")),
    ):
        set_archived(KINDS[kind], SYSTEM, entry, True)
    data = form_of(client, item.id) | {
        "status": item.status_id,
        "warehouse": item.warehouse_id,
        "location": "OLD",
        "grade": key(Grade, "A"),
        "conditions": [key(Condition, "Cracked glass")],
        "cost": "5",
    }
    assert client.post(f"/inventory/{item.id}", data=data).status_code == 303
    now = row(item.id)
    assert (now.variation_id, now.status_id, now.location_id) == before
    assert now.cost_cents == 500


def test_another_warehouse_takes_the_phone_off_its_shelf(client_as):
    client = client_as("manager")
    shelf = save(Location(name="A1", warehouse_id=key(Warehouse, "Main warehouse")))
    item = make_item(make_variation(), location=shelf)
    other = key(Warehouse, "Other")
    data = form_of(client, item.id) | {
        "status": item.status_id,
        "warehouse": other,
        "location": "A1",
        "grade": key(Grade, "A"),
    }
    assert client.post(f"/inventory/{item.id}", data=data).status_code == 303
    assert (row(item.id).warehouse_id, row(item.id).location_id) == (other, None)


def test_a_phone_is_deleted_unless_an_order_had_it(client_as):
    client = client_as("manager")
    free, used = (item.id for item in make_items(make_variation(), 2))
    commit_phone(row(used), order_items(make_order(items=[{}], number="112-88"))[0])
    assert "The phone is deleted." in get_page(client, client.post(f"/inventory/{free}/delete").location).text
    gone = get_page(client, f"/inventory/{free}", 404)
    assert "what happened to it stays" in gone.text
    answer = client.post(f"/inventory/{used}/delete")
    assert "committed to order 112-88" in get_page(client, answer.location).text
    assert client.get("/inventory/999").status_code == 404
