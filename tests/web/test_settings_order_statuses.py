"""The page of order statuses, and who may use it."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import SalesOrderStatus

URL = "/settings/order-statuses"
OPEN = {"counts_as_open": "y", "allows_commitment": "y"}


def key(title):
    db.session.expire_all()
    return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))


def one(title):
    return db.session.get(SalesOrderStatus, key(title))


@pytest.fixture
def packed(app):
    """An order in Packed that lacks a phone of a listing."""
    make.make_items(make.make_variation("X"), 2)
    make.make_listing(make.make_integration(armed=True, name="BM"), "X", title="Black <b>phone")
    make.make_order("Packed", [{"sku": "X"}], number="A-<1>")
    return key("Packed")


def test_the_page_shows_each_status_with_its_flags(client_as, packed):
    page = get_page(client_as("manager"), URL)
    assert "Awaiting shipment" in page.text
    assert page.form(f"{URL}/{packed}")["fields"]["title"] == "Packed"
    assert f"{URL}/{packed}/delete" not in page.text, "it is used"
    assert f"{URL}/{key('Draft')}/delete" in page.text


def test_a_status_is_added_and_a_taken_title_comes_back(client_as):
    client = client_as("manager")
    assert client.post(URL, data={"title": "Testing", "color": "red", **OPEN}).status_code == 303
    assert (one("Testing").color, one("Testing").counts_as_open) == ("red", True)
    answer = client.post(URL, data={"title": "testing"})
    assert answer.status_code == 422
    assert "already a status titled Testing" in check_page(client, answer).text


def test_numbers_that_would_move_are_shown_before(client_as, packed):
    client = client_as("manager")
    data = {"title": "Packed", "color": "blue", "allows_commitment": "y"}
    answer = client.post(f"{URL}/{packed}", data=data)
    assert answer.status_code == 200
    page = check_page(client, answer)
    for words in ("1 of 1 order</strong>", "A-&lt;1&gt;", "1 listing</strong>", "Black &lt;b&gt;phone", "<ins>2</ins>"):
        assert words in page.text, words
    assert one("Packed").counts_as_open
    sure = page.form(f"{URL}/{packed}")["fields"]
    assert client.post(f"{URL}/{packed}", data=sure).status_code == 303
    assert (one("Packed").counts_as_open, one("Packed").allows_commitment) == (False, True)


def test_what_moves_no_number_is_saved_at_once(client_as, packed):
    client = client_as("manager")
    data = {"title": "Boxed", "color": "red", **OPEN}
    assert client.post(f"{URL}/{packed}", data=data).status_code == 303
    assert one("Boxed").color == "red"
    draft = {"title": "Draft", "color": "gray", **OPEN}
    assert client.post(f"{URL}/{key('Draft')}", data=draft).status_code == 303, "no order is in it"


def test_a_wrong_title_stands_beside_its_row(client_as, packed):
    client = client_as("manager")
    for data in ({"title": "Shipped", **OPEN}, {"title": "Shipped"}):
        answer = client.post(f"{URL}/{packed}", data=data)
        assert answer.status_code == 422
        assert f'id="problem-{packed}"' in check_page(client, answer).text


def test_statuses_are_moved_deleted_and_merged(client_as, packed):
    client = client_as("manager")
    client.post(f"{URL}/{packed}/move", data={"step": "up"})
    text = get_page(client, URL).text
    assert text.index('value="Packed"') < text.index('value="Awaiting shipment"')
    assert client.post(f"{URL}/{key('Draft')}/delete").status_code == 303
    answer = client.post(f"{URL}/{packed}/delete")
    assert answer.status_code == 422 and "Merge it instead" in check_page(client, answer).text
    url = f"{URL}/{packed}/merge"
    assert "What it changes" not in get_page(client, url).text
    assert "1 listing</strong>" in get_page(client, f"{url}?into={key('Shipped')}").text
    assert get_page(client, f"{url}?into={packed}", 422)
    assert client.post(url, data={"into": 999}).status_code == 422
    answer = client.post(url, data={"into": key("Shipped")})
    assert "Merged; 1 order moved." in get_page(client, answer.location).text
    assert get_page(client, url, 422), "it is gone"


def test_canceled_is_offered_where_it_is_wanted(client_as):
    client = client_as("manager")
    assert client.post(f"{URL}/canceled").status_code == 303
    assert (one("Canceled").counts_as_open, one("Canceled").allows_commitment) == (False, False)


def test_pickers_do_not_change_statuses(client_as, packed):
    client = client_as("picker")
    assert client.get(URL).status_code == 403
    for url in (URL, f"{URL}/canceled", f"{URL}/{packed}", f"{URL}/{packed}/move", f"{URL}/{packed}/delete"):
        assert client.post(url).status_code == 403, url


def test_queries_of_the_page_are_fixed(client_as, count_queries):
    client = client_as("manager")

    def queries():
        client.get(URL)
        with count_queries() as statements:
            assert client.get(URL).status_code == 200
        return len(statements)

    few = queries()
    for number in range(5):
        make.make_order(f"Status {number}", [{"sku": "X"}])
    assert queries() == few
