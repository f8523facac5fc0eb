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
)
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import Condition, Grade, ProductVariation
from wholecell.services import skus
from wholecell.services.events import SYSTEM

HTMX = {"HX-Request": "true"}


def sku_of(key):
    db.session.expire_all()
    return db.session.get(ProductVariation, key).sku


def save(client, key, sku, **more):
    headers = HTMX if more.pop("htmx", True) else {}
    return client.post(f"/catalog/{key}/sku", data={"sku": sku, **more}, headers=headers)


def test_the_list_shows_variations_with_phones_and_listings(client_as):
    client = client_as("viewer")
    variation = make_variation("X-1", "B", ["CG"], make_product("iPhone 11"))
    items = make_items(variation, 3)
    make_item(variation, status="Repair")
    commit_phone(items[0], order_items(make_order(items=[{}]))[0])
    make_listing(make_integration(), sku="X-1")
    page = get_page(client, "/catalog/")
    for text in ("iPhone 11 64GB Black", "X-1", "2 Available", "1 Repair", "1 Committed", "SKU uniqueness: on"):
        assert text in page.text, text
    assert "/sku" not in page.text
    counted = check_partial(client, client.get("/catalog/counts", headers=HTMX), "tabs")
    assert counted.text.count('class="count">1<') == 2  # all, with phones


def test_an_empty_catalog_says_how_it_fills(client_as):
    assert "The catalog is empty" in get_page(client_as("manager"), "/catalog/").text


def test_filters_and_pages_stand_in_the_url(client_as):
    client = client_as("viewer")
    for number in range(51):
        make_variation(product=make_product(f"iPhone {number:02d}"))
    page = get_page(client, "/catalog/?manufacturer=Apple")
    after = next(link for link in page.links() if "after=" in link)
    assert "manufacturer=Apple" in after
    assert "iPhone 50" in get_page(client, after).text
    assert "No variation is like that" in get_page(client, "/catalog/?model=nothing").text
    assert (
        "search for at most 500" in get_page(client, "/catalog/?q=" + "%0A".join(f"S{n}" for n in range(501)), 422).text
    )
    get_page(client, "/catalog/?tab=x&grade=y&after=z")


def test_fifty_rows_take_as_many_statements_as_ten(client_as, count_queries):
    client = client_as("manager")
    integration = make_integration()

    def add(count):
        for _ in range(count):
            variation = make_variation()
            make_item(variation)
            make_listing(integration, variations=[variation])

    def statements():
        with count_queries() as seen:
            assert client.get("/catalog/").status_code == 200
        return len(seen)

    add(10)
    statements()
    few = statements()
    add(40)
    assert statements() == few


def test_a_sku_is_edited_in_its_cell(client_as):
    client = client_as("manager")
    key = make_variation("OLD", product=make_product("iPhone 11")).id
    cell = check_partial(client, client.get(f"/catalog/{key}/sku", headers=HTMX), f"sku-{key}")
    assert 'value="OLD"' in cell.text and "Use IP11" not in cell.text
    shown = check_partial(client, client.get(f"/catalog/{key}/sku?cancel=1", headers=HTMX), f"sku-{key}")
    assert "<input" not in shown.text
    saved = check_partial(client, save(client, key, " NEW "), f"sku-{key}")
    assert "NEW" in saved.text
    assert sku_of(key) == "NEW"


def test_the_suggested_sku_is_one_click(client_as):
    client = client_as("manager")
    key = make_variation(product=make_product("iPhone 11")).id
    page = get_page(client, f"/catalog/{key}?edit=sku")
    suggestion = [form for form in page.forms if form["fields"].get("sku") == "IP11-UNL-64-BK-A"]
    assert suggestion
    assert save(client, key, **suggestion[0]["fields"], htmx=False).status_code == 303
    assert sku_of(key) == "IP11-UNL-64-BK-A"


def test_editing_works_without_a_script(client_as):
    client = client_as("manager")
    key = make_variation().id
    answer = client.get(f"/catalog/{key}/sku")
    assert answer.status_code == 303
    assert get_page(client, answer.location).form(f"/catalog/{key}/sku")
    answer = save(client, key, "X", htmx=False)
    assert "The SKU is saved." in get_page(client, answer.location).text


