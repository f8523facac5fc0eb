from tests.factories import make_item, make_items, make_product, make_variation, named
from tests.web.pages import get_page
from wholecell.db import transaction
from wholecell.models import InventoryStatus
from wholecell.services import events, inventory
from wholecell.services.events import CHANNEL, Actor


def write(actor, subject, key, kind, old=None, new=None):
    with transaction() as session:
        events.record(session, actor, subject, key, kind, old, new)


def test_events_are_listed_with_links_to_what_they_are_about(client_as):
    client = client_as("viewer", name="Maya")
    item = make_item(make_variation(product=make_product("iPhone 11")))
    me = Actor(client.user.id, "scan")
    write(me, "item", item.id, "received", None, "iPhone <b>")
    write(CHANNEL, "variation", item.variation_id, "created")
    write(CHANNEL, "item", 999, "status", "A", "B")
    page = get_page(client, "/activity/")
    assert f"/inventory/{item.id}" in page.links() and f"/catalog/{item.variation_id}" in page.links()
    assert "Maya" in page.text and "phone, gone" in page.text and "iPhone &lt;b&gt;" in page.text
    assert "Maya</td>" not in get_page(client, "/activity/?source=channel").text
    assert "Nothing is like that" in get_page(client, "/activity/?subject=order").text
    get_page(client, "/activity/?subject=x&source=y&person=z&before=q")


def test_an_empty_account_says_what_will_appear(client_as):
    assert "Nothing happened yet" in get_page(client_as("viewer"), "/activity/").text


def test_a_bulk_change_is_opened_as_one_and_taken_back(client_as):
    client = client_as("manager")
    ids = [item.id for item in make_items(make_variation(), 2)]
    change = inventory.Bulk(status_id=named(InventoryStatus, "Repair").id)
    done = inventory.change_many(ids, change, Actor(client.user.id), "Status of 2 phones")
    page = get_page(client, f"/activity/?batch={done.batch_id}")
    assert page.form(f"/inventory/batches/{done.batch_id}/undo")
    client.post(f"/inventory/batches/{done.batch_id}/undo")
    assert "taken back at" in get_page(client, f"/activity/?batch={done.batch_id}").text


def test_pages_follow_each_other_and_cost_the_same(client_as, count_queries):
    client = client_as("viewer")
    variation = make_variation()

    def statements():
        with count_queries() as seen:
            assert client.get("/activity/").status_code == 200
        return len(seen)

    for item in make_items(variation, 10):
        write(CHANNEL, "item", item.id, "status", "A", "B")
    statements()
    few = statements()
    for item in make_items(variation, 45):
        write(CHANNEL, "item", item.id, "status", "A", "B")
    assert statements() == few
    older = next(link for link in get_page(client, "/activity/").links() if "before=" in link)
    assert get_page(client, older).text.count("<time") == 5
