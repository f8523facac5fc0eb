"""Orders on an integration's pages: its settings, the Import orders button, and orders that could not be stored."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME
from tests.web.pages import check_page, check_partial, get_page
from wholecell.channels.contract import ImportsOrders
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, Integration, OrderImportError, SalesOrderStatus, StatusMapping, Work
from wholecell.services import integrations, work
from wholecell.services.work import Kind
from wholecell.web.forms import orders_settings


def key(title):
    return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))


@pytest.fixture
def shop(app):
    integration = make.make_integration(name="BM <EU>", armed=True)
    work.ensure_rows(db.session(), integration.id)
    db.session.commit()
    return integration.id


def form_of(client, shop):
    """The settings as the page shows them, so that a test changes one thing."""
    form = get_page(client, f"/integrations/{shop}/").text.split('id="settings"')[1].split("</form>")[0]
    data = {"match": "sku", "imports_online_only": "all", "order_customer": "shipping name"}
    for name in ("pushes_quantities", "imports_orders", "holds_for_scan", "sends_shipments"):
        if re.search(rf'name="{name}" value="y" checked', form):
            data[name] = "y"
    if accepting := re.search(r'<option selected value="([^"]*)"', form.split('name="accepting"')[-1]):
        data["accepting"] = accepting[1]
    for name in ("statuses", "warehouses"):
        data[name] = re.findall(rf'name="{name}" value="(\d+)" checked', form)
    data["word"] = re.findall(r'name="word" value="([^"]*)"', form)
    selects = re.findall(r'<select[^>]*name="word_status".*?</select>', form)
    data["word_status"] = [(re.findall(r'value="(\d*)" selected', each) or [""])[0] for each in selects]
    assert len(data["word"]) == len(data["word_status"]) > 5
    return data


def chosen(data, word, status_id):
    statuses = [*data["word_status"]]
    statuses[data["word"].index(word)] = str(status_id)
    return {**data, "word_status": statuses}


def saved(shop):
    db.session.expire_all()
    return integrations.settings_of(db.session.get(Integration, shop)).orders


def wanted(kind=Kind.IMPORT_ORDERS):
    return db.session.scalar(sa.select(Work.wanted_at).where(Work.kind == kind)) is not None


# Details


def test_the_map_suggests_targets_and_offers_canceled(client_as, shop):
    client = client_as("manager")
    page = get_page(client, f"/integrations/{shop}/")
    data = form_of(client, shop)
    by_word = dict(zip(data["word"], data["word_status"], strict=True))
    assert by_word["3"] == str(key("Awaiting shipment")) and by_word["cancelled"] == ""
    for words in ("Add Canceled", "Not mapped", "· suggested", "Time of UTC"):
        assert words in page.text, words
    answer = client.post(f"/integrations/{shop}/canceled")
    assert answer.location.endswith(f"/integrations/{shop}/#map")
    page = get_page(client, f"/integrations/{shop}/")
    assert "3 words become it" in page.text and "Add Canceled" not in page.text
    assert saved(shop).statuses["cancelled"] == key("Canceled")


def test_orders_are_switched_on_and_come_in_at_once(client_as, shop):
    client = client_as("manager")
    data = {**form_of(client, shop), "imports_orders": "y", "order_minimum_at": "2026-10-01T06:30"}
    answer = client.post(f"/integrations/{shop}/", data={**data, "order_customer": "channel name"})
    page = get_page(client, answer.location)
    assert "Its orders come in now" in page.text and 'value="2026-10-01T06:30"' in page.text
    now = saved(shop)
    assert (now.imports, now.minimum_at, now.customer) == (
        True,
        datetime(2026, 10, 1, 6, 30, tzinfo=UTC),
        "channel name",
    )
    assert now.statuses["3"] == key("Awaiting shipment") and now.statuses["cancelled"] is None
    assert wanted()
    text = get_page(client, f"/integrations/{shop}/history").text
    assert "Order import" in text and "Map of Accepted, to ship" in text


def test_the_date_is_in_the_accounts_time_zone(settings, client_as, shop, monkeypatch):
    import dataclasses

    client = client_as("manager")
    application = client.application
    zoned = dataclasses.replace(application.extensions["wholecell"], timezone="America/New_York")
    monkeypatch.setitem(application.extensions, "wholecell", zoned)
    data = {**form_of(client, shop), "imports_orders": "y", "order_minimum_at": "2026-10-01T06:30"}
    assert client.post(f"/integrations/{shop}/", data=data).status_code == 303
    assert saved(shop).minimum_at == datetime(2026, 10, 1, 10, 30, tzinfo=UTC)
    page = get_page(client, f"/integrations/{shop}/")
    assert 'value="2026-10-01T06:30"' in page.text and "Time of America/New_York" in page.text


@pytest.mark.parametrize(
    ("date", "words"),
    [("2999-01-01T00:00", "in the future"), ("1999-01-01T00:00", "after the year 2000"), ("soon", "Not a valid")],
)
def test_dates_that_are_refused_keep_what_was_typed(client_as, shop, date, words):
    client = client_as("manager")
    data = chosen(form_of(client, shop), "1", key("Packed"))
    answer = client.post(f"/integrations/{shop}/", data={**data, "order_minimum_at": date})
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert words in page.text
    select = page.text.split('aria-label="Our status for Paid, to accept"')[1].split("</select>")[0]
    assert f'value="{key("Packed")}" selected' in select
    assert saved(shop).statuses == {}


def test_an_incomplete_map_is_shown_with_its_orders(client_as, shop):
    one = db.session.get(Integration, shop)
    make.make_order(None, [{"sku": "X"}], one, channel_status="<mystery>")
    make.save(StatusMapping(integration_id=shop, word="3", status_id=None))
    text = get_page(client_as("viewer"), f"/integrations/{shop}/").text
    assert "&lt;mystery&gt;" in text and "<mystery>" not in text
    assert "Not mapped: 1 order waiting" in text and "seen on orders" in text


def test_a_flag_that_contradicts_a_word_is_told_on_the_map_and_before_saving(client_as, shop):
    client = client_as("manager")
    data = chosen(form_of(client, shop), "3", key("Shipped"))
    answer = client.post(f"/integrations/{shop}/effect", data=data)
    check_partial(client, answer, "effect")
    assert "Accepted, to ship becomes Shipped." in answer.text and "sold again" in answer.text
    client.post(f"/integrations/{shop}/", data=data)
    words = "It means to ship, but Shipped does not count as open"
    assert words in get_page(client, f"/integrations/{shop}/").text
    assert words in get_page(client, "/settings/order-statuses").text


def test_what_a_map_would_move_is_shown_before_saving(client_as, shop):
    one = db.session.get(Integration, shop)
    make.make_items(make.make_variation("X"), 10)
    make.make_listing(one, "X")
    make.make_listing(make.make_integration(name="Other"), "X")
    make.make_order("Awaiting shipment", [{"sku": "X"}], one, channel_status="3")
    client = client_as("manager")
    data = form_of(client, shop)
    client.post(f"/integrations/{shop}/", data=data)
    assert "No number changes" in client.post(f"/integrations/{shop}/effect", data=data).text
    answer = client.post(f"/integrations/{shop}/effect", data=chosen(data, "3", key("Shipped")))
    assert "<dt>Rise</dt><dd>1</dd>" in answer.text and "<dt>On other integrations</dt><dd>1</dd>" in answer.text
    answer = client.post(f"/integrations/{shop}/effect", data={**data, "imports_orders": "y"})
    assert "Orders come in at once" in answer.text


@pytest.mark.parametrize("is_able", [True, False])
def test_what_the_channel_cannot_do_is_not_offered_and_stays_as_it_is(client_as, shop, monkeypatch, is_able):
    monkeypatch.setattr(orders_settings, "can", lambda _, protocol: is_able or protocol is ImportsOrders)
    one = db.session.get(Integration, shop)
    one.accepting = "on import"
    db.session.commit()
    client = client_as("manager")
    page = get_page(client, f"/integrations/{shop}/")
    assert ("Accept orders" in page.text, "Send shipments to" in page.text) == (is_able, is_able)
    data = form_of(client, shop)
    data.pop("sends_shipments", None)
    client.post(f"/integrations/{shop}/", data={**data, "accepting": "none"})
    now = saved(shop)
    assert (now.accepting, now.sends_shipments) == (("none", False) if is_able else ("on import", True))


# The Orders tab


def test_orders_are_imported_by_a_button_with_progress(client_as, shop):
    client = client_as("manager")
    url = f"/integrations/{shop}"
    assert "Orders do not come in by themselves" in get_page(client, f"{url}/orders").text
    answer = client.post(f"{url}/import-orders", headers={"HX-Request": "true"})
    check_partial(client, answer, "progress")
    assert "Import orders is about to start" in answer.text
    assert f'hx-get="{url}/orders-progress"' in answer.text
    run = work.claim(shop, Kind.IMPORT_ORDERS, ME)
    run.count("new", 3)
    with transaction() as session:
        run.progress(session, 3, 10)
    page = get_page(client, f"{url}/orders")
    assert "Importing orders from BM &lt;EU&gt;" in page.text and "<b>3</b> of 10 read" in page.text
    answer = client.post(f"{url}/runs/{run.run_id}/stop", headers={"HX-Request": "true"})
    assert "stopping" in answer.text and "orders-progress" in answer.text
    assert client.post(f"{url}/runs/{run.run_id}/stop").location == f"{url}/orders"
    work.finish(run)
    answer = client.get(f"{url}/orders-progress")
    assert "Orders imported" in answer.text and answer.headers["HX-Trigger"] == "orders-imported"
    check_partial(client, client.get(f"{url}/order-figures"), "order-figures")
    assert "Import orders" in get_page(client, f"{url}/history").text
    assert client.post(f"{url}/import-orders").location == f"{url}/orders"
    assert wanted() and not wanted(Kind.IMPORT_LISTINGS)


def test_counts_of_open_orders_stand_on_tab_and_card(client_as, shop):
    one = db.session.get(Integration, shop)
    one.imports_orders = True
    db.session.commit()
    make.make_order("To accept", [{"sku": "X"}], one, is_to_accept=True)
    make.make_order(None, [{"sku": "X"}], one, channel_status="odd")
    make.make_order("Shipped", [{"sku": "X"}], one, is_to_be_scanned=True)
    make.make_order("Shipped", [{"sku": "X"}], one)
    make.save(OrderImportError(integration_id=shop, external_id="77", reason="No lines"))
    client = client_as("viewer")
    text = get_page(client, f"/integrations/{shop}/orders").text
    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>(?:<a[^>]*>)?(\d+)", text))
    assert counts == {
        "Open orders": "3",
        "To accept": "1",
        "To be scanned": "1",
        "Status not mapped": "1",
        "Not stored": "1",
    }
    card = get_page(client, "/integrations/").text
    assert 'aria-label="3 open orders of BM &lt;EU&gt;"' in card
    assert "1 to accept" in card and "1 order</a>" in card


def failed(shop, external_id="77", **fields):
    values = {"reason": "A line has no <b>quantity</b>.", "tries": 4, "first_at": utcnow(), **fields}
    return make.save(OrderImportError(integration_id=shop, external_id=external_id, **values)).id


def test_an_order_that_could_not_be_stored_is_tried_again_or_left(client_as, shop):
    error = failed(shop)
    client = client_as("manager")
    url = f"/integrations/{shop}/import-errors/{error}"
    page = get_page(client, f"/integrations/{shop}/orders")
    assert "A line has no &lt;b&gt;quantity&lt;/b&gt;." in page.text and "<code>77</code>" in page.text
    assert client.post(f"{url}/leave").status_code == 303
    assert db.session.get(OrderImportError, error).dismissed_at is not None
    page = get_page(client, f"/integrations/{shop}/orders")
    assert "Left alone" in page.text and f"{url}/leave" not in page.text
    assert db.session.scalars(sa.select(Event.new).where(Event.kind == "import error left")).all() == ["77"]
    assert client.post(f"{url}/try").status_code == 303
    assert db.session.get(OrderImportError, error).dismissed_at is None
    assert wanted()


def test_an_order_without_a_number_cannot_be_asked_for(client_as, shop):
    error = failed(shop, "no id 0123456789abcdef")
    page = get_page(client_as("manager"), f"/integrations/{shop}/orders")
    assert f"/integrations/{shop}/import-errors/{error}/try" not in page.text
    assert f"/integrations/{shop}/import-errors/{error}/leave" in page.text


def test_an_error_that_is_gone_or_of_another_integration(client_as, shop):
    other = make.make_integration()
    error = failed(other.id)
    client = client_as("manager")
    for each in (error, 999):
        answer = client.post(f"/integrations/{shop}/import-errors/{each}/leave", follow_redirects=True)
        assert "stored meanwhile" in answer.text
    assert db.session.get(OrderImportError, error).dismissed_at is None


def test_why_orders_are_not_arriving_is_answered_with_the_ways_out(client_as, shop):
    failed(shop)
    url = f"/integrations/{shop}"
    client = client_as("admin")

    def panel(client):
        text = get_page(client, f"{url}/orders").text
        return text.split("Why are orders not arriving?")[1].split("</section>")[0]

    shown = panel(client)
    assert "Order import is off" in shown and f'href="{url}/#orders"' in shown
    assert "Orders were never imported" in shown and f'action="{url}/import-orders"' in shown
    assert "1 order could not be stored" in shown and 'href="#h-failed"' in shown
    assert "Enter the login" not in shown
    one = db.session.get(Integration, shop)
    one.imports_orders, one.login_refused_at, one.login_problem = True, utcnow(), "<b>no</b>"
    db.session.commit()
    shown = panel(client)
    assert "Order import is on" in shown and f'href="{url}/#login"' in shown and "&lt;b&gt;no&lt;/b&gt;" in shown
    shown = panel(client_as("viewer"))
    assert "Order import is on" in shown and "<form" not in shown and "#login" not in shown


@pytest.mark.parametrize("role", ["viewer", "picker"])
def test_people_who_only_read_change_nothing(client_as, shop, role):
    error = failed(shop)
    client = client_as(role)
    page = get_page(client, f"/integrations/{shop}/orders")
    assert not [form for form in page.forms if form.get("action", "").startswith("/integrations")]
    for url in ("canceled", "import-orders", f"import-errors/{error}/try", f"import-errors/{error}/leave"):
        assert client.post(f"/integrations/{shop}/{url}").status_code == 403, url


def test_integrations_that_do_not_exist(client_as):
    client = client_as("manager")
    for url in ("orders", "orders-progress", "order-figures"):
        assert client.get(f"/integrations/7/{url}").status_code == 404, url
    for url in ("canceled", "import-orders", "import-errors/1/try", "import-errors/1/leave"):
        assert client.post(f"/integrations/7/{url}").status_code == 404, url


def test_queries_are_fixed(client_as, count_queries, shop):
    client = client_as("viewer")
    urls = [f"/integrations/{shop}/orders", f"/integrations/{shop}/", "/integrations/"]

    def queries(url):
        client.get(url)
        with count_queries() as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    def add(count):
        one = db.session.get(Integration, shop)
        for number in range(count):
            failed(shop, f"{count}-{number}")
            make.make_order("To accept", [{"sku": "X"}], one, channel_status=f"word {number}")

    add(2)
    few = [queries(url) for url in urls]
    add(9)
    assert [queries(url) for url in urls] == few