def test_a_taken_sku_comes_back_with_its_holder_and_the_text_typed(client_as):
    client = client_as("manager")
    make_variation("X", product=make_product("Galaxy S22"))
    key = make_variation("OLD").id
    for htmx in (True, False):
        answer = save(client, key, "X", htmx=htmx)
        assert answer.status_code == 422
        assert "X is already the SKU of Galaxy S22" in answer.text and 'value="X"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    check_page(client, answer)
    assert sku_of(key) == "OLD"


def test_a_sku_changed_meanwhile_is_not_overwritten(client_as):
    client = client_as("manager")
    key = make_variation("OLD").id
    skus.set_sku(key, "NEWER", SYSTEM)
    answer = save(client, key, "MINE", version=1)
    assert answer.status_code == 422 and "changed by somebody else" in answer.text


def test_a_sku_armed_listings_follow_asks_first(client_as):
    client = client_as("manager")
    key = make_variation("OLD").id
    make_listing(make_integration(armed=True, name="BM EU"), sku="OLD", title="Black <b>iPhone</b>", last_offered=7)
    for htmx in (True, False):
        answer = save(client, key, "NEW", htmx=htmx)
        assert answer.status_code == 422
        for text in ("1 armed listing would follow no phone", "Black &lt;b&gt;iPhone", "BM EU, offers 7", "Keep OLD"):
            assert text in answer.text, text
    assert sku_of(key) == "OLD"
    check_page(client, answer)
    assert "Without a SKU" in save(client, key, "").text
    assert save(client, key, "NEW", confirmed="1").status_code == 200
    assert sku_of(key) == "NEW"


def test_only_managers_change_the_catalog(client_as):
    client = client_as("picker")
    key = make_variation("OLD").id
    assert save(client, key, "X").status_code == 403
    assert client.get("/catalog/new").status_code == 403
    assert client.post("/catalog/new").status_code == 403
    assert client.get("/catalog/999").status_code == client.get("/catalog/999/sku", headers=HTMX).status_code == 404


def test_a_variations_page_shows_what_hangs_on_it(client_as):
    client = client_as("picker")
    variation = make_variation("X-1", "B", ["CG"], make_product("iPhone 11", network="Sprint"))
    make_items(variation, 2)
    make_listing(make_integration(name="BM EU"), variations=[variation], title="A listing")
    skus.set_sku(variation.id, "X-2", SYSTEM)
    page = get_page(client, f"/catalog/{variation.id}")
    for text in ("Sprint", "CG", "X-2", "X-1", "Available", "A listing", "BM EU"):
        assert text in page.text, text
    assert f"/intake/?variation={variation.id}" in page.links()


def new(client, **changes):
    fields = {
        "manufacturer": "Apple",
        "model": "iPhone 11",
        "variant": "A2111",
        "network": "Unlocked",
        "capacity": "64GB",
        "color": "Black",
        "grade": named(Grade, "B").id,
        "conditions": [named(Condition, "Cracked glass").id],
        "sku": "X-1",
        "price": "149",
    }
    return client.post("/catalog/new", data={**fields, **changes})


def test_a_variation_is_added_with_sku_and_price(client_as):
    client = client_as("manager")
    get_page(client, "/catalog/new")
    answer = new(client)
    row = db.session.scalars(sa.select(ProductVariation)).one()
    assert (row.condition_codes, row.sku, row.unique_sku, row.price_cents) == ("CG", "X-1", "X-1", 14_900)
    assert "The variation is in the catalog." in get_page(client, answer.location).text


def test_what_cannot_be_added_comes_back_with_the_reason(client_as):
    client = client_as("manager")
    new(client)
    for changes, says in (
        ({"sku": "Y"}, "The catalog has this variation already"),
        ({"color": "Red"}, "X-1 is already the SKU of iPhone 11"),
        ({"model": " "}, "Model is blank: write unknown"),
        ({"price": "dear"}, "is not an amount"),
        ({"color": "x" * 61}, "Use up to 60 characters"),
        ({"grade": 999}, "Not a valid choice"),
    ):
        answer = new(client, **changes)
        assert answer.status_code == 422, changes
        assert says in check_page(client, answer).text, says
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ProductVariation)) == 1
