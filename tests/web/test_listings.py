"""Listings as people use them: the table over all integrations, and the page of one."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db, utcnow
from wholecell.models import Listing, ListingSku, ListingVariation, OfferChange, OfferChangeOrder, QuantityPush, Work
from wholecell.services import integrations, offers, order_effects
from wholecell.services.work import Kind

PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def world(app):
    world = World(count=2, stock=3)
    world.settle()
    return world


def wanted():
    db.session.remove()
    return set(db.session.scalars(sa.select(Work.kind).where(Work.wanted_at.is_not(None))))


def test_table_over_all_integrations(client_as, world):
    make.make_listing(make.make_integration(name="Another"), "X1", title="Phone of another")
    client = client_as("viewer")
    page = get_page(client, "/listings/")
    for title in ("Title of L0", "Phone of another"):
        assert title in page.text
    check_partial(client, client.get("/listings/", headers=PARTIAL), "listing-table")
    tabs = client.get("/listings/counts")
    check_partial(client, tabs, "listing-tabs")
    assert '<span class="count">3</span>' in tabs.text


def test_search_and_tabs_are_in_the_address(client_as, world):
    client = client_as("viewer")
    key = world.integration.id
    page = get_page(client, f"/integrations/{key}/listings?q=S0%0AS1&tab=connected")
    assert "Title of L0" in page.text and "Title of L1" in page.text
    exported = next(href for href in page.links() if "export.csv" in href)
    header, *rows = csv.reader(io.StringIO(client.get(exported).text.lstrip("\ufeff")))
    assert [row[header.index("Channel SKU")] for row in rows] == ["S0", "S1"]
    page = get_page(client, f"/integrations/{key}/listings?tab=ended")
    assert "No listing fits" in page.text
    assert client.get("/listings/?tab=%27&only=x&after=77&before=x").status_code == 200


def test_pages_follow_each_other(client_as):
    one = make.make_integration()
    for number in range(55):
        make.make_listing(one, title=f"Phone {number:02}")
    client = client_as("viewer")
    first = get_page(client, "/listings/")
    (following,) = [href for href in first.links() if "after=" in href]
    second = get_page(client, following)
    assert "Phone 54" in second.text and "Phone 00" not in second.text
    (back,) = [href for href in second.links() if "before=" in href]
    assert "Phone 00" in get_page(client, back).text


def test_page_of_a_listing(client_as, world):
    make.make_order(items=[{"sku": "S0"}], channel="Walmart")
    page = get_page(client_as("viewer"), f"/listings/{world.listing().id}")
    for words in (
        "The number",
        "outstanding",
        "Why is this not syncing?",
        "Counts these phones",
        "Walmart",
        "Timeline",
    ):
        assert words in page.text
    assert client_as("viewer", email="b@example.com").get("/listings/99").status_code == 404


def test_the_number_leads_to_the_phones_it_counts(client_as, world):
    page = get_page(client_as("viewer"), f"/listings/{world.listing().id}")
    phones = [href for href in page.links() if href.startswith("/inventory/?")]
    assert any(f"variation={world.variations[0].id}" in href for href in phones)


def test_connect_to_several_skus_and_a_variation(client_as, world):
    key = world.listing().id
    chosen = make.make_variation(None).id
    make.make_order(items=[{"sku": "S1"}])
    client = client_as("manager")
    data = {"skus": ["S0", "S1, S9"], "variations": [chosen]}
    answer = client.post(f"/listings/{key}/connection", data=data, follow_redirects=True)
    assert "1 open order follows" in answer.text
    db.session.remove()
    assert set(db.session.scalars(sa.select(ListingSku.sku))) == {"S0", "S1", "S9"}
    assert list(db.session.scalars(sa.select(ListingVariation.variation_id))) == [chosen]
    page = get_page(client, f"/listings/{key}")
    assert "Chosen by hand" in page.text
    assert "becomes" in page.text and f"variation {chosen}" not in page.text, "the timeline calls it by its name"
    client.post(f"/listings/{key}/connection", data={})
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(ListingSku))


def test_a_connection_that_cannot_be_saved(client_as, world):
    client = client_as("manager")
    url = f"/listings/{world.listing().id}/connection"
    answer = client.post(url, data={"variations": ["987"]})
    assert answer.status_code == 422
    assert "not in the catalog any more" in check_page(client, answer).text
    answer = client.post(url, data={"skus": "x" * 200})
    assert answer.status_code == 422
    assert "longer than a SKU can be" in answer.text


def test_near_misses_and_the_exact_sku_connect_with_one_click(client_as):
    one = make.make_integration(matches_via_sku=False)
    make.make_variation("IP11-64")
    near, exact = make.make_listing(one, "ip11 64"), make.make_listing(one, "IP11-64")
    client = client_as("manager")
    for listing in (near, exact):
        page = get_page(client, f"/listings/{listing.id}")
        assert any(form["fields"].get("skus") == "IP11-64" for form in page.forms)


def test_variations_are_found_while_typing_and_without_script(client_as, world):
    client = client_as("manager")
    key = world.listing().id
    answer = client.get(f"/listings/{key}/candidates?find=iphone", headers=PARTIAL)
    page = check_partial(client, answer, "candidates")
    assert [attributes["value"] for tag, attributes in page.elements if tag == "input"] == [
        str(each.id) for each in world.variations
    ]
    assert "No variation holds all of" in client.get(f"/listings/{key}/candidates?find=galaxy").text
    whole = get_page(client, f"/listings/{key}?find=iphone")
    assert 'name="variations"' in whole.text


def test_own_limits(client_as, world):
    client = client_as("manager")
    key = world.listing().id
    assert client.post(f"/listings/{key}/limits", data={"maximum_quantity": "2"}).status_code == 303
    assert (world.listing().maximum_quantity, world.listing().safety_quantity) == (2, None)
    assert world.listing().last_offered == 2
    answer = client.post(f"/listings/{key}/limits", data={"percentage": "many"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in check_page(client, answer).text
    client.post(f"/listings/{key}/limits", data={})
    assert world.listing().maximum_quantity is None


def test_try_again_send_and_read_ask_for_work(client_as, world):
    client = client_as("manager")
    key = world.listing().id
    world.set(rejected_at=utcnow(), rejected_number=3, rejected_words="No")
    assert client.post(f"/listings/{key}/try-again", data={"next": "/"}).location == "/"
    assert world.listing().rejected_at is None
    assert wanted() == {Kind.PUSH_QUANTITIES}
    client.post(f"/listings/{key}/read")
    assert wanted() == {Kind.PUSH_QUANTITIES, Kind.REPAIR}
    assert client.post(f"/listings/{key}/send", data={"next": "//evil.example"}).location == f"/listings/{key}"


def test_a_preview_is_not_sent(client_as):
    one = make.make_integration()
    listing = make.make_listing(one, "A1")
    answer = client_as("manager").post(f"/listings/{listing.id}/send", follow_redirects=True)
    assert "arm it first" in answer.text
    assert wanted() == set()


def test_no_longer_followed_is_set_to_zero(client_as, world):
    client = client_as("manager")
    key = world.listing().id
    assert "follows its phones by itself" in client.post(f"/listings/{key}/zero", follow_redirects=True).text
    client.post(f"/listings/{key}/connection", data={"skus": "gone"})
    page = get_page(client, "/")
    assert "No longer followed" in page.text
    assert f"/listings/{key}/zero" in [form.get("action") for form in page.forms]
    assert client.post(f"/listings/{key}/zero", data={"next": "/"}).location == "/"
    assert world.listing().is_set_to_zero


@pytest.mark.parametrize("role", ["viewer", "picker"])
def test_changes_are_refused_below_manager(client_as, world, role):
    client = client_as(role)
    key = world.listing().id
    for change in ("connection", "limits", "try-again", "zero", "send", "read"):
        assert client.post(f"/listings/{key}/{change}").status_code == 403, change
    page = get_page(client, f"/listings/{key}")
    assert not [form for form in page.forms if form.get("action", "").startswith("/listings") and "method" in form]


def test_changes_of_a_listing_that_does_not_exist(client_as):
    client = client_as("manager")
    for change in ("connection", "limits", "try-again", "zero", "send", "read"):
        assert client.post(f"/listings/5/{change}").status_code == 404, change
    assert client.get("/listings/5/candidates").status_code == 404


def test_links_of_a_channel_are_web_addresses_only(client_as, world):
    world.set(url="javascript:alert(1)")
    page = get_page(client_as("viewer"), f"/listings/{world.listing().id}")
    assert "javascript:" not in page.text


# Today


def test_first_page_is_the_set_up_until_something_was_armed(client_as):
    client = client_as("admin", name="Maya Ortiz")
    page = get_page(client, "/")
    assert page.headings == ["Welcome, Maya"]
    assert "0 of 6 done" in page.text and "Nothing needs you yet" in page.text
    assert "No channel connected yet" in page.text
    world = World(count=1, armed=False)
    assert "1 channel in preview" in get_page(client, "/").text
    integrations.arm(world.integration.id, ME)
    page = get_page(client, "/")
    assert page.headings == ["Today"]
    assert "Sync health" in page.text and "1 of 1 channel in sync" in page.text


def test_today_shows_each_trouble_with_its_cure(client_as, world):
    world.set(0, rejected_at=utcnow(), rejected_number=0, rejected_words="Listing not found")
    world.set(1, held="rise", cause="upload")
    two = make.make_integration(name="Second", login_refused_at=utcnow(), login_problem="Bad token")
    make.make_listing(world.integration, "X", title="Unconnected")
    make.make_listing(world.integration, "Y", title="Unconnected too")
    page = get_page(client_as("admin"), "/")
    assert '<h3>Listings not connected</h3><span class="count">2</span>' in page.text and "Connect 2" in page.text
    for words in ("Cannot be stopped from selling", "Listing not found", "Held by the guard", "Listings not connected"):
        assert words in page.text
    assert f"/integrations/{two.id}/#login" in page.links()
    assert f"/integrations/{world.integration.id}/release" in [form.get("action") for form in page.forms]
    assert "1 of 2 channels in sync" in page.text
    page = get_page(client_as("viewer"), "/")
    assert not [form for form in page.forms if "release" in form.get("action", "")]
    assert "See 2<" in page.text and "Connect 2" not in page.text


def test_why_it_does_not_sync_offers_only_cures_that_one_may_do(client_as, world):
    listing = make.make_listing(world.integration, "X", title="Unconnected")
    href = f"/listings/{listing.id}"
    assert 'href="#connection">Connect it' in get_page(client_as("manager"), href).text
    assert 'href="#connection">Connect it' not in get_page(client_as("viewer"), href).text


def test_a_listing_names_the_orders_behind_the_numbers_sent(client_as):
    listing = make.make_listing(make.make_integration(), sku="X-1")
    start = utcnow()
    numbers = {}
    for minute, (number, at) in enumerate((("A-1", 0), ("A-2", 1), ("A-3", 3))):
        order = make.make_order(number=number)
        change = make.save(
            OfferChange(
                listing_id=listing.id,
                integration_id=listing.integration_id,
                at=start + timedelta(minutes=at),
                old=9 - minute,
                new=8 - minute,
                cause="order",
                is_guarded=False,
            )
        )
        make.save(OfferChangeOrder(order_id=order.id, change_id=change.id))
        numbers[number] = order.id
    sent = [
        make.save(
            QuantityPush(
                listing_id=listing.id,
                integration_id=listing.integration_id,
                at=start + timedelta(minutes=minute),
                old=9,
                new=7,
                reason="fewer to sell",
                outcome="accepted",
            )
        )
        for minute in (-1, 2)
    ]
    told = order_effects.behind(listing.id, sent)
    assert told == {sent[1].id: [(numbers["A-2"], "A-2"), (numbers["A-1"], "A-1")]}, "A-3 is not sent yet"
    links = get_page(client_as("viewer"), f"/listings/{listing.id}").links()
    assert [f"/orders/{numbers[number]}" in links for number in ("A-1", "A-2", "A-3")] == [True, True, False]


def test_what_the_catalog_lacks_comes_as_a_sheet_to_fill_in_and_upload(client_as):
    one, other = make.make_integration(), make.make_integration(name="Elsewhere")
    make.make_variation("KNOWN")
    make.make_listing(one, "KNOWN", title="Known", is_connected=True)
    make.make_listing(other, "KNOWN", title="In the catalog")
    make.make_listing(one, "NEW-1", title="iPhone 9, red")
    make.make_listing(other, "NEW-1", title="iPhone 9 elsewhere")
    make.make_listing(other, "=NEW-2", title="Pixel 1")
    make.make_listing(other, "", title="Without a SKU")
    make.make_listing(other, "FBX", title="Theirs", is_pushable=False)
    sheet_of_one = f"/listings/missing-variations.csv?integration={one.id}"
    assert client_as("viewer").get(sheet_of_one).status_code == 403
    client = client_as("manager", email="m@example.com")
    page = get_page(client, "/listings/?tab=not-connected")
    (href,) = [each for each in page.links() if "missing-variations" in each]
    assert "missing-variations" not in get_page(client, "/listings/").text

    header, *rows = csv.reader(io.StringIO(client.get(href).get_data(as_text=True).removeprefix("\ufeff")))
    template = client.get("/uploads/variations/template.csv").get_data(as_text=True).removeprefix("\ufeff")
    assert [*template.strip().split(","), "Title"] == header
    assert [[each for each in row if each] for row in rows] == [
        ["create", "'=NEW-2", "Pixel 1"],
        ["create", "NEW-1", "iPhone 9 elsewhere"],
    ]
    assert client.get(sheet_of_one).get_data(as_text=True).count("create") == 1

    words = {"Manufacturer": "Apple", "Model": "iPhone 9", "Variant": "unknown", "Network": "Unlocked", "Grade": "A"}
    words |= {"Capacity": "64GB", "Color": "Red"}
    filled = [[words.get(name, cell) for name, cell in zip(header, row, strict=True)] for row in rows]
    text = io.StringIO()
    csv.writer(text).writerows([header, rows[0], filled[1]])
    data = {"kind": "variations", "file": (io.BytesIO(text.getvalue().encode()), "missing.csv")}
    sent = client.post("/uploads/new", data=data, content_type="multipart/form-data")
    assert "Apply 1 row" in get_page(client, sent.location).text  # what nobody filled in is refused, and says so
    client.post(f"{sent.location}/apply")
    offers.compute_all()
    db.session.remove()
    ours = sa.select(Listing.is_connected).where(Listing.sku == "NEW-1")
    assert db.session.scalars(ours).all() == [True, True], "once uploaded, it connects on every channel"
    assert "NEW-1" not in client.get(href).get_data(as_text=True)
