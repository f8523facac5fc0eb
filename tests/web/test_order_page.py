import re

import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_order,
    make_product,
    make_variation,
    named,
    order_items,
    save,
)
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import (
    Commitment,
    Customer,
    OrderItem,
    SalesOrder,
    SalesOrderStatus,
    Shipment,
)
from wholecell.services import offers, recompute
from wholecell.services.customers import key_of
from wholecell.services.events import CHANNEL, SYSTEM, record, transaction
from wholecell.services.recompute import Cause


@pytest.fixture
def picker(client_as):
    return client_as("picker", name="Pete Okafor")


def fresh(model, key):
    db.session.expire_all()
    return db.session.get(model, key)


def live(order):
    query = sa.select(sa.func.count()).select_from(Commitment).join(OrderItem)
    return db.session.scalar(query.where(OrderItem.order_id == order, Commitment.released_at.is_(None)))


def says(client, answer, text):
    assert answer.status_code == 303, answer.text[:500]
    page = get_page(client, answer.location.partition("#")[0])
    assert text in page.text, re.sub(r"\s+", " ", page.text.split('id="main"')[1])[:3000]
    return page


def test_the_page_shows_items_customer_money_status_and_timeline(client_as):
    customer = save(Customer(name="Renee Dalton", name_key=key_of("Renee Dalton"), email="renee@example.com"))
    make_order(customer_id=customer.id)
    order = make_order(
        number="112-88",
        customer_id=customer.id,
        items=[{"sku": "IP11", "ordered": 2, "price_cents": 31_900}, {"sku": "WHO", "title": "A restored phone"}],
        ship_street="4418 Juniper Bend Ct",
        currency="USD",
        total_cents=63_800,
        integration=make_integration(name="Shop A"),
    )
    phone = make_item(make_variation("IP11", product=make_product("iPhone 11")), cost_cents=24_900)
    commit_phone(phone, order_items(order)[0])
    page = get_page(client_as("viewer"), f"/orders/{order.id}")
    for text in (
        *("Renee Dalton", "renee@example.com", "4418 Juniper Bend Ct", "1 other order", "1 of 3 phones committed"),
        *("iPhone 11 64GB Black", phone.esn, phone.hex_id, "$638.00", "$249.00", "Unknown SKU", "A restored phone"),
        *("Awaiting shipment", "WHO lowered no listing"),
    ):
        assert text in page.text, text
    assert 'method="post"' not in page.text.split('id="main"')[1]
    assert f"/orders/?buyer={customer.id}" in page.links()
    assert client_as("viewer", email="v@example.com").get("/orders/999").status_code == 404


def test_the_page_takes_as_many_statements_for_many_items_as_for_few(client_as, count_queries):
    client = client_as("manager")
    variation = make_variation("X-1")

    def statements(count):
        order = make_order(
            items=[{"sku": "X-1", "ordered": 2}, {"sku": "WHO", "title": "iPhone"}] * count,
            integration=make_integration(),
        )
        for item in order_items(order)[::2]:
            commit_phone(make_item(variation), item)
        path = f"/orders/{order.id}"
        with count_queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    statements(2)
    assert statements(2) == statements(20)


def test_phones_are_committed_by_scan_or_by_a_pasted_list(picker):
    variation = make_variation("X-1")
    order = make_order(items=[{"sku": "X-1", "ordered": 3}]).id
    phones = [each.esn for each in make_items(variation, 2)]
    label = make_item(variation, hex_id="ABC123").hex_id
    page = says(picker, picker.post(f"/orders/{order}/commit", data={"codes": label.lower()}), "1 of 3 phones")
    assert "by Pete Okafor" in page.text and "autofocus" in page.text
    codes = "\n".join([*phones, "NOSUCH1"])
    says(picker, picker.post(f"/orders/{order}/commit", data={"codes": codes}), "NOSUCH1")
    assert live(order) == 3
    says(picker, picker.post(f"/orders/{order}/commit", data={"codes": " "}), "Scan or paste the phones")


