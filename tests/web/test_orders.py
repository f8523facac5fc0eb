import csv
import io

import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    make_integration,
    make_item,
    make_order,
    make_variation,
    named,
    order_items,
    save,
)
from tests.ship_world import use_fake_channel
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import ChangeBatch, Customer, SalesOrder, SalesOrderStatus
from wholecell.services.customers import key_of


def status(title):
    return named(SalesOrderStatus, title).id


def row(order_id):
    db.session.expire_all()
    return db.session.get(SalesOrder, order_id)


def test_the_list_shows_open_orders_and_its_counts_follow(client_as):
    client = client_as("viewer")
    order = make_order(items=[{"sku": "NOBODY", "title": "Their <b>phone</b>"}], number="112-88", is_to_accept=True)
    make_order(number="OLD-1", status="Shipped")
    page = get_page(client, "/orders/")
    assert f"/orders/{order.id}" in page.links() and "OLD-1" not in page.text
    assert "Unknown SKU" in page.text and "accept first" in page.text and "0 of 1" in page.text
    partial = check_partial(client, client.get("/orders/counts", headers={"HX-Request": "true"}), "order-tabs")
    assert "hx-trigger" not in partial.text
    assert "Uncommitted <b>1</b>" in partial.text and "To accept <b>1</b>" in partial.text
    assert "Ship today" not in partial.text and "Not mapped" not in partial.text


def test_an_empty_account_is_told_how_orders_come(client_as):
    page = get_page(client_as("manager"), "/orders/")
    assert "Orders arrive by themselves" in page.text and "/orders/new" in page.links()
    assert "Nothing here waits for a person" in client_as("viewer", email="v@example.com").get("/orders/counts").text


def test_an_unmapped_order_says_the_channels_word(client_as):
    shop = make_integration(name="Shop A")
    make_order(number="NEW-1", status=None, channel_status="1", integration=shop)
    client = client_as("viewer")
    assert "Not mapped" in get_page(client, "/orders/").text
    assert "Not mapped" in client.get("/orders/counts").text
    assert "NEW-1" in get_page(client, "/orders/?tab=unmapped").text


def test_filters_stand_in_the_url_and_in_the_form(client_as):
    client = client_as("viewer")
    shop = make_integration(name="Shop A")
    make_order(number="A-1", integration=shop)
    make_order(number="B-1", channel="Wholesale")
    page = get_page(client, f"/orders/?source={shop.id}&from=2020-01-01&to=2099-01-01&sort=ship-by")
    assert "A-1" in page.text and "B-1" not in page.text
    assert 'value="2020-01-01"' in page.text
    assert any(f"source={shop.id}" in link and "tab=all" in link for link in page.links())
    by_hand = get_page(client, "/orders/?source=by-hand:Wholesale")
    assert "B-1" in by_hand.text and "A-1" not in by_hand.text
    assert "No order is like that" in get_page(client, "/orders/?customer=nobody").text
    get_page(client, "/orders/?tab=x&source=y&before=z&from=soon&to=9999-12-31&ship=0001-01-01&only=what&buyer=me")


def test_a_search_looks_through_all_orders_unless_a_tab_is_chosen(client_as):
    client = client_as("viewer")
    make_order(number="OLD-1", status="Shipped")
    assert "OLD-1" in get_page(client, "/orders/?q=OLD-1").text
    assert "No order is like that" in get_page(client, "/orders/?q=OLD-1&tab=open").text
    page = get_page(client, "/orders/?q=OLD-1%0AOLD-2")
    assert "1 of 2" in page.text and "OLD-2" in page.text


def test_too_long_a_list_is_refused(client_as):
    client = client_as("viewer")
    pasted = "%0A".join(f"C{number}" for number in range(501))
    assert "at most 500 at once" in get_page(client, f"/orders/?q={pasted}", 422).text
    uncounted = check_partial(client, client.get(f"/orders/counts?q={pasted}"), "order-tabs")
    assert "hx-get" not in uncounted.text  # or it would be fetched without end


def test_pages_follow_each_other(client_as):
    client = client_as("viewer")
    for _ in range(51):
        make_order()
    first = get_page(client, "/orders/")
    second = get_page(client, next(link for link in first.links() if "before=" in link))
    assert second.text.count('class="buyer-cell"') == 1
    assert any("after=" in link for link in second.links())


def test_fifty_rows_take_as_many_statements_as_ten(client_as, count_queries):
    client = client_as("manager")
    variation = make_variation("X-1")

    def fill(count):
        for _ in range(count):
            order = make_order(items=[{"sku": "X-1", "ordered": 2}, {"sku": "Y"}], channel="Wholesale")
            commit_phone(make_item(variation), order_items(order)[0])

    def statements(path):
        with count_queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    fill(10)
    paths = ("/orders/", "/orders/counts", "/orders/?tab=all&sort=ship-by&q=wholesale")
    for path in paths:
        statements(path)
    few = [statements(path) for path in paths]
    fill(40)
    assert [statements(path) for path in paths] == few


