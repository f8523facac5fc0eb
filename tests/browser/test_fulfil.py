"""Fulfil in a real browser: an order and its phones by scanner and keyboard."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.accessibility import look_at
from tests.fulfil_world import fill_needs, shelf, waiting_order
from wholecell.db import db
from wholecell.models import Commitment, Shipment

pytestmark = pytest.mark.browser
TALL = 3000  # nothing lies under the bar at the foot


@pytest.fixture
def shop(site):
    """Two orders for phones of one variation, the first one for two of them, and a phone nobody wants."""
    phone = make.make_variation("XR-A", product=make.make_product("iPhone XR"))
    wrong = make.make_item(make.make_variation("X11-A", product=make.make_product("iPhone 11")))
    phones = [each.esn for each in make.make_items(phone, 3, location=shelf("N-A1-03"))]
    waiting_order(phone, phone, number="AB-1001", hours=2)
    waiting_order(phone, number="AB-1002", hours=5)
    return phones, wrong.esn


def open_page(site, page, path="/fulfil/"):
    site.sign_in(page, make.make_user("tom@example.com", "picker", name="Tom"))
    page.goto(f"{site.url}{path}")
    return page.locator("#code")


def scan(field, *codes):
    """As a scanner does: digits, then Enter, without a look at the screen."""
    for code in codes:
        field.press_sequentially(code)
        field.press("Enter")


def live():
    db.session.commit()
    return db.session.scalar(sa.select(sa.func.count()).where(Commitment.released_at.is_(None)))


def test_an_order_is_filled_by_scanner_and_keyboard(site, page, shop):
    (first, second, third), wrong = shop
    field = open_page(site, page)
    expect(field).to_be_focused()
    scan(field, "AB-1001")
    expect(page.locator("#said")).to_have_text("Order AB-1001: 2 phones to scan.")
    expect(page.locator(".need.is-next")).to_contain_text("3 to choose from, nearest N-A1-03")
    scan(field, first)
    expect(page.locator(".scan-result")).to_contain_text(f"{first} is committed to order AB-1001")
    scan(field, wrong)
    expect(page.locator("#said")).to_contain_text("on a line of its own")
    expect(page.locator("#work")).to_contain_text("Not on the channel order")
    assert live() == 2
    expect(field).to_be_focused()
    field.press("Control+z")
    expect(page.locator("#said")).to_have_text("Taken back: the phone is free again.")
    expect(page.locator("#work")).not_to_contain_text("Not on the channel order")
    assert live() == 1
    scan(field, second)
    expect(page.locator(".fulfil-ship")).to_be_visible()
    field.press("Control+Enter")
    page.wait_for_url("**/fulfil/?order=*")
    expect(page.locator("#work")).to_contain_text("AB-1002")
    expect(page.locator("#code")).to_be_focused()
    scan(page.locator("#code"), third)
    expect(page.locator("#said")).to_contain_text("is committed to order AB-1002")


def test_codes_shot_faster_than_answers_go_to_the_order_scanned_before_them(site, page, shop):
    (first, second, _), _wrong = shop
    field = open_page(site, page)
    scan(field, "AB-1001", first, second)
    expect(page.locator(".fulfil-ship")).to_be_visible()
    assert live() == 2
    expect(page.locator("#scan-log tbody tr")).to_have_count(2)
    expect(page.locator("#next-up")).to_contain_text("AB-1002")
    assert page.url.split("?")[1].startswith("order="), "a reload shows the same order"


def test_a_code_read_twice_at_once_is_sent_once(site, page, shop):
    (first, *_), _wrong = shop
    field = open_page(site, page)
    scan(field, "AB-1001", first, first)
    expect(page.locator("#said")).to_have_text("Same code within 2 s, ignored")
    expect(page.locator(".scan-result")).to_contain_text("is committed to order AB-1001")
    expect(page.locator(".refused-scans")).to_have_count(0)


def test_a_scan_the_server_does_not_answer_stays_in_sight(site, chromium, shop):
    (first, *_), _wrong = shop
    page = chromium.new_context().new_page()  # htmx writes the failed call to the console, which `page` refuses
    field = open_page(site, page)
    page.route("**/fulfil/scan", lambda route: route.abort())
    scan(field, first)
    expect(page.locator("#scan-lost")).to_contain_text(f"{first} was not taken")
    assert live() == 0


def test_the_label_ships_the_order_and_the_next_one_comes(site, page, shop):
    (first, second, _), _wrong = shop
    field = open_page(site, page)
    scan(field, "AB-1001", first, second, "1Z999AA10123456784")
    expect(page.locator("#tracking")).to_have_value("1Z999AA10123456784")
    field.press("Control+Enter")
    expect(page.locator(".scan-result")).to_contain_text("The shipment is added")
    expect(page.locator("#work")).to_contain_text("AB-1002")
    db.session.commit()
    assert db.session.scalar(sa.select(Shipment.carrier)) == "UPS"


def test_pages_are_accessible_and_do_not_scroll_sideways(site, page, shop):
    (first, second, _), wrong = shop
    field = open_page(site, page)
    look_at(page, TALL)
    scan(field, "AB-1001", wrong, "NOTHERE99", first)
    expect(page.locator(".scan-result")).to_contain_text(first)
    page.locator("summary", has_text="Match items").click()
    look_at(page, TALL)
    scan(field, second)
    expect(page.locator(".fulfil-ship")).to_be_visible()
    page.locator("summary", has_text="Paste many").click()
    look_at(page, TALL)
    fill_needs(make.make_integration(name="Shop EU", armed=True), 1)
    item = db.session.scalar(sa.select(Commitment.item_id))
    for url in ("/", f"/inventory/{item}"):
        page.goto(f"{site.url}{url}")
        for fold in page.locator("main details:not([open]) > summary").all():
            fold.click()
        look_at(page, TALL)