def test_a_phone_nobody_wanted_goes_on_a_line_below_and_is_released(picker):
    order = make_order(items=[{"sku": "X-1"}], integration=make_integration()).id
    stranger = make_item(make_variation("OTHER"))
    page = says(
        picker, picker.post(f"/orders/{order}/commit", data={"codes": stranger.esn}), "not on the channel order"
    )
    commitment = db.session.scalars(sa.select(Commitment.id)).one()
    assert f"/orders/{order}/commitments/{commitment}/release" in [form.get("action") for form in page.forms]
    answer = picker.post(f"/orders/{order}/commitments/{commitment}/release")
    assert "not on the channel order" not in says(picker, answer, "The phone is released").text
    assert live(order) == 0


def test_direct_commit_takes_the_phone_although_it_is_another(picker):
    order = make_order(items=[{"sku": "X-1"}])
    (item,) = order_items(order)
    stranger = make_item(make_variation("OTHER", product=make_product("Galaxy S22")))
    answer = picker.post(f"/orders/{order.id}/items/{item.id}/direct-commit", data={"code": stranger.esn})
    assert "directly" in says(picker, answer, "1 of 1").text
    answer = picker.post(f"/orders/{order.id}/items/{item.id}/direct-commit", data={"code": ""})
    says(picker, answer, "Scan the phone to commit to this item")


def test_items_are_matched_after_a_look_at_what_changes(picker):
    order = make_order(items=[{"sku": "X-1", "ordered": 3}]).id
    make_variation("X-1")
    stranger = make_item(make_variation("OTHER", product=make_product("Galaxy S22")))
    picker.post(f"/orders/{order}/commit", data={"codes": stranger.esn})
    assert f"/orders/{order}/match" in get_page(picker, f"/orders/{order}").links()
    page = get_page(picker, f"/orders/{order}/match")
    assert "set aside" in page.text and "Galaxy S22" in page.text
    says(picker, picker.post(f"/orders/{order}/match"), "1 of 1 phones committed")
    assert "match already" in get_page(picker, f"/orders/{order}/match").text


def test_an_unknown_sku_is_cured_by_its_likely_match_by_search_or_by_looking_again(client_as):
    client = client_as("manager")
    likely = make_variation("IP11-64-BLACK-A", product=make_product("iPhone 11"))
    order = make_order(items=[{"sku": "IP11-64-BLACK-AA", "title": "iPhone"}], integration=make_integration())
    (item,) = order_items(order)
    base, key = f"/orders/{order.id}", item.id
    page = get_page(client, base)
    assert "Looks like" in page.text and f"/catalog/new?sku={item.sku}" in page.links()
    says(client, client.post(f"{base}/items/{key}/refresh"), "still unknown")
    found = get_page(client, f"{base}?item={key}&find=iPhone+11")
    assert f'value="{likely.id}"' in found.text
    says(client, client.post(f"{base}/items/{key}/connect", data={}), "Choose the phone this item is")
    page = says(client, client.post(f"{base}/items/{key}/connect", data={"variation_id": likely.id}), "is connected")
    assert "Unknown SKU" not in page.text
    assert fresh(OrderItem, key).variation_id == likely.id


def test_a_line_is_set_aside_and_counted_again(client_as):
    client = client_as("manager")
    order = make_order(items=[{"sku": "X"}], integration=make_integration())
    (item,) = order_items(order)
    path = f"/orders/{order.id}/items/{item.id}/set-aside"
    assert "Count it again" in says(client, client.post(path), "set aside, does not count").text
    says(client, client.post(path, data={"restore": "1"}), "counts again")
    assert not fresh(OrderItem, item.id).is_set_aside


def test_a_hand_change_that_stops_counting_asks_first(client_as):
    client = client_as("manager")
    order = make_order(items=[{"sku": "X"}]).id
    done = named(SalesOrderStatus, "Completed").id
    answer = client.post(f"/orders/{order}/status", data={"to_status": done})
    assert answer.status_code == 422
    form = check_page(client, answer).form(f"/orders/{order}/status")
    says(client, client.post(f"/orders/{order}/status", data=form["fields"]), "The status is changed")
    assert fresh(SalesOrder, order).status_id == done
    says(client, client.post(f"/orders/{order}/status", data={"to_status": done}), "has that status already")
    says(client, client.post(f"/orders/{order}/status", data={}), "Choose the status")


