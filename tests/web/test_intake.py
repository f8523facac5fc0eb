import pytest
import sqlalchemy as sa

from tests.factories import imei, make_item, make_product, make_user, make_variation, named, save
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import (
    Condition,
    Event,
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    ProductVariation,
    Warehouse,
)
from wholecell.services import intake

HTMX = {"HX-Request": "true"}


def set_once(product, **changes):
    values = {
        "product": product.id,
        "grade": named(Grade, "B").id,
        "conditions": [named(Condition, "Cracked glass").id],
        "status": named(InventoryStatus, "Processing").id,
        "warehouse": named(Warehouse, "Main warehouse").id,
        "location": "",
        "cost": "121",
    }
    return {**values, **changes}


def scan(client, code, values, htmx=True):
    return client.post("/intake/scan", data={**values, "code": code}, headers=HTMX if htmx else {})


def phones():
    db.session.expire_all()
    return list(db.session.scalars(sa.select(InventoryItem).order_by(InventoryItem.id)))


def test_a_product_is_searched_and_chosen(client_as):
    client = client_as("picker")
    wanted = make_product("iPhone 11", color="Rose Gold")
    make_variation("SKU-77", product=wanted)
    make_product("Galaxy S22")
    for text in ("iphone rose", "sku-77"):
        page = get_page(client, f"/intake/?q={text}")
        assert [link for link in page.links() if "product=" in link] == [f"/intake/?product={wanted.id}"]
    assert "Galaxy S22" in get_page(client, "/intake/").text
    assert "No product is like that" in get_page(client, "/intake/?q=nothing").text
    assert "Which product?" in get_page(client, "/intake/?product=999").text


def test_a_variations_grade_and_damages_are_set_to_begin_with(client_as):
    variation = make_variation(grade="C", conditions=["CG"])
    page = get_page(client_as("picker"), f"/intake/?variation={variation.id}")
    assert f'selected value="{variation.grade_id}"' in page.text
    assert page.text.count("checked") == 1
    assert [tag["data-scan"] for _name, tag in page.elements if "data-scan" in tag] == ["#scans"]


def test_a_new_product_is_added_on_the_way(client_as):
    client = client_as("picker")
    fields = {
        "manufacturer": "Apple",
        "model": "iPhone 15",
        "variant": "unknown",
        "network": "Unlocked",
        "capacity": "128GB",
        "color": "Pink",
    }
    answer = client.post("/intake/products", data=fields)
    assert "iPhone 15 128GB Pink" in get_page(client, answer.location).text
    again = client.post("/intake/products", data=fields)
    assert again.location == answer.location
    answer = client.post("/intake/products", data={**fields, "model": ""})
    assert answer.status_code == 422 and "Model is blank: write unknown" in check_page(client, answer).text


def test_each_scan_takes_in_a_phone_with_what_was_set(client_as):
    client = client_as("picker")
    product = make_product("iPhone 11")
    shelf = save(Location(name="A1", warehouse_id=named(Warehouse, "Main warehouse").id))
    values = set_once(product, location="a1")
    for number in (1, 2):
        answer = check_partial(client, scan(client, imei(number), values), "scans")
        assert 'data-outcome="ok"' in answer.text and imei(number) in answer.text
    first, second = phones()
    assert (first.esn, first.location_id, first.cost_cents) == (imei(1), shelf.id, 12_100)
    variation = db.session.get(ProductVariation, first.variation_id)
    assert (variation.product_id, variation.condition_codes) == (product.id, "CG")
    assert second.variation_id == first.variation_id
    assert answer.text.index(imei(2)) < answer.text.index(imei(1))
    lines = db.session.execute(sa.select(Event.source, Event.user_id).where(Event.kind == "received")).all()
    assert lines == [("scan", client.user.id)] * 2


def test_without_a_script_what_was_set_stays_in_the_url(client_as):
    client = client_as("picker")
    values = set_once(make_product("iPhone 11"))
    answer = scan(client, imei(1), values, htmx=False)
    assert answer.status_code == 303
    page = get_page(client, answer.location)
    assert "Taken in." in page.text and 'value="121"' in page.text and page.text.count("checked") == 1
    answer = scan(client, imei(1)[:-1], values, htmx=False)
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert "digits are missing" in page.text and 'value="121"' in page.text


@pytest.mark.parametrize(
    ("code", "changes", "says"),
    [
        ("", {}, "The number is blank"),
        ("353985102048176", {}, "not a valid IMEI"),
        ("3.5E+14", {}, "lost its last digits"),
        ("HERE1", {}, "HERE1 is already here"),
        ("SERIAL1", {"location": "B9"}, "There is no location B9"),
        ("SERIAL1", {"cost": "dear"}, "is not an amount"),
        ("SERIAL1", {"status": 999}, "Status: Not a valid choice"),
        ("SERIAL1", {"product": 999}, "was removed meanwhile"),
        ("SERIAL1", {"product": ""}, "Choose the product first"),
    ],
)
def test_a_refused_scan_says_why(client_as, code, changes, says):
    client = client_as("picker")
    make_item(make_variation(), esn="HERE1")
    answer = scan(client, code, {**set_once(make_product()), **changes})
    assert answer.status_code == 422
    page = check_partial(client, answer, "scans")
    assert says in page.text and 'data-outcome="bad"' in page.text
    assert len(phones()) == 1


def test_the_same_code_within_two_seconds_is_ignored(client_as):
    client = client_as("picker")
    values = set_once(make_product())
    scan(client, imei(1), values)
    answer = scan(client, imei(1), values)
    assert answer.status_code == 200
    assert "Same code within 2 s, ignored" in answer.text and 'data-outcome="same"' in answer.text
    assert len(phones()) == 1


def test_the_last_scan_is_taken_back(client_as):
    client = client_as("picker")
    values = set_once(make_product())
    scan(client, imei(1), values)
    page = check_partial(client, scan(client, imei(2), values), "scans")
    undo = page.form("/intake/undo")["fields"]
    assert undo["item_id"] == str(phones()[1].id)
    answer = check_partial(client, client.post("/intake/undo", data=undo, headers=HTMX), "scans")
    assert f"{imei(2)} is taken back." in answer.text
    assert [item.esn for item in phones()] == [imei(1)]
    again = client.post("/intake/undo", data=undo, headers=HTMX)
    assert again.status_code == 422 and "not here any more" in again.text
    plain = client.post("/intake/undo", data={**values, "item_id": phones()[0].id})
    assert plain.status_code == 303
    assert "is taken back" in get_page(client, plain.location).text


def test_nobody_takes_back_what_somebody_else_scanned(client_as):
    first, second = client_as("picker"), client_as("picker", email="second@example.com")
    scan(first, imei(1), set_once(make_product()))
    answer = second.post("/intake/undo", data={"item_id": phones()[0].id}, headers=HTMX)
    assert answer.status_code == 422 and "somebody else" in answer.text


def test_the_last_scans_are_the_persons_own(session):
    me, other = make_user(), make_user("other@example.com")
    assert intake.recent(me.id) == intake.recent(other.id) == []


def test_viewers_do_not_take_in(client_as):
    client = client_as("viewer")
    assert client.get("/intake/").status_code == 403
    assert scan(client, imei(1), {}).status_code == 403
    assert client.post("/intake/undo").status_code == client.post("/intake/products").status_code == 403
