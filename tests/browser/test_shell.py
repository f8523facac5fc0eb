"""The shell in a real browser: keyboard, menus, contrast and names, small screens."""

import pytest

from tests.browser.accessibility import look_at

pytestmark = pytest.mark.browser
PAGES = ("/account/", "/people/", "/account/passkeys", "/account/two-factor", "/account/recovery-codes", "/nowhere")


def test_pages_are_accessible_and_do_not_scroll_sideways(site, page):
    page.goto(f"{site.url}/sign-in")
    look_at(page)
    site.sign_in(page)
    for url in PAGES:
        page.goto(site.url + url)
        look_at(page)


def test_keyboard_help_and_palette(site, page):
    site.sign_in(page)
    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Keyboard")
    help_dialog.wait_for()
    page.keyboard.press("Escape")
    help_dialog.wait_for(state="hidden")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Go to").wait_for()
    page.keyboard.type("account")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")


def test_typing_in_a_field_starts_no_shortcut(site, page):
    site.sign_in(page)
    page.goto(f"{site.url}/account/")
    name = page.get_by_role("textbox", name="Name")
    name.fill("")
    name.press_sequentially("?g i")
    assert name.input_value() == "?g i"
    assert page.locator("dialog[open]").count() == 0


def test_the_account_menu_closes_outside_and_with_escape(site, page):
    site.sign_in(page)
    summary = page.locator("summary[aria-label$='your account']")
    menu = page.locator("details.menu[open]")
    summary.click()
    assert menu.count() == 1
    page.locator("h1").click()
    assert menu.count() == 0
    summary.click()
    page.keyboard.press("Escape")
    assert menu.count() == 0
    assert summary.evaluate("element => element === document.activeElement")


def test_theme_is_chosen_without_a_script(site, page):
    site.sign_in(page)
    page.locator("summary[aria-label$='your account']").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_selector("html[data-bs-theme=dark]")
