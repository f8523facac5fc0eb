"""Orders in a real browser: accessible and within the screen, counts and flags that follow, the form for a new one."""

import pytest

from tests.browser.accessibility import look_at, wait_for_parts
from tests.factories import (
    commit_phone,
    make_integration,
    make_item,
    make_order,
    make_product,
    make_variation,
    order_items,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def order(site):
    """An order with a committed phone, one that is lacking, and an Unknown SKU."""
    variation = make_variation("IP13-A", product=make_product("iPhone 13"), price_cents=31_900)
    order = make_order(
        number="112-88",
        integration=make_integration(name="Shop A"),
        items=[{"sku": "IP13-A", "ordered": 2, "price_cents": 31_900}, {"sku": "IP13-AA", "title": "A phone " * 20}],
        ship_name="Wolfeschlegelsteinhausen" * 4,
        is_to_accept=True,
    )
    commit_phone(make_item(variation), order_items(order)[0])
    return order.id


def test_pages_are_accessible_and_do_not_scroll_sideways(site, page, order):
    site.sign_in(page)
    for url in (
        "/orders/",
        f"/orders/{order}",
        f"/orders/{order}?item=2&find=iphone",
        "/orders/new",
        f"/orders/{order}/match",
    ):
        page.goto(site.url + url)
        wait_for_parts(page)
        page.evaluate("document.querySelectorAll('main details:not(.menu)').forEach((each) => { each.open = true; })")
        look_at(page)


def test_counts_and_the_oversold_flag_come_after_the_page(site, page, order):
    site.sign_in(page)
    page.goto(f"{site.url}/orders/")
    page.get_by_role("link", name="Uncommitted 1").click()
    page.get_by_role("link", name="112-88").click()
    page.get_by_text("Oversold.").wait_for()


def test_an_order_is_typed_in(site, page, order):
    site.sign_in(page)
    page.goto(f"{site.url}/orders/new")
    page.get_by_label("Find phones to add").fill("iphone 13")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add iPhone 13").click()
    page.get_by_label("Quantity of iPhone 13").fill("3")
    page.get_by_role("combobox", name="Customer").fill("Gadget Loop LLC")
    page.get_by_role("button", name="Save order").click()
    page.get_by_role("heading", name="WH-1001").wait_for()
    assert page.get_by_text("$957.00").count() > 0
