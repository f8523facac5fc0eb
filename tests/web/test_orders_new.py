import sqlalchemy as sa

from tests.factories import make_integration, make_items, make_product, make_variation, named, order_items
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import SalesOrder, SalesOrderStatus


def press(client, page, verb, **values):
    """Press one of the form's buttons, as a browser without JavaScript would: every field goes along."""
    fields = [
        (attributes["name"], attributes.get("value", ""))
        for tag, attributes in page.elements
        if tag in {"input", "textarea"} and attributes.get("name") and attributes["name"] not in {*values, "q"}
    ]
    data = {}
    for name, value in [*fields, *values.items(), ("verb", verb)]:
        data.setdefault(name, []).append(value)
    answer = client.post("/orders/new", data=data)
    return answer if answer.status_code == 303 else check_page(client, answer)


def status(title="Awaiting shipment"):
    return str(named(SalesOrderStatus, title).id)


def test_an_order_is_made_without_javascript(client_as):
    client = client_as("manager")
    make_integration()
    black = make_variation("IP11-A", product=make_product("iPhone 11"), price_cents=21_000)
    other = make_variation("IP11-B", grade="B", product=make_product("iPhone 11 Pro"))
    make_items(black, 3)
    page = get_page(client, "/orders/new")
    page = press(client, page, "find", find="iphone 11")
    assert "3 free" in page.text and "IP11-B" in page.text
    page = press(client, page, f"add-{black.id}", customer="Gadget Loop LLC")
    assert 'value="210.00"' in page.text and 'value="Gadget Loop LLC"' in page.text
    page = press(client, page, f"add-{other.id}")
    page = press(client, page, "remove-1")
    assert page.text.count('name="variation_id"') == 1
    made = press(client, page, "save", ordered="2", channel="Wholesale", status=status(), ship_by="2026-12-01")
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert made.status_code == 303 and made.location == f"/orders/{order.id}"
    assert (order.number, order.total_cents, order.channel) == ("WH-1001", 42_000, "Wholesale")
    assert order.ship_by.date().isoformat() == "2026-12-02"  # when that day is over
    assert "WH-1001" in get_page(client, made.location).text
    assert [item.ordered for item in order_items(order)] == [2]


def test_a_wrong_form_comes_back_with_what_was_typed_and_what_is_wrong(client_as):
    client = client_as("manager")
    page = get_page(client, "/orders/new")
    wrong = press(
        client, page, "save", channel="Wholesale", status=status(), shipping="dear", ship_by="soon", number="A-1"
    )
    assert wrong.status == 422
    for text in ("Type who buys", "Add at least one phone", "is not an amount", "Choose a day", 'value="A-1"'):
        assert text in wrong.text, text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SalesOrder)) == 0


def test_a_wrong_line_says_so_on_its_row(client_as):
    client = client_as("manager")
    variation = make_variation("IP11-A")
    page = press(client, get_page(client, "/orders/new"), f"add-{variation.id}", customer="A")
    wrong = press(client, page, "save", channel="Wholesale", status=status(), ordered="none")
    assert wrong.status == 422 and "“none” is not a quantity" in wrong.text and 'value="none"' in wrong.text


def test_odd_buttons_and_values_do_not_fail(client_as):
    client = client_as("manager")
    for data in (
        {"verb": "add-99999"},
        {"verb": "add-x"},
        {"verb": "remove-9"},
        {"verb": "address", "customer": "nobody"},
        {"verb": "save", "variation_id": ["x", "7"], "ordered": ["1"], "price": ["1"], "status": "²", "currency": "😀"},
        {},
    ):
        assert client.post("/orders/new", data=data).status_code in {200, 422}, data


def test_the_last_address_of_a_customer_is_filled_in(client_as):
    client = client_as("manager")
    variation = make_variation("IP11-A")
    page = press(client, get_page(client, "/orders/new"), f"add-{variation.id}")
    more = {"channel": "Wholesale", "status": status(), "customer": "Acme", "ship_city": "Columbus"}
    assert press(client, page, "save", **more).status_code == 303
    page = press(client, get_page(client, "/orders/new"), "address", customer="ACME")
    assert 'value="Columbus"' in page.text
    assert "Acme" in client.get("/orders/customers?customer=ac").text


def test_lines_of_a_hand_made_order_are_changed_on_its_page(client_as):
    client = client_as("manager")
    make_integration()
    variation = make_variation("IP11-A", product=make_product("iPhone 11"))
    page = press(client, get_page(client, "/orders/new"), f"add-{variation.id}")
    made = press(client, page, "save", channel="Wholesale", status=status(), customer="Acme")
    path = made.location
    assert f'value="{variation.id}"' in get_page(client, f"{path}?find=iphone").text
    client.post(f"{path}/items", data={"variation_id": variation.id, "ordered": "3", "price": "9.50"})
    order = db.session.scalars(sa.select(SalesOrder)).one()
    first, second = order_items(order)
    assert (second.ordered, second.price_cents) == (3, 950)
    for data, says in (
        ({"ordered": "5", "price": "10"}, "The item is changed."),
        ({"ordered": "5", "price": "10"}, "Nothing was changed."),
        ({"ordered": "none", "price": "10"}, "is not a quantity"),
        ({"ordered": "5", "price": "dear"}, "is not an amount"),
    ):
        client.post(f"{path}/items/{second.id}/edit", data=data)
        assert says in get_page(client, path).text
    client.post(f"{path}/items/{first.id}/remove")
    db.session.expire_all()
    assert [item.ordered for item in order_items(order)] == [5]
    client.post(f"{path}/items", data={})
    assert "Choose the phone to add" in get_page(client, path).text
