"""The pages of customers, and who may change them."""

import pytest

from tests import factories as make
from tests.web.pages import check_page, get_page
from wholecell.db import db, transaction
from wholecell.models import Customer
from wholecell.services import customers, customers_page


def customer(name, **fields):
    with transaction() as session:
        row = session.get(Customer, customers.find_or_create(session, name, fields.pop("is_channel", False)))
        for field, value in fields.items():
            setattr(row, field, value)
        return row.id


def test_an_empty_list_says_where_customers_come_from(client_as):
    assert "No customers yet" in get_page(client_as("viewer"), "/customers/").text


def test_the_list_shows_customers_by_name_with_their_orders(client_as):
    zoe, adam = customer("Zoë <b>"), customer("adam", email="a@example.com")
    for _ in range(3):
        make.make_order(items=[{"sku": "X"}], customer_id=zoe)
    text = get_page(client_as("viewer"), "/customers/").text
    assert text.index("adam") < text.index("Zoë &lt;b&gt;")
    assert "3 orders of Zoë" in text and f"/customers/{adam}" in text


@pytest.mark.parametrize(
    ("text", "found"),
    [("smith", 2), ("SMITH john", 1), ("js@", 1), ("5550100", 1), ("%", 0), ("nobody", 0), ("", 3)],
)
def test_search_by_name_email_and_phone(client_as, text, found):
    customer("John Smith", email="JS@example.com")
    customer("Mary Smith", phone="5550100")
    customer("Anna Lee")
    page = get_page(client_as("viewer"), f"/customers/?q={text.replace('%', '%25')}")
    assert len({link for link in page.links() if link.startswith("/customers/") and link[11:].isdigit()}) == found


def test_pages_of_the_list_follow_each_other(app):
    keys = [customer(f"Name {number:03}") for number in range(7)]
    seen, after = [], None
    for _ in range(3):
        found = customers_page.find(after=after, size=3)
        seen += [row.customer.id for row in found.rows]
        after = found.next
    assert seen == keys and after is None


def test_a_customer_with_orders(client_as):
    own = customer("John Smith", email="js@example.com")
    double = customer("Smith John")
    for number in range(60):
        make.make_order(items=[{"sku": "X"}], customer_id=own, number=f"N-{number}", total_cents=1000, currency="EUR")
    make.make_order(None, [{"sku": "X"}], customer_id=own, number="N-60")
    client = client_as("manager")
    page = get_page(client, f"/customers/{own}")
    for words in ("N-60", "Not mapped", "Awaiting shipment", "€10.00", "Perhaps the same", "Smith John"):
        assert words in page.text, words
    assert f"/customers/{double}/merge?into={own}" in page.links()
    (older,) = [link for link in page.links() if "before=" in link]
    assert "N-0<" in get_page(client, older).text
    assert client.get("/customers/999").status_code == 404


def test_a_customer_is_edited(client_as):
    key = customer("Jon Smith")
    customer("Mary Smith")
    client = client_as("manager")
    data = {"name": "John Smith", "email": "js@example.com", "phone": ""}
    assert client.post(f"/customers/{key}", data=data).status_code == 303
    assert db.session.get(Customer, key).name == "John Smith"
    answer = client.post(f"/customers/{key}", data={**data, "name": "mary smith"})
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert "merge the two instead" in page.text and 'value="mary smith"' in page.text
    assert client.post("/customers/999", data=data).status_code == 404


def test_two_customers_are_merged_after_a_look(client_as):
    source, target = customer("Jon Smith", email="js@example.com"), customer("John Smith")
    make.make_order(items=[{"sku": "X"}], customer_id=source)
    client = client_as("manager")
    url = f"/customers/{source}/merge"
    assert "John Smith" in get_page(client, url).text
    assert "John Smith" in get_page(client, f"{url}?q=john").text
    assert "No customer is like that" in get_page(client, f"{url}?q=nobody").text
    page = get_page(client, f"{url}?into={target}")
    assert "filled in" in page.text and "makes this customer anew" in page.text
    answer = client.post(url, data={"into": target})
    assert answer.location == f"/customers/{target}"
    assert "Merged; 1 order moved." in get_page(client, answer.location).text
    assert client.get(url).status_code == 404
    answer = client.post(f"/customers/{target}/merge", data={"into": 999})
    assert answer.status_code == 422 and "gone" in check_page(client, answer).text


def test_likely_duplicates(client_as):
    client = client_as("manager")
    assert "No two look alike" in get_page(client, "/customers/duplicates").text
    few, many = customer("Smith John"), customer("John Smith")
    make.make_order(items=[{"sku": "X"}], customer_id=many)
    page = get_page(client, "/customers/duplicates")
    assert f"/customers/{few}/merge?into={many}" in page.links()


@pytest.mark.parametrize("role", ["viewer", "picker"])
def test_people_who_do_not_manage_only_read(client_as, role):
    key = customer("Jon")
    client = client_as(role)
    page = get_page(client, f"/customers/{key}")
    assert "Save</button>" not in page.text
    assert not [link for link in page.links() if "merge" in link]
    for url in (f"/customers/{key}", f"/customers/{key}/merge"):
        assert client.post(url, data={"name": "X", "into": 1}).status_code == 403
    assert client.get("/customers/duplicates").status_code == 403


def test_queries_are_fixed(client_as, count_queries):
    own = customer("John Smith")
    client = client_as("manager")
    urls = ["/customers/", f"/customers/{own}", f"/customers/{own}/merge", "/customers/duplicates"]

    def queries(url):
        client.get(url)
        with count_queries() as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    make.make_order(items=[{"sku": "X"}], customer_id=own)
    customer("Smith John")
    few = [queries(url) for url in urls]
    for number in range(20):
        key = customer(f"John Smith {number}")
        make.make_order(items=[{"sku": "X"}], customer_id=key)
        make.make_order(items=[{"sku": "X"}], customer_id=own)
    assert [queries(url) for url in urls] == few