def test_flags_say_what_waits_and_lead_to_the_cure(client_as):
    client = client_as("manager")
    variation = make_variation("X-1")
    order = make_order(
        items=[{"sku": "X-1", "ordered": 2}],
        integration=make_integration(),
        status="Shipped",
        is_to_be_scanned=True,
        is_to_accept=True,
        accept_problem="We said <no>",
    )
    key = order.id
    page = get_page(client, f"/orders/{key}")
    for text in ("To be scanned", "2 phones were not scanned", "Accept first", "We said &lt;no&gt;"):
        assert text in page.text, text
    assert f"/orders/{key}/oversold" in [each.get("hx-get") for _tag, each in page.elements]
    flag = f"/orders/{key}/oversold"
    assert "Oversold." in check_partial(client, client.get(flag), "oversold").text
    says(client, client.post(f"/orders/{key}/not-from-this-stock"), "does not wait to be scanned any more")
    (item,) = order_items(order)
    for phone in make_items(variation, 2):
        commit_phone(phone, item)
    item.cancelled = 1
    save(item)
    assert "Release phones." in get_page(client, f"/orders/{key}").text
    page = says(client, client.post(f"/orders/{key}/release"), "1 phone is released")
    assert "Release phones." not in page.text and "Oversold." not in client.get(flag).text


def test_an_unmapped_word_leads_to_the_map(client_as):
    shop = make_integration()
    lines = [{"sku": "X-1", "channel_status": word} for word in ("strange & new", "held")]
    order = make_order(status=None, channel_status="strange & new", integration=shop, items=lines)
    page = get_page(client_as("manager"), f"/orders/{order.id}")
    assert "says <q>held</q>" in page.text and "says <q>strange" not in page.text, "a line repeats no word of the order"
    assert "Status not mapped." in page.text and "strange &amp; new" in page.text
    assert any(link.startswith(f"/integrations/{shop.id}") for link in page.links())


def test_a_status_that_the_map_took_away_reads_as_not_mapped(client_as):
    order = make_order(status=None, channel_status="cancelled", integration=make_integration())
    with transaction() as session:
        record(session, CHANNEL, "order", order.id, "status", "To accept", None)
    text = get_page(client_as("viewer"), f"/orders/{order.id}").text
    assert "<del>To accept</del>" in text and "<ins>not mapped</ins>" in text


def test_a_replacement_is_sent_for_what_came_back(picker):
    order = make_order("Shipped", items=[{"sku": "X-1", "returned": 1}])
    (item,) = order_items(order)
    path = f"/orders/{order.id}/items/{item.id}/replacement"
    assert path in get_page(picker, f"/orders/{order.id}").text
    page = says(picker, picker.post(path), "A unit is wanted again")
    assert "until the order has a status that counts as open" in page.text
    assert fresh(OrderItem, item.id).returned == 0 and path not in page.text
    says(picker, picker.post(path), "nothing to replace")


def test_a_line_that_left_is_not_offered_to_be_cancelled(client_as):
    order = make_order(
        integration=make_integration(),
        items=[{"sku": "A", "external_line_id": "1", "shipped": 1}, {"sku": "B", "external_line_id": "2"}],
    )
    page = get_page(client_as("manager"), f"/orders/{order.id}")
    left, waits = (f"/orders/{order.id}/items/{item.id}/cancel" for item in order_items(order))
    assert left not in page.text and waits in page.text


def test_a_parcel_is_added_and_a_wrong_one_comes_back_with_what_was_typed(picker):
    order = make_order(items=[{"sku": "X-1"}])
    key = order.id
    phone = make_item(make_variation("X-1"))
    commitment = commit_phone(phone, order_items(order)[0]).id
    bad = {"tracking_number": "123", "carrier": "", "service": "Express", "commitment_ids": [commitment]}
    answer = picker.post(f"/orders/{key}/shipments", data=bad)
    assert answer.status_code == 422
    page = check_page(picker, answer)
    assert "Choose the carrier" in page.text and 'value="Express"' in page.text
    answer = picker.post(f"/orders/{key}/shipments", data={**bad, "shipped_on": "soon", "carrier": "UPS"})
    assert answer.status_code == 422 and "is not a day" in answer.text
    good = {"tracking_number": "1Z999AA10123456784", "commitment_ids": [commitment], "shipped_on": "2026-03-10"}
    says(picker, picker.post(f"/orders/{key}/shipments", data=good), "1Z999AA10123456784")
    parcel = db.session.scalars(sa.select(Shipment)).one()
    assert (parcel.carrier, parcel.shipped_at.date().isoformat()) == ("UPS", "2026-03-10")
    page = says(picker, picker.post(f"/orders/{key}/shipments/{parcel.id}/void"), "Voided")


