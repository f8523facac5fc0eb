"""The seller's first day: a catalog and phones uploaded, Back Market connected, listings in step, numbers armed."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check
from wholecell import jobs
from wholecell.sandbox import Sandbox

pytestmark = pytest.mark.browser

VARIATIONS = """ID,Manufacturer,Model,Variant,Network,Capacity,Color,Grade,Damages,SKU,Price
create,Apple,iPhone 12,A2172,Unlocked,64GB,Black,A,,IP12-UNL-64-BK-A,229.00
create,Apple,iPhone 12,A2172,Unlocked,64GB,Black,B,,IP12-UNL-64-BK-B,199.00
create,Google,Pixel 7,GVU6C,Unlocked,128GB,Snow,A,CG,PX7-UNL-128-SN-A-CG,149.00
create,Google,Pixel 7,,Unlocked,128GB,Snow,B,,PX7-UNL-128-SN-B,139.00
"""
PHONES = """ESN,SKU,Status,Warehouse,Cost
353280110531580,IP12-UNL-64-BK-A,Available,Main warehouse,140.00
358920140186732,IP12-UNL-64-BK-A,Available,Main warehouse,141.00
354106110118616,IP12-UNL-64-BK-A,Repair,Main warehouse,120.00
351831120243558,IP12-UNL-64-BK-B,Available,Main warehouse,110.00
355039160124442,IP12-UNL-64-BK-B,Available,Main warehouse,110.00
"""
AFTERWARDS = ("/", "/listings/", "/listings/1", "/activity/", "/uploads/")
LISTINGS = [
    {"sku": "IP12-UNL-64-BK-A", "title": "iPhone 12 64GB - Black", "grade": "EXCELLENT", "quantity": 5},
    {"sku": "IP12-UNL-64-BK-B", "title": "iPhone 12 64GB - Black", "grade": "GOOD", "quantity": 1},
    {"sku": "NOT-OURS", "title": "Galaxy S9 64GB - Blue", "grade": "FAIR", "quantity": 2},
]


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as running:
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", running.base_url("backmarket"))
        running.shop.seed_backmarket([{**row, "price": "229.00", "currency": "USD"} for row in LISTINGS])
        yield running


@pytest.fixture
def scheduled(site):
    """The scheduler beside the pages, as the app runs it."""
    scheduler = jobs.start(site.app)
    yield
    scheduler.shutdown()
    site.app.extensions["looker"].stop()


@pytest.fixture
def hosts(page):
    """Every host the browser talked to."""
    seen = set()
    page.on("request", lambda request: seen.add(request.url.split("/")[2]) if "//" in request.url[:8] else None)
    return seen


def upload(page, site, kind, name, text):
    page.goto(f"{site.url}/uploads/new?kind={kind}")
    check(page)
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Read it, change nothing yet").click()
    apply = page.get_by_role("button", name="Apply")
    apply.wait_for()
    check(page)
    return apply


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_from_two_sheets_to_listings_in_step(site, scheduled, sandbox, page, hosts, theme, width):
    page.set_default_timeout(10000)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    site.sign_in(page)
    check(page)

    apply = upload(page, site, "variations", "catalog.csv", VARIATIONS)
    expect(page.get_by_text("write unknown").first).to_be_visible()  # the Pixel without a variant is refused
    apply.click()
    expect(page.get_by_text("Applied").first).to_be_visible()
    apply = upload(page, site, "phones", "phones.csv", PHONES)
    expect(page.get_by_text("355039160124442").first).to_be_visible()  # its check digit is wrong
    apply.click()
    expect(page.get_by_text("Applied").first).to_be_visible()

    for path in ("/catalog/", "/inventory/", "/inventory/1", "/catalog/1", "/intake/", "/integrations/"):
        page.goto(site.url + path)
        check(page)

    page.goto(f"{site.url}/integrations/connect/backmarket")
    check(page)
    page.get_by_label("Token").fill("sandbox-backmarket-token")
    page.get_by_label("Platform").select_option(label="North America")
    page.get_by_label("Main market").select_option("en-us")
    page.get_by_label("Company").fill("Second Ring")
    page.get_by_label("Contact email").fill("maya@example.com")
    page.get_by_role("button", name="Try the login and connect").click()
    page.get_by_role("navigation", name="Back Market").get_by_role("link", name="Listings").click()
    page.get_by_role("button", name="Sync Listings").click()
    expect(page.get_by_text("Listings synced")).to_be_visible(timeout=15000)
    page.reload()
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    check(page)
    shown = {row["sku"]: sandbox.shop.shown("backmarket", sku=row["sku"]).quantity for row in LISTINGS}
    assert list(shown.values()) == [5, 1, 2], "nothing is sent before arming"

    page.get_by_role("link", name="iPhone 12 64GB - Black").first.click()
    expect(page.get_by_text("Why is this not syncing?")).to_be_visible()
    expect(page.get_by_text("available").first).to_be_visible()
    check(page)

    page.goto(f"{site.url}/integrations/1/preview")
    check(page)
    page.get_by_role("button", name="Arm and send 1").click()
    expect(page.get_by_text("Armed").first).to_be_visible()
    until(page, lambda: sandbox.shop.shown("backmarket", sku="IP12-UNL-64-BK-A").quantity == 2)

    page.goto(f"{site.url}/inventory/1")
    page.get_by_text("Change this phone").click()
    page.locator("#change").get_by_label("Status").select_option(label="Repair")
    page.locator("#change").get_by_role("button").last.click()
    until(page, lambda: sandbox.shop.shown("backmarket", sku="IP12-UNL-64-BK-A").quantity == 1)
    for path in (
        "/",
        "/listings/",
        "/listings/1",
        "/integrations/1/",
        "/integrations/1/history",
        "/activity/",
        "/uploads/",
    ):
        page.goto(site.url + path)
        check(page)
    assert sandbox.shop.shown("backmarket", sku="NOT-OURS").quantity == 2
    assert hosts == {site.url.split("/")[2]}


def until(page, true, seconds=10):
    """Wait until the sandbox shows it, the page staying alive meanwhile."""
    for _ in range(seconds * 10):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the sandbox did not come to show it")
