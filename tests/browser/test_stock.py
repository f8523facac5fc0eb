"""Catalog, inventory and intake in a real browser."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.accessibility import check, look_at, wait_for_parts
from tests.factories import (
    imei,
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_product,
    make_user,
    make_variation,
    named,
)
from wholecell.db import db
from wholecell.models import InventoryItem, InventoryStatus, ProductVariation

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(site):
    """One variation with phones and an armed listing."""
    variation = make_variation("IP11-A", product=make_product("iPhone 11"), conditions=["CG"])
    make_items(variation, 12, cost_cents=12_100)
    make_listing(make_integration(armed=True, name="Shop EU"), sku="IP11-A", last_offered=12)
    return variation.id


def scan_page(site, page, variation):
    site.sign_in(page, make_user("tom@example.com", "picker", name="Tom"))
    page.goto(f"{site.url}/intake/?variation={variation}")
    return page.locator("#code")


def newest(page, esn):
    """The first of the last scans, once it is this phone."""
    return page.locator("#scans tbody tr:first-child a.imei", has_text=esn)


def numbers():
    db.session.commit()
    return list(db.session.scalars(sa.select(InventoryItem.esn).order_by(InventoryItem.id)))


def test_pages_are_accessible_and_do_not_scroll_sideways(site, page, shop):
    site.sign_in(page)
    item = db.session.scalar(sa.select(InventoryItem.id))
    repair = named(InventoryStatus, "Repair").id
    for url in (
        "/inventory/",
        f"/inventory/{item}",
        f"/inventory/?q={imei(1)}%0A{imei(999)}",
        "/catalog/",
        f"/catalog/{shop}?edit=sku",
        "/catalog/new",
        "/intake/",
        f"/intake/?variation={shop}",
        "/settings/account",
        "/settings/lists/statuses",
        "/settings/lists/conditions",
        f"/settings/lists/statuses/{named(InventoryStatus, 'Available').id}/merge?into={repair}",
        "/activity/",
        "/search/?q=iphone",
    ):
        page.goto(site.url + url)
        wait_for_parts(page)
        look_at(page)


def test_codes_scanned_faster_than_the_server_answers_are_all_taken_in(site, page, shop):
    field = scan_page(site, page, shop)
    here = len(numbers())
    for number in range(900_100, 900_106):
        field.press_sequentially(imei(number))
        field.press("Enter")
    newest(page, imei(900_105)).wait_for()
    assert numbers()[here:] == [imei(number) for number in range(900_100, 900_106)]
    assert page.evaluate("document.activeElement.id") == "code"
    assert field.input_value() == ""


def test_a_scan_the_server_does_not_answer_stays_on_the_page(site, chromium, shop):
    page = chromium.new_context().new_page()  # htmx writes the failed call to the console, which `page` refuses
    field = scan_page(site, page, shop)
    here = len(numbers())
    page.route("**/intake/scan", lambda route: route.abort(), times=1)
    for number in (900_400, 900_401):
        field.fill(imei(number))
        field.press("Enter")
    newest(page, imei(900_401)).wait_for()
    assert page.locator("#scan-lost").inner_text().startswith(f"{imei(900_400)} was not taken: the server")
    field.fill(imei(900_400))
    field.press("Enter")
    newest(page, imei(900_400)).wait_for()
    assert len(numbers()) == here + 2
    page.context.close()


def test_each_result_is_spoken_and_the_field_keeps_the_focus(site, page, shop):
    field = scan_page(site, page, shop)
    said = page.locator("#said")
    here = len(numbers())
    field.fill(imei(900_200))
    field.press("Enter")
    said.filter(has_text="Taken in.").wait_for(state="attached")
    field.fill(imei(900_200))
    field.press("Enter")
    said.filter(has_text="Same code within 2 s, ignored").wait_for(state="attached")
    field.fill("123456789012345")
    field.press("Enter")
    said.filter(has_text="not a valid IMEI").wait_for(state="attached")
    assert page.locator(".scan-result.is-bad").is_visible()
    assert page.evaluate("document.activeElement.id") == "code"
    assert len(numbers()) == here + 1
    page.get_by_role("button", name="Undo").click()
    said.filter(has_text="is taken back").wait_for(state="attached")
    assert len(numbers()) == here


def test_enter_in_a_field_that_is_set_once_goes_to_the_scan_field(site, page, shop):
    field = scan_page(site, page, shop)
    here = len(numbers())
    page.get_by_label("Paid each").fill("99.50")
    page.get_by_label("Paid each").press("Enter")
    assert page.evaluate("document.activeElement.id") == "code"
    field.fill(imei(900_300))
    field.press("Enter")
    newest(page, imei(900_300)).wait_for()
    assert len(numbers()) == here + 1
    assert db.session.scalar(sa.select(InventoryItem.cost_cents).where(InventoryItem.esn == imei(900_300))) == 9_950
    assert page.get_by_label("Paid each").input_value() == "99.50"


def test_a_sku_is_changed_in_its_row_and_asks_before_a_listing_is_left(site, page, shop):
    site.sign_in(page)
    page.goto(f"{site.url}/catalog/")
    page.get_by_role("link", name="Change SKU IP11-A").click()
    field = page.get_by_label("SKU of iPhone 11 64GB Black Unlocked A CG")
    expect(field).to_be_focused()
    field.fill("IP11-NEW")
    field.press("Enter")
    page.get_by_role("alert").filter(has_text="Shop EU, offers 12").wait_for()
    check(page)
    page.get_by_role("button", name="Change the SKU").click()
    page.get_by_role("link", name="Change SKU IP11-NEW").wait_for()
    db.session.commit()
    assert db.session.get(ProductVariation, shop).sku == "IP11-NEW"


def test_phones_are_ticked_moved_to_a_status_and_taken_back(site, page, shop):
    site.sign_in(page)
    page.goto(f"{site.url}/inventory/")
    page.locator("#tabs .count").first.wait_for()
    page.locator("[data-select-row]").nth(0).check()
    page.locator("[data-select-row]").nth(1).check()
    assert page.locator("[data-selected-count]").inner_text() == "2"
    page.locator(".bulk summary", has_text="Status").click()
    page.get_by_label("Set the status to").select_option("Repair")
    page.get_by_role("button", name="Set status").click()
    page.get_by_text("Status of 2 phones to Repair.").wait_for()
    assert page.locator("td .wc-tag", has_text="Repair").count() == 2
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back on 2 phones.").wait_for()


def test_enter_searches_and_a_scanned_shelf_moves_nothing_by_itself(site, page, shop):
    site.sign_in(page)
    make_item(make_variation(), esn="OTHER1")
    page.goto(f"{site.url}/inventory/")
    page.locator("#find").fill("OTHER1")
    page.locator("#find").press("Enter")
    page.wait_for_url("**/inventory/?q=OTHER1**")
    assert page.locator("td a.imei").count() == 1
    page.locator(".bulk summary", has_text="Move").click()
    page.get_by_label("To the location").fill("nowhere")
    page.get_by_label("To the location").press("Enter")
    page.get_by_text("No phone was selected").wait_for()
