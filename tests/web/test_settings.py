import pytest
import sqlalchemy as sa

from tests.factories import (
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_product,
    make_variation,
    named,
)
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import Condition, Grade, InventoryStatus, Location, ProductVariation, Warehouse
from wholecell.services import settings, skus
from wholecell.services.events import SYSTEM
from wholecell.services.list_kinds import KINDS


def names(key):
    db.session.expire_all()
    model = KINDS[key].model
    return list(db.session.scalars(sa.select(model.name).order_by(model.id)))


def key(model, name):
    return named(model, name).id


def post(client, url, **data):
    return client.post(f"/settings/{url}", data=data)


def test_each_list_has_its_page(client_as):
    client = client_as("manager")
    make_item(make_variation(conditions=["CG"]))
    for each in KINDS:
        get_page(client, f"/settings/lists/{each}")
    assert client.get("/settings/lists/nothing").status_code == 404
    assert client.get("/settings/").location == "/settings/lists/statuses"
    assert client.get("/settings/account").status_code == 403


def test_entries_are_added(client_as):
    client = client_as("manager")
    warehouse = key(Warehouse, "Main warehouse")
    for kind, data in (
        ("statuses", {"name": "Quarantine", "color": "red"}),
        ("warehouses", {"name": "Outlet"}),
        ("grades", {"name": "E"}),
        ("conditions", {"name": "Bent frame", "code": "bf"}),
        ("locations", {"name": "A1", "warehouse": warehouse}),
    ):
        assert post(client, f"lists/{kind}", **data).status_code == 303
        assert names(kind)[-1] == data["name"]
    assert named(Condition, "Bent frame").code == "BF"
    assert named(InventoryStatus, "Quarantine").color == "red"
    assert named(Location, "A1").warehouse_id == warehouse


def test_a_name_that_is_taken_comes_back_beside_the_form(client_as):
    client = client_as("manager")
    answer = post(client, "lists/conditions", name="Cracked Glass", code="XX")
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert "already a condition named Cracked glass" in page.text
    assert 'value="Cracked Glass"' in page.text and 'value="XX"' in page.text


def test_entries_are_renamed_and_a_wrong_name_stands_beside_its_row(client_as):
    client = client_as("manager")
    repair = key(InventoryStatus, "Repair")
    assert post(client, f"lists/statuses/{repair}", name="Workshop", color="red").status_code == 303
    assert "Workshop" in names("statuses")
    answer = post(client, f"lists/statuses/{repair}", name="Incoming")
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert f'id="problem-{repair}"' in page.text and "already a status named Incoming" in page.text


def test_entries_are_put_in_order(client_as):
    client = client_as("manager")
    post(client, f"lists/grades/{key(Grade, 'B')}/move", step="up")
    shown = get_page(client, "/settings/lists/grades").text
    assert shown.index('value="B"') < shown.index('value="B+"')


def test_entries_are_archived_and_brought_back(client_as):
    client = client_as("manager")
    rma = key(InventoryStatus, "Vendor RMA")
    answer = post(client, f"lists/statuses/{rma}/archive", archived="1")
    page = get_page(client, answer.location)
    assert "forms no longer offer it" in page.text and "Archived" in page.text
    assert "Vendor RMA</option>" not in get_page(client, "/inventory/").text
    post(client, f"lists/statuses/{rma}/archive", archived="0")
    assert db.session.get(InventoryStatus, rma).is_archived is False


def test_an_unused_entry_is_deleted_and_one_in_use_offers_the_way_out(client_as):
    client = client_as("manager")
    repair, available = key(InventoryStatus, "Repair"), key(InventoryStatus, "Available")
    make_item(make_variation())
    assert post(client, f"lists/statuses/{repair}/delete").status_code == 303
    assert "Repair" not in names("statuses")
    answer = post(client, f"lists/statuses/{available}/delete")
    assert answer.status_code == 422
    assert (
        "1 phone uses Available, so it cannot be deleted. Merge it into another status, or archive it." in answer.text
    )
    assert f"/settings/lists/statuses/{available}/delete" not in get_page(client, "/settings/lists/statuses").text