def test_the_csv_is_exactly_the_filter(client_as):
    client = client_as("viewer")
    make_order(number="=1+1", channel="Wholesale", items=[{"sku": "A"}])
    make_order(number="B-1", items=[{"sku": "B"}])
    answer = client.get("/orders/export.csv?source=by-hand:Wholesale")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [(line["Order"], line["SKU"]) for line in lines] == [("'=1+1", "A")]


def test_ticked_orders_get_a_status_and_the_notice_offers_undo(client_as):
    client = client_as("manager")
    first, second = make_order().id, make_order().id
    packed = status("Packed")
    answer = client.post("/orders/status", data={"ids": [first], "to_status": packed})
    assert answer.status_code == 303
    assert (row(first).status_id == packed, row(second).status_id == packed) == (True, False)
    batch = db.session.scalars(sa.select(ChangeBatch.id)).one()
    page = get_page(client, answer.location)
    assert f"/orders/batches/{batch}/undo" in page.text
    client.post(f"/orders/batches/{batch}/undo", data={})
    assert row(first).status_id == status("Awaiting shipment")
    assert "Taken back at" in get_page(client, f"/orders/?changed={batch}").text


def test_a_change_that_frees_promised_phones_asks_first_and_works_without_javascript(client_as):
    client = client_as("manager")
    orders = [make_order(items=[{"sku": "A"}], channel="Wholesale").id for _ in range(3)]
    other = make_order().id
    data = {"whole": "1", "source": "by-hand:Wholesale", "to_status": status("Completed")}
    answer = client.post("/orders/status", data=data)
    assert answer.status_code == 422
    form = check_page(client, answer).form("/orders/status")
    assert [row(key).status_id for key in orders] == [status("Awaiting shipment")] * 3
    assert form["fields"]["is_sure"] == "1" and form["fields"]["source"] == "by-hand:Wholesale"
    assert client.post("/orders/status", data=form["fields"]).status_code == 303
    assert [row(key).status_id for key in orders] == [status("Completed")] * 3
    assert row(other).status_id == status("Awaiting shipment")


def test_a_bulk_change_that_cannot_be_says_why(client_as):
    client = client_as("manager")
    order = make_order().id
    for path, data, says in (
        ("status", {"ids": [order]}, "Choose the status"),
        ("status", {"to_status": status("Packed")}, "No order was selected"),
        ("status", {"ids": [order], "to_status": status("Awaiting shipment")}, "Nothing changed"),
        ("accept", {}, "No order was selected"),
        ("accept", {"ids": [order]}, "None of these orders waits"),
        ("packing-slips.pdf", {}, "No order was selected"),
    ):
        answer = client.post(f"/orders/{path}", data=data)
        assert answer.status_code == 303, path
        assert says in get_page(client, answer.location).text


def test_orders_are_accepted_in_bulk(client_as, monkeypatch):
    use_fake_channel(monkeypatch)
    client = client_as("picker")
    order = make_order(integration=make_integration(), is_to_accept=True).id
    answer = client.post("/orders/accept", data={"ids": [order]})
    assert "1 order is being accepted" in get_page(client, answer.location).text
    assert row(order).accept_wanted_at is not None


def test_packing_slips_are_printed_for_many_or_one(client_as):
    client = client_as("picker")
    orders = [make_order(items=[{"title": "A 😀"}]).id for _ in range(2)]
    for answer in (
        client.post("/orders/packing-slips.pdf", data={"ids": orders}),
        client.get(f"/orders/{orders[0]}/packing-slip.pdf"),
    ):
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert client.get("/orders/999/packing-slip.pdf").status_code == 303


def test_roles_decide_what_is_offered(client_as):
    order = make_order(items=[{"sku": "A"}]).id
    viewer, picker = client_as("viewer"), client_as("picker")
    assert 'method="post"' not in get_page(viewer, "/orders/").text.split('id="main"')[1]
    text = get_page(picker, "/orders/").text
    assert "/orders/packing-slips.pdf" in text and "/orders/status" not in text and "/orders/new" not in text
    for client, path in ((viewer, "accept"), (viewer, "packing-slips.pdf"), (picker, "status"), (picker, "new")):
        assert client.post(f"/orders/{path}", data={"ids": [order]}).status_code == 403, path


def test_names_of_customers_are_shown_as_text(client_as):
    name = "<script>alert(1)</script>" + "x" * 150
    customer = save(Customer(name=name, name_key=key_of(name)))
    order = make_order(customer_id=customer.id, items=[{"title": "<i>" * 150}])
    client = client_as("viewer")
    for path in ("/orders/", f"/orders/{order.id}"):
        assert "<script>alert" not in get_page(client, path).text
