from tests.factories import (
    imei,
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_order,
    make_product,
    make_variation,
)
from tests.web.pages import get_page


def go(client, text):
    return client.get("/search/", query_string={"q": text})


def test_one_hit_is_opened_at_once(client_as):
    client = client_as("viewer")
    variation = make_variation("IP11-UNL")
    item = make_item(variation, esn=imei(7), hex_id="ABC123")
    for text in (imei(7), imei(7)[-5:], "abc123"):
        assert go(client, text).location == f"/inventory/{item.id}"
    assert go(client, "ip11-unl").location == f"/catalog/{variation.id}"


def test_a_pasted_list_goes_to_the_inventory(client_as):
    items = make_items(make_variation(), 2)
    client = client_as("viewer")
    answer = go(client, f"{items[0].esn} {items[1].esn}")
    assert answer.location.startswith("/inventory/?q=")
    assert "2 of 2" in get_page(client, answer.location).text


def test_several_hits_are_listed(client_as):
    client = client_as("viewer")
    make_variation("X-1", product=make_product("iPhone 11"))
    make_listing(make_integration(name="BM EU"), sku="X-1", title="Black <b>iPhone</b>")
    page = get_page(client, "/search/?q=X-1")
    for text in ("X-1", "iPhone 11 64GB Black Unlocked A", "Black &lt;b&gt;iPhone", "BM EU"):
        assert text in page.text, text


def test_nothing_found_shows_where_to_look_next(client_as):
    client = client_as("viewer")
    page = get_page(client, "/search/?q=nothing+%3Cb%3E")
    assert "Nothing found" in page.text and "&lt;b&gt;" in page.text
    get_page(client, "/search/")
    long = "%20".join(f"CODE{number}" for number in range(501))
    assert "search for at most 500" in get_page(client, f"/search/?q={long}").text


def test_an_order_is_found_by_its_number_and_a_pasted_list_of_them_opens_the_orders(client_as):
    client = client_as("viewer")
    order = make_order(number="WH-1001")
    assert client.get("/search/?q=wh-1001").location == f"/orders/{order.id}"
    answer = client.get("/search/?q=WH-1001%0AWH-1002")
    assert answer.location.startswith("/orders/?q=")
    assert "1 of 2" in get_page(client, answer.location).text