def test_a_merge_shows_its_effect_before_it_is_done(client_as):
    client = client_as("manager")
    variation = make_variation("X")
    make_items(variation, 2)
    item = make_item(variation, status="Repair")
    make_listing(make_integration(armed=True, name="BM EU"), sku="X", title="Black <b>iPhone</b>")
    repair, available = key(InventoryStatus, "Repair"), key(InventoryStatus, "Available")
    url = f"/settings/lists/statuses/{repair}/merge"
    assert "What it changes" not in get_page(client, url).text
    page = get_page(client, f"{url}?into={available}")
    for text in ("1 listing</strong>", "1 of them armed", "Black &lt;b&gt;iPhone", "<del>2</del>", "<ins>3</ins>"):
        assert text in page.text, text
    assert "Repair" in names("statuses")
    answer = client.post(url, data={"into": available})
    assert "Merged; 1 phone moved." in get_page(client, answer.location).text
    assert "Repair" not in names("statuses")
    db.session.refresh(item)
    assert item.status_id == available
    assert client.get(url).status_code == 404


def test_a_merge_without_effect_says_so_and_one_that_loses_a_sku_is_refused(client_as):
    client = client_as("manager")
    url = f"/settings/lists/grades/{key(Grade, 'B+')}/merge"
    b = key(Grade, "B")
    assert "No listing’s number would change" in get_page(client, f"{url}?into={b}").text.replace("&#39;", "’").replace(
        "'", "’"
    )
    product = make_product()
    make_variation("X", "B", product=product)
    make_variation("Y", "B+", product=product)
    page = get_page(client, f"{url}?into={b}", 422)
    assert "carry different SKUs" in page.text
    answer = client.post(url, data={"into": b})
    assert answer.status_code == 422 and "carry different SKUs" in check_page(client, answer).text


def test_the_account_is_named_and_its_intervals_set(client_as):
    client = client_as("admin")
    assert client.get("/settings/").location == "/settings/account"
    values = {each.key: str(settings.DEFAULTS[each.key]) for each in settings.INTERVALS}
    answer = post(client, "account", organization_name="Northline <b>", **{**values, "quantities_every_minutes": "5"})
    page = get_page(client, answer.location)
    assert "<small>Northline &lt;b&gt;</small>" in page.text and 'value="5"' in page.text
    for wrong in ("", "abc", "-1", "9999999"):
        answer = post(client, "account", organization_name="N", **{**values, "quantities_every_minutes": wrong})
        assert answer.status_code == 422
        assert "choose 1 to 60 minutes" in check_page(client, answer).text


def test_sku_uniqueness_is_switched_and_refused_while_skus_are_shared(client_as):
    client = client_as("admin")
    assert "is off" in get_page(client, post(client, "sku-uniqueness", on="0").location).text
    make_variation("SHARED")
    other = make_variation("SHARED").id
    answer = post(client, "sku-uniqueness", on="1")
    assert answer.status_code == 422
    assert "SHARED (2 variations)" in check_page(client, answer).text
    skus.set_sku(other, "OTHER", SYSTEM)
    assert "is on" in get_page(client, post(client, "sku-uniqueness", on="1").location).text
    assert db.session.get(ProductVariation, other).unique_sku == "OTHER"


@pytest.mark.parametrize("url", ["account", "sku-uniqueness"])
def test_managers_do_not_change_the_account(client_as, url):
    assert post(client_as("manager"), url).status_code == 403


def test_pickers_do_not_change_lists(client_as):
    client = client_as("picker")
    assert client.get("/settings/lists/statuses").status_code == 403
    assert post(client, "lists/statuses", name="X").status_code == 403