def test_an_odd_tracking_number_asks_first(picker):
    order = make_order(items=[{"sku": "X-1"}])
    commitment = commit_phone(make_item(make_variation("X-1")), order_items(order)[0]).id
    odd = {"tracking_number": "1Z999AA10123456785", "carrier": "UPS", "commitment_ids": [commitment]}
    answer = picker.post(f"/orders/{order.id}/shipments", data=odd)
    assert answer.status_code == 422
    form = check_page(picker, answer).form(f"/orders/{order.id}/shipments")
    says(picker, picker.post(f"/orders/{order.id}/shipments", data=form["fields"]), "1Z999AA10123456785")


def test_a_refused_parcel_is_shown_in_the_channels_words_and_sent_again(picker):
    shop = make_integration(name="Shop A")
    order = make_order(integration=shop, items=[{"sku": "X"}])
    parcel = save(
        Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z1", state="refused", problem="Too <late>")
    )
    page = get_page(picker, f"/orders/{order.id}")
    assert "Too &lt;late&gt;" in page.text and f"/orders/{order.id}/shipments/{parcel.id}/try-again" in page.text
    says(picker, picker.post(f"/orders/{order.id}/shipments/{parcel.id}/try-again"), "Waits to be sent")


def test_links_of_parcels_go_to_the_web_only(picker):
    order = make_order()
    save(
        Shipment(
            order_id=order.id, carrier="Nobody", tracking_number="Z", tracking_url="javascript:alert(1)", state="sent"
        )
    )
    assert "javascript:" not in get_page(picker, f"/orders/{order.id}").text


def test_notes_are_kept_with_who_wrote_them(picker):
    order = make_order().id
    says(picker, picker.post(f"/orders/{order}/notes", data={"text": "Call <him>"}), "Call &lt;him&gt;")
    assert "Pete Okafor" in get_page(picker, f"/orders/{order}").text
    assert picker.post(f"/orders/{order}/notes", data={"text": " "}).status_code == 303


def test_what_an_order_did_to_quantities_is_told(client_as):
    client = client_as("viewer")
    variation = make_variation("X-1")
    make_items(variation, 3)
    listing = make_listing(make_integration(name="Shop A"), sku="X-1", title="A listing", is_connected=True)
    with transaction() as session:
        recompute.request(session, Cause.SCAN, SYSTEM, listings=[listing.id])
    offers.compute_requested()
    order = make_order(items=[{"sku": "X-1"}]).id
    with transaction() as session:
        recompute.request(session, Cause.ORDER, SYSTEM, variations=[variation.id], order_id=order)
    offers.compute_requested()
    page = get_page(client, f"/orders/{order}")
    assert "A listing" in page.text and "preview, sends nothing" in page.text
    assert re.search(r"<del>3</del>.*<ins>2</ins>", page.text)
    assert f"/listings/{listing.id}" in page.links()


def test_pickers_change_no_status_and_viewers_nothing(client_as):
    order = make_order(items=[{"sku": "X"}])
    base, item = f"/orders/{order.id}", f"items/{order_items(order)[0].id}"
    viewer, picker = client_as("viewer"), client_as("picker")
    for_managers = ("status", "not-from-this-stock", f"{item}/connect", f"{item}/set-aside", f"{item}/cancel")
    for_managers += ("items", f"{item}/edit", f"{item}/remove")
    for_pickers = ("commit", "accept", "release", "match", "notes", "shipments", f"{item}/refresh")
    for_pickers += (f"{item}/direct-commit", "commitments/1/release", "shipments/1/void", "shipments/1/try-again")
    for path in (*for_managers, *for_pickers):
        assert viewer.post(f"{base}/{path}").status_code == 403, path
    for path in for_managers:
        assert picker.post(f"{base}/{path}").status_code == 403, path
    text = get_page(picker, base).text
    assert "/status" not in text.split('id="main"')[1]
